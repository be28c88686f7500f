/**
 * Checkpoints beside the steps: values are copied between two of them, and a thread writes the
 * copy while the next ones go on.
 *
 *   steps    ── n ──┤copy├── n + 1 ── n + 2 ── … ──┤wait, copy├── …
 *   thread            └── write, fsync, hash, rename ──┘ one at a time
 *
 * The copy is made once, at the start, and filled again. A run that is cut needs none: what was
 * gathered from its chips is one, which stays until the thread has read it. What failed is thrown
 * where the caller asks next, and the run ends with the checkpoint before.
 *
 * Answers of the thread come as messages: whoever trains yields to the event loop between steps
 * (`setImmediate`), or learns of them in `begin` and `settle` alone.
 */
import { Worker } from 'node:worker_threads';
import { assert, reasonOf, WaferError } from '@wafer/core';
import type { Model } from '@wafer/models';
import { programEntry } from '@wafer/runtime/programs';
import type { TrainRun } from '../engine/run.ts';
import { copyBytes, HeldValues, placesOfCopy } from '../engine/values.ts';
import type { TrainProgram } from '../network/program.ts';
import type { ValuePlaces } from '../engine/values.ts';
import type { CheckpointUse } from './checkpoint.ts';

/** What the thread is started with. */
export interface WriterJob {
  program: TrainProgram;
  model: Model;
  places: ValuePlaces;
  buffer: ArrayBufferLike;
}

/** What it is asked, one at a time. */
export interface WriteOrder {
  folder: string;
  use: Omit<CheckpointUse, 'model'>;
  /** A file that is to be on the disk before the checkpoint has its name. */
  log: string | undefined;
}

/** What it answers. */
export type WriteAnswer =
  | { path: string; writeMs: number }
  | { error: ReturnType<WaferError['toJSON']> };

/** What checkpoints took of the steps' time, and beside it. */
export interface AsideTimes {
  count: number;
  /** Between steps: the copy, and what a run that is cut takes to gather it. */
  copyMs: number;
  /** Between steps: until the one before was on the disk. */
  waitMs: number;
  /** How many waited. */
  waits: number;
  /** Beside the steps. */
  writeMs: number;
}

export class AsideCheckpoints {
  readonly #run: TrainRun;
  readonly #model: Model;
  readonly #copy: HeldValues;
  readonly #buffer: ArrayBufferLike;
  readonly #times: AsideTimes = { count: 0, copyMs: 0, waitMs: 0, waits: 0, writeMs: 0 };
  #worker: Worker | undefined;
  #written: PromiseWithResolvers<void> | undefined;
  #failure: WaferError | undefined;
  #isBeginning = false;

  /** Reserves the copy. Throws: HOST_REFUSED. */
  constructor(run: TrainRun, model: Model) {
    this.#run = run;
    this.#model = model;
    const { places } = run.values;
    this.#buffer = run.isImage ? run.buffer : createCopy(copyBytes(places));
    const own = run.isImage ? places : placesOfCopy(places);
    this.#copy = new HeldValues(run.program, own, this.#buffer);
  }

  /** Bytes of the copy; 0 where what was gathered is one. */
  get bytes(): number {
    return this.#run.isImage ? 0 : this.#buffer.byteLength;
  }

  get times(): Readonly<AsideTimes> {
    return this.#times;
  }

  /**
   * Begins a checkpoint of the step that has ended; waits while the one before is being written.
   * Throws: OUTPUT_FAILED of that one, CHIP_DIED.
   */
  async begin(folder: string, use: CheckpointUse, log?: string): Promise<void> {
    assert(!this.#isBeginning, 'one checkpoint is begun at a time', { folder });
    this.#isBeginning = true;
    try {
      await this.#begin(folder, use, log);
    } finally {
      this.#isBeginning = false;
    }
  }

  /** Waits until what was begun is on the disk. Throws: OUTPUT_FAILED. */
  async settle(): Promise<void> {
    await this.#written?.promise;
    this.check();
  }

  /** Between steps: whether one has failed. Throws: OUTPUT_FAILED. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for what was begun, and ends the thread. */
  async close(): Promise<void> {
    await this.#written?.promise;
    await this.#worker?.terminate();
  }

  async #begin(folder: string, { model: _, ...use }: CheckpointUse, log?: string): Promise<void> {
    const times = this.#times;
    const startMs = performance.now();
    if (this.#written !== undefined) times.waits++;
    await this.settle();
    const copyMs = performance.now();
    times.waitMs += copyMs - startMs;
    await this.#run.gather();
    if (!this.#run.isImage) this.#copy.copyFrom(this.#run.values);
    times.copyMs += performance.now() - copyMs;
    this.#worker ??= this.#start();
    this.#worker.postMessage({ folder, use, log } satisfies WriteOrder);
    // Not before: an order that could not leave has no answer to wait for.
    this.#written = Promise.withResolvers();
    if (this.#run.isImage) this.#run.keepUntil(this.#written.promise);
  }

  #start(): Worker {
    const { program, places } = this.#copy;
    const { tokenizer: read } = this.#model;
    // The contents of its files: facts that were read from GGUF hold functions.
    const { tokenizerJson, tokenizerConfig } = read ?? {};
    const tokenizer = read && { tokenizerJson, tokenizerConfig };
    const model = { ...this.#model, tokenizer };
    const workerData: WriterJob = { program, places, model, buffer: this.#buffer };
    const worker = new Worker(workerUrl(), { workerData });
    worker.on('message', (answer: WriteAnswer) => this.#take(answer));
    worker.on('error', (error) => this.#lose(reasonOf(error)));
    worker.on('exit', (code) => this.#lose(`with exit code ${code}`));
    return worker;
  }

  /** The thread has ended, with or without an order that it had. */
  #lose(how: string): void {
    if (this.#written === undefined) return;
    const reason = `the thread that writes ended: ${how}`;
    this.#take({ error: new WaferError('OUTPUT_FAILED', { path: 'a checkpoint', reason }) });
  }

  #take(answer: WriteAnswer): void {
    if ('error' in answer) this.#failure = WaferError.fromJSON(answer.error);
    else {
      this.#times.count++;
      this.#times.writeMs += answer.writeMs;
    }
    this.#written?.resolve();
    this.#written = undefined;
  }
}

/** Memory for a copy, as any thread may read it. Throws: HOST_REFUSED. */
function createCopy(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (error) {
    const what = `keep a copy of ${bytes} bytes, which checkpoints are written from`;
    const hint = 'with --checkpoint-every 0 one is written at the end alone, without a copy';
    throw new WaferError('HOST_REFUSED', { what, reason: reasonOf(error), hint });
  }
}

/** The program's file lies beside this one, before and after the build. */
function workerUrl(): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return programEntry(new URL(`./aside-worker.${ending}`, import.meta.url));
}
