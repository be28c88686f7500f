/**
 * Puts a tile together in its thread: kernels on its SRAM, the ends of its channels, its program.
 */
import { StepView } from '@wafer/core';
import type { ChannelPlan, TilePlan } from '@wafer/core';
import { ControlLine, Doorbell, WindowReceiver, WindowSender } from '@wafer/fabric';
import type { Receiver, Sender } from '@wafer/fabric';
import { createCopier, instantiateKernels } from '@wafer/kernels';
import { SubmissionWriter } from '../chip/submission-queue.ts';
import { ChipReceiver, OutboxSender } from '../chip/outbox.ts';
import type { TraceWriter } from '../trace/trace-ring.ts';
import { bindPrograms } from './bind-program.ts';
import type { PortEnds } from './port-ends.ts';
import type { ThreadClock } from '../virtual/thread-clock.ts';
import type { ThreadTask } from './thread-task.ts';
import { Tile } from './tile.ts';

/** The link ends of a thread. */
export interface LinkEnds extends PortEnds {
  /** In a chip process: how the I/O thread is told. */
  submissions: SubmissionWriter | undefined;
}

/** Ports are loaded where there are some only: threads start sooner without. */
export async function bindLinks(task: ThreadTask): Promise<LinkEnds> {
  const hasPorts = task.sources.length + task.targets.length > 0;
  const ports = hasPorts ? (await import('./port-ends.ts')).bindPorts(task) : NO_PORTS;
  const io = new Doorbell(task.doorbells, task.engineThread);
  const submissions = task.chip && new SubmissionWriter(task.chip.submissions, io);
  return { ...ports, submissions };
}

const NO_PORTS: PortEnds = { sources: new Map(), targets: new Map() };

/** What the tiles of a thread have in common. */
export interface ThreadParts {
  links: LinkEnds;
  trace: TraceWriter | undefined;
  clock: ThreadClock | undefined;
}

export function bindTile(plan: TilePlan, task: ThreadTask, thread: ThreadParts): Tile {
  const { trace, clock } = thread;
  const memory = task.memories.get(plan.index)!;
  const step = new StepView(memory.buffer);
  const lines = new Map<number, ControlLine>();
  const senders = new Map<number, Sender>();
  const receivers = new Map<number, Receiver>();
  const channels = new Map<number, ChannelPlan>();
  for (const channel of task.channels) {
    if (channel.source !== plan.index && channel.target !== plan.index) continue;
    channels.set(channel.index, channel);
    if (task.chip?.places.has(channel.index) ?? false) {
      senders.set(channel.index, bindOutbox(channel, task, thread.links));
      continue;
    }
    const line = new ControlLine(task.memories.get(channel.target)!.buffer, channel.control);
    lines.set(channel.index, line);
    if (channel.source === plan.index) {
      senders.set(channel.index, bindSender(channel, line, task, thread));
    } else {
      receivers.set(channel.index, bindReceiver(channel, line, task, thread));
    }
  }
  const bound = bindPrograms(plan.programs, {
    kernels: instantiateKernels(task.kernels, memory),
    step,
    constants: plan.constants,
    floats: new Float32Array(memory.buffer),
    integers: new Int32Array(memory.buffer),
    senders,
    receivers,
    channels,
    reportLogits: createReport(memory, task),
    owned: { count: 0, indices: new Int32Array(task.rowsMax) },
  });
  const programs = clock?.timed(plan, bound, step) ?? bound;
  const doorbell = new Doorbell(task.doorbells, task.engineThread);
  return new Tile(plan, { memory: memory.buffer, programs, step, lines, trace, doorbell });
}

function bindSender(
  channel: ChannelPlan,
  line: ControlLine,
  task: ThreadTask,
  { links, clock }: ThreadParts,
): Sender {
  const link = links.sources.get(`${channel.source}>${channel.target}`);
  if (link) {
    const sender = link.sender(channel, line);
    return clock?.sender(channel, sender) ?? sender;
  }
  const copier = createCopier(
    task.memories.get(channel.source)!,
    task.memories.get(channel.target)!,
  );
  const doorbell = new Doorbell(task.doorbells, task.threadOf[channel.target]!);
  return new WindowSender(channel, { line, copier, doorbell });
}

/** The sending end of a channel to another process; the line is there. */
function bindOutbox(channel: ChannelPlan, task: ThreadTask, links: LinkEnds): Sender {
  const { boxes, places } = task.chip!;
  const box = boxes.get(channel.source)!;
  const copier = createCopier(task.memories.get(channel.source)!, box);
  const place = places.get(channel.index)!;
  return new OutboxSender(channel, { place, box, copier, submissions: links.submissions! });
}

function bindReceiver(
  channel: ChannelPlan,
  line: ControlLine,
  task: ThreadTask,
  { links, clock }: ThreadParts,
): Receiver {
  const link = links.targets.get(`${channel.source}>${channel.target}`);
  if (link) {
    const receiver = link.receiver(channel);
    return clock?.receiver(channel, receiver) ?? receiver;
  }
  if (task.chip?.inbound.has(channel.index) ?? false) {
    const doorbell = new Doorbell(task.doorbells, task.engineThread);
    const window = new WindowReceiver(channel, { line, doorbell });
    return new ChipReceiver(channel.index, window, links.submissions!);
  }
  const doorbell = new Doorbell(task.doorbells, task.threadOf[channel.source]!);
  return new WindowReceiver(channel, { line, doorbell });
}

type Report = (
  logits: { address: number; stride: number },
  rowCount: number,
  firstId: number,
  count: number,
) => void;

/** Copies logits into the host's rows, [rows, V], then counts one report and rings the engine. */
function createReport(memory: WebAssembly.Memory, task: ThreadTask): Report {
  const { layout } = task.host;
  const words = new Int32Array(task.host.memory.buffer, 0, 16);
  const copier = createCopier(memory, task.host.memory);
  const engine = new Doorbell(task.doorbells, task.engineThread);
  return (logits, rowCount, firstId, count) => {
    if (rowCount > 0 && count > 0) {
      copier.copyRows(
        layout.logits + firstId * 4,
        task.vocabCount * 4,
        logits.address,
        logits.stride * 4,
        count * 4,
        rowCount,
      );
    }
    Atomics.add(words, layout.headReports / 4, 1);
    engine.ring();
  };
}
