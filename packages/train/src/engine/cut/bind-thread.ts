/**
 * Binds a thread of a cut run to what carries its channels.
 */
import { Doorbell, firstOf, PortTransport, SocketTransport } from '@wafer/fabric';
import type { ChipTask, PortEnd, Transport, TransportParts } from '@wafer/fabric';
import { createCopier } from '@wafer/kernels';
import type { TrainLayout } from '../layout.ts';
import type { CutPart } from '../thread.ts';
import type { ThreadPlace } from '../thread-state.ts';
import { bindCrossing } from './crossing.ts';
import type { TrainCut } from './plan-cut.ts';

/** What a thread of a cut run is told of it. */
export interface CrossingTask {
  cut: TrainCut;
  chip: number;
  /** By chip: those of this process. */
  memories: ReadonlyMap<number, WebAssembly.Memory>;
  doorbells: Int32Array;
  /** The thread that the first doorbell is of; that of sockets has the one after the last. */
  firstThread: number;
  /** Ports of this thread, where chips are threads of one process. */
  sources: readonly PortEnd[];
  targets: readonly PortEnd[];
  /** Outboxes, where they are processes. */
  task: ChipTask | undefined;
}

/** The thread's number among all. */
export function threadOf({ shape }: TrainLayout, { replica, stage, tile }: ThreadPlace): number {
  return (replica * shape.stages + stage) * shape.tiles + tile;
}

/** The part of a thread in its cut run. */
export function bindThread(
  task: CrossingTask,
  { layout, place }: { layout: TrainLayout; place: ThreadPlace },
): CutPart {
  const { cut, chip, memories, doorbells, firstThread } = task;
  const thread = threadOf(layout, place);
  const doorbellOf = (other: number): Doorbell => new Doorbell(doorbells, other - firstThread);
  const parts: TransportParts = {
    memoryOf: (other) => memories.get(cut.chipOf[other]!)!,
    doorbellOf,
    copierOf: createCopier,
  };
  const transports: Transport[] = [];
  if (task.task !== undefined) {
    const io = doorbellOf(firstThread + cut.shares[chip]!.threadCount);
    transports.push(new SocketTransport(task.task, parts, io));
  } else transports.push(new PortTransport(task, parts));
  const transport = firstOf(transports);
  return bindCrossing({ cut, chip, thread, place, transport, doorbell: doorbellOf(thread) });
}
