/**
 * What training takes of memory, in a process where nothing else was: the resident set when the
 * first steps are done, beyond what it was when all code had been loaded.
 */
import type { RunnerOf } from '../process/runner.ts';
import { Contender } from './contender.ts';
import type { Arrangement, TrainCase } from './train-cases.ts';

interface TrainMemoryOptions {
  one: TrainCase;
  arrangement: Arrangement;
}

/** Bytes taken on, of which there are only the first. */
export interface TrainMemoryRole {
  name: 'train-memory';
  options: TrainMemoryOptions;
  task: undefined;
  sample: number;
}

/** Holds a run for as long as its process lives. */
export class TrainMemory implements RunnerOf<TrainMemoryRole> {
  readonly #contender: Contender;
  readonly #takenBytes: number;

  private constructor(contender: Contender, takenBytes: number) {
    this.#contender = contender;
    this.#takenBytes = takenBytes;
  }

  static async open({ one, arrangement }: TrainMemoryOptions): Promise<TrainMemory> {
    const before = process.memoryUsage.rss();
    const contender = await Contender.open(one, arrangement);
    return new TrainMemory(contender, process.memoryUsage.rss() - before);
  }

  measure(): Promise<number> {
    return Promise.resolve(this.#takenBytes);
  }

  async close(): Promise<void> {
    await this.#contender.close();
  }
}
