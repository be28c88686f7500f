/**
 * Puts a tile together in its thread: kernels on its SRAM, the ends of its channels, its program.
 */
import { StepView } from '@wafer/core';
import type { ChannelPlan, TilePlan } from '@wafer/core';
import { ControlLine, Doorbell } from '@wafer/fabric';
import type { Receiver, Sender, Transport } from '@wafer/fabric';
import { createCopier, instantiateKernels } from '@wafer/kernels';
import type { TraceWriter } from '../trace/trace-ring.ts';
import { bindPrograms } from './bind-program.ts';
import type { ThreadClock } from './thread-clock.ts';
import type { ThreadTask } from './thread-task.ts';
import { Tile } from './tile.ts';

/** What the tiles of a thread have in common. */
export interface ThreadParts {
  transport: Transport;
  trace: TraceWriter | undefined;
  clock: ThreadClock | undefined;
}

export function bindTile(plan: TilePlan, task: ThreadTask, thread: ThreadParts): Tile {
  const { transport, trace, clock } = thread;
  const memory = task.memories.get(plan.index)!;
  const step = new StepView(memory.buffer);
  const lines = new Map<number, ControlLine>();
  const senders = new Map<number, Sender>();
  const receivers = new Map<number, Receiver>();
  const channels = new Map<number, ChannelPlan>();
  for (const channel of task.channels) {
    const { index, source, target, control } = channel;
    if (source === plan.index) senders.set(index, transport.sender(channel));
    else if (target === plan.index) {
      receivers.set(index, transport.receiver(channel));
      lines.set(index, new ControlLine(memory.buffer, control));
    } else continue;
    channels.set(index, channel);
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
  return new Tile(plan, {
    memory: memory.buffer,
    programs,
    step,
    lines,
    trace,
    clock: clock?.clockOf(plan.index),
    doorbell,
  });
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
