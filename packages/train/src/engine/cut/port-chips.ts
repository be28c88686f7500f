/**
 * Chips that are threads of this process, each with a memory of its own: nothing is shared but what
 * their ports carry. What the run writes and reads it copies.
 */
import { MessageChannel } from 'node:worker_threads';
import { createDoorbells } from '@wafer/fabric';
import type { PortEnd } from '@wafer/fabric';
import { CONTROL, controlWords } from '../control.ts';
import { createTrainMemory } from '../memory.ts';
import { placesOf, startThreads } from '../threads.ts';
import type { Threads, WorkerJob } from '../threads.ts';
import type { TrainChips } from './chips.ts';
import type { TrainCut } from './plan-cut.ts';
import type { MemoryRange } from './ranges.ts';

export class PortChips implements TrainChips {
  readonly #job: Omit<WorkerJob, 'place'>;
  readonly #cut: TrainCut;
  readonly #memories: readonly WebAssembly.Memory[];
  #threads: Threads | undefined;
  #steps = 0;

  /** `job.memory` is the run's. */
  constructor(job: Omit<WorkerJob, 'place'>, cut: TrainCut) {
    this.#job = job;
    this.#cut = cut;
    this.#memories = cut.shares.map(() => createTrainMemory(cut.bytes));
  }

  async begin(): Promise<void> {
    const { constants, shares } = this.#cut;
    shares.forEach(({ weights, moments }, chip) => {
      this.#put(chip, [...constants, ...weights, ...moments]);
    });
    this.#threads = startThreads(this.#groups());
  }

  async step({ isEvaluation }: { isEvaluation: boolean }): Promise<void> {
    const { inputs, shares } = this.#cut;
    this.#steps++;
    this.#memories.forEach((memory, chip) => {
      this.#put(chip, inputs);
      const words = controlWords(memory, this.#job.layout);
      Atomics.store(words, CONTROL.isEvaluation, isEvaluation ? 1 : 0);
    });
    await this.#threads!.step(this.#steps);
    shares.forEach(({ reports }, chip) => this.#take(chip, reports));
  }

  async gather(): Promise<void> {
    this.#cut.shares.forEach(({ ownRanges, moments }, chip) => {
      this.#take(chip, [...ownRanges, ...moments]);
    });
  }

  async close(): Promise<void> {
    await this.#threads?.close();
  }

  #groups(): WorkerJob[][] {
    const { cut, ...job } = { ...this.#job, cut: this.#cut };
    const places = placesOf(job.layout);
    const doorbells = createDoorbells(places.length);
    const ports = portsOf(cut);
    const memories = new Map(this.#memories.entries());
    return cut.shares.map(({ first, threadCount }, chip) =>
      places.slice(first, first + threadCount).map((place, index): WorkerJob => {
        const thread = first + index;
        const sources = ports.sources.filter(({ source }) => source === thread);
        const targets = ports.targets.filter(({ target }) => target === thread);
        const ends = { sources, targets, task: undefined };
        const crossing = { cut, chip, memories, doorbells, firstThread: 0, ...ends };
        return { ...job, memory: this.#memories[chip]!, place, crossing };
      }),
    );
  }

  #put(chip: number, ranges: readonly MemoryRange[]): void {
    copy(this.#job.memory, this.#memories[chip]!, ranges);
  }

  #take(chip: number, ranges: readonly MemoryRange[]): void {
    copy(this.#memories[chip]!, this.#job.memory, ranges);
  }
}

function copy(
  from: WebAssembly.Memory,
  to: WebAssembly.Memory,
  ranges: readonly MemoryRange[],
): void {
  const [source, target] = [new Uint8Array(from.buffer), new Uint8Array(to.buffer)];
  for (const { start, end } of ranges) target.set(source.subarray(start, end), start);
}

/** One pair of ports for every two threads that a channel joins. */
function portsOf({ channels }: TrainCut): { sources: PortEnd[]; targets: PortEnd[] } {
  const pairs = new Map(
    channels.map(({ source, target }) => [`${source} ${target}`, { source, target }]),
  );
  const sources: PortEnd[] = [];
  const targets: PortEnd[] = [];
  for (const pair of pairs.values()) {
    const { port1, port2 } = new MessageChannel();
    sources.push({ ...pair, port: port1 });
    targets.push({ ...pair, port: port2 });
  }
  return { sources, targets };
}
