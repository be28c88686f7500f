/**
 * Micro-benchmarks of channels between two threads: a window and a port, with messages of two
 * sizes, beside a plain copy of the same bytes in one thread.
 *
 * A call sends one message and waits until its window is given back, so nothing overlaps: the time
 * of a message, there and back. The receiving thread lives in micro/worker.ts.
 */
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { ChannelPlan } from '@wafer/core';
import {
  ControlLine,
  createDoorbells,
  Doorbell,
  PortSource,
  ringStop,
  WindowSender,
} from '@wafer/fabric';
import type { Sender } from '@wafer/fabric';
import { createCopier, MEMORY_PAGES_MAX } from '@wafer/kernels';
import { workerUrl } from '../worker-url.ts';
import type { MicroCase } from './micro-case.ts';

export type ChannelCaseKind = 'window' | 'port';

/** What the receiving thread is started with. */
export interface ReceiverInput {
  kind: ChannelCaseKind;
  plan: ChannelPlan;
  memory: WebAssembly.Memory;
  doorbells: Int32Array;
  port: MessagePort;
}

/** Cases, and how to end the threads behind them. */
export interface ChannelCases {
  cases: MicroCase[];
  close(): Promise<void>;
}

/** Which doorbell is whose. */
export const SENDER = 0;
export const RECEIVER = 1;

const ROW_ELEMENTS = 1024; // 4 KiB
const WINDOW_ADDRESS = 65_536;
const ROWS_MAX = 16;
const ROW_COUNTS = [1, ROWS_MAX];
const PAGES = 3;
const SPIN_COUNT = 1000;

/** The name of a case, and of the copy that it is compared with. */
export function channelCaseName(kind: ChannelCaseKind | 'copy', rowCount: number): string {
  const bytes = `${(rowCount * ROW_ELEMENTS * 4) / 1024} KiB`;
  return kind === 'copy' ? `copy ${bytes}` : `channel ${kind} ${bytes}`;
}

/** Starts the receiving threads. */
export async function openChannelCases(): Promise<ChannelCases> {
  const channels = [await openChannel('window'), await openChannel('port')];
  const copies = ROW_COUNTS.map(copyCase);
  return {
    cases: [...copies, ...channels.flatMap(({ cases }) => cases)],
    close: async () => {
      for (const { close } of channels) await close();
    },
  };
}

function createMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: PAGES, maximum: MEMORY_PAGES_MAX, shared: true });
}

function fill(memory: WebAssembly.Memory): void {
  const values = new Float32Array(memory.buffer, WINDOW_ADDRESS, ROWS_MAX * ROW_ELEMENTS);
  for (let i = 0; i < values.length; i++) values[i] = i;
}

async function openChannel(kind: ChannelCaseKind): Promise<ChannelCases> {
  const [source, target] = [createMemory(), createMemory()];
  fill(source);
  const rows = { address: WINDOW_ADDRESS, stride: ROW_ELEMENTS };
  const plan: ChannelPlan = {
    ...{ index: 0, source: SENDER, target: RECEIVER, window: 'bench', collective: 0 },
    ...{ kind: 'rows', rowsMax: ROWS_MAX, routed: undefined },
    ...{ columnCount: ROW_ELEMENTS, sourceRows: rows, targetRows: rows, control: 64 },
  };
  const doorbells = createDoorbells(2);
  const { port1, port2 } = new MessageChannel();
  const workerData: ReceiverInput = { kind, plan, memory: target, doorbells, port: port2 };
  const worker = new Worker(workerUrl('./micro/worker'), { workerData, transferList: [port2] });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const line = new ControlLine(target.buffer, plan.control);
  const doorbell = new Doorbell(doorbells, RECEIVER);
  const copier = createCopier(source, target);
  const sender =
    kind === 'window'
      ? new WindowSender(plan, { line, copier, doorbell })
      : new PortSource({ port: port1, doorbell, memory: source.buffer }).sender(plan, line);
  const own = new Doorbell(doorbells, SENDER);
  return {
    cases: ROW_COUNTS.map((rowCount) => channelCase(sender, own, { kind, rowCount, target })),
    close: async () => {
      ringStop(doorbells);
      port1.close();
      await worker.terminate();
    },
  };
}

function channelCase(
  sender: Sender,
  doorbell: Doorbell,
  use: { kind: ChannelCaseKind; rowCount: number; target: WebAssembly.Memory },
): MicroCase {
  const { kind, rowCount, target } = use;
  const rows = { count: rowCount, indices: undefined };
  const bytes = rowCount * ROW_ELEMENTS * 4;
  const hasCredit = (): boolean => sender.hasCredit();
  return {
    name: channelCaseName(kind, rowCount),
    bytes,
    flops: 0,
    run: () => {
      sender.send(rows);
      for (let i = 0; !hasCredit(); i++) if (i > SPIN_COUNT) doorbell.sleepUnless(hasCredit);
    },
    output: () => new Uint8Array(target.buffer, WINDOW_ADDRESS, bytes).slice(),
  };
}

function copyCase(rowCount: number): MicroCase {
  const [source, target] = [createMemory(), createMemory()];
  fill(source);
  const { copy } = createCopier(source, target);
  const bytes = rowCount * ROW_ELEMENTS * 4;
  return {
    name: channelCaseName('copy', rowCount),
    bytes,
    flops: 0,
    run: () => copy(WINDOW_ADDRESS, WINDOW_ADDRESS, bytes),
    output: () => new Uint8Array(target.buffer, WINDOW_ADDRESS, bytes).slice(),
  };
}
