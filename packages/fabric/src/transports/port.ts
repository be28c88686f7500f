/**
 * Carries channels across a kerf between threads: MessagePort, messages packed by msgpackr.
 *
 * A link joins one source tile to one target tile, for all channels between them, and takes their
 * credits back. The receiving thread drains its port when it looks for a message (its doorbell was
 * rung), scatters the rows into the window and publishes them there, so that a program cannot tell
 * a link from a window.
 *
 *   source ── [channel, sequence, rows | indices, bytes] ──▶ target
 *   source ◀─ [channel, popped] ──────────────────────────── target
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { Packr } from 'msgpackr/pack';
import { assert } from '@wafer/core';
import type { ChannelPlan } from '@wafer/core';
import { ControlLine, WindowReceiver } from '../channel.ts';
import type { MessageRows, Receiver, Sender } from '../channel.ts';
import type { Doorbell } from '../doorbell.ts';
import type { Transport, TransportParts } from './transport.ts';

/** channel, sequence, row count or row indices, rows without gaps. */
type DataMessage = [number, number, number | number[], Uint8Array];
/** channel, windows given back. */
type CreditMessage = [number, number];

const packr = new Packr({ useRecords: false });

/** Posts bytes of their own: a view would be cloned with the packer's whole pool behind it. */
function post(port: MessagePort, packed: Uint8Array): void {
  const own = new Uint8Array(packed);
  port.postMessage(own, [own.buffer]);
}

/** The sending end of all channels from one tile to another. */
export class PortSource {
  readonly #port: MessagePort;
  readonly #doorbell: Doorbell;
  readonly #memory: Uint8Array;
  readonly #credits = new Map<number, number>();

  /** `doorbell` is the receiving thread's, `memory` the sending tile's. */
  constructor(parts: { port: MessagePort; doorbell: Doorbell; memory: ArrayBufferLike }) {
    this.#port = parts.port;
    this.#doorbell = parts.doorbell;
    this.#memory = new Uint8Array(parts.memory);
  }

  /** The sending end of one channel. Its counters go to `line`, in the sender's process. */
  sender(plan: ChannelPlan, line: ControlLine): Sender {
    let sent = line.pushed;
    this.#credits.set(plan.index, sent);
    const hasCredit = (): boolean => ((sent - this.#credits.get(plan.index)!) | 0) < 1;
    return {
      hasCredit: () => {
        if (!hasCredit()) this.#takeCredits();
        return hasCredit();
      },
      send: (rows) => {
        sent = (sent + 1) | 0;
        this.#post(plan, line, { sequence: sent, rows });
      },
    };
  }

  #post(
    plan: ChannelPlan,
    line: ControlLine,
    message: { sequence: number; rows: MessageRows },
  ): void {
    const { sequence, rows } = message;
    const rowBytes = plan.columnCount * 4;
    const payload = new Uint8Array(rows.count * rowBytes);
    for (let i = 0; i < rows.count; i++) {
      const row = rows.indices ? rows.indices[i]! : i;
      const start = plan.sourceRows.address + row * plan.sourceRows.stride * 4;
      payload.set(this.#memory.subarray(start, start + rowBytes), i * rowBytes);
    }
    const which = rows.indices ? Array.from(rows.indices.subarray(0, rows.count)) : rows.count;
    const data: DataMessage = [plan.index, sequence, which, payload];
    const packed = packr.pack(data);
    line.countMessage(payload.length, packed.length - payload.length);
    post(this.#port, packed);
    this.#doorbell.ring();
  }

  #takeCredits(): void {
    for (let got = receiveMessageOnPort(this.#port); got; got = receiveMessageOnPort(this.#port)) {
      const [channel, popped] = packr.unpack(got.message as Uint8Array) as CreditMessage;
      this.#credits.set(channel, popped);
    }
  }
}

/** The receiving end of all channels from one tile to another. */
export class PortTarget {
  readonly #port: MessagePort;
  readonly #doorbell: Doorbell;
  readonly #memory: Uint8Array;
  readonly #channels = new Map<number, { plan: ChannelPlan; line: ControlLine }>();

  /** `doorbell` is the sending thread's, `memory` the receiving tile's. */
  constructor(parts: { port: MessagePort; doorbell: Doorbell; memory: ArrayBufferLike }) {
    this.#port = parts.port;
    this.#doorbell = parts.doorbell;
    this.#memory = new Uint8Array(parts.memory);
  }

  /** The receiving end of one channel. */
  receiver(plan: ChannelPlan): Receiver {
    const line = new ControlLine(this.#memory.buffer, plan.control);
    this.#channels.set(plan.index, { plan, line });
    const window = new WindowReceiver(plan, { line, doorbell: this.#doorbell });
    return {
      isReady: () => {
        if (!window.isReady()) this.#drain();
        return window.isReady();
      },
      take: () => window.take(),
      release: () => {
        // The credit is posted before the window's release rings the sender.
        const credit: CreditMessage = [plan.index, (line.popped + 1) | 0];
        post(this.#port, packr.pack(credit));
        window.release();
      },
    };
  }

  #drain(): void {
    for (let got = receiveMessageOnPort(this.#port); got; got = receiveMessageOnPort(this.#port)) {
      const message = packr.unpack(got.message as Uint8Array) as DataMessage;
      const { plan, line } = this.#channels.get(message[0])!;
      this.#scatter(plan, line, message);
    }
  }

  #scatter(plan: ChannelPlan, line: ControlLine, [, sequence, which, payload]: DataMessage): void {
    const rowBytes = plan.columnCount * 4;
    const rowCount = typeof which === 'number' ? which : which.length;
    for (let i = 0; i < rowCount; i++) {
      const row = typeof which === 'number' ? i : which[i]!;
      const target = plan.targetRows.address + row * plan.targetRows.stride * 4;
      this.#memory.set(payload.subarray(i * rowBytes, (i + 1) * rowBytes), target);
    }
    line.publish(sequence, rowCount);
  }
}

/** One end of the port that carries all channels from one tile to another. */
export interface PortEnd {
  source: number;
  target: number;
  port: MessagePort;
}

/** Carries the channels of pairs of tiles that have a port. */
export class PortTransport implements Transport {
  readonly #parts: TransportParts;
  readonly #sources = new Map<string, PortSource>();
  readonly #targets = new Map<string, PortTarget>();

  /** Ports of ways out and in of one thread. */
  constructor(
    { sources, targets }: { sources: readonly PortEnd[]; targets: readonly PortEnd[] },
    parts: TransportParts,
  ) {
    this.#parts = parts;
    const { memoryOf, doorbellOf } = parts;
    for (const { port, ...pair } of sources) {
      const ends = { doorbell: doorbellOf(pair.target), memory: memoryOf(pair.source).buffer };
      this.#sources.set(keyOf(pair), new PortSource({ port, ...ends }));
    }
    for (const { port, ...pair } of targets) {
      const ends = { doorbell: doorbellOf(pair.source), memory: memoryOf(pair.target).buffer };
      this.#targets.set(keyOf(pair), new PortTarget({ port, ...ends }));
    }
  }

  carries(channel: ChannelPlan): boolean {
    const key = keyOf(channel);
    return this.#sources.has(key) || this.#targets.has(key);
  }

  sender(channel: ChannelPlan): Sender {
    const source = this.#sources.get(keyOf(channel));
    assert(source !== undefined, 'a way out has a port', { channel: channel.index });
    const { buffer } = this.#parts.memoryOf(channel.target);
    return source.sender(channel, new ControlLine(buffer, channel.control));
  }

  receiver(channel: ChannelPlan): Receiver {
    const target = this.#targets.get(keyOf(channel));
    assert(target !== undefined, 'a way in has a port', { channel: channel.index });
    return target.receiver(channel);
  }
}

function keyOf({ source, target }: { source: number; target: number }): string {
  return `${source}>${target}`;
}
