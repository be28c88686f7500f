/**
 * The stages before and after this one, as the threads of a stage meet them row by row.
 *
 *   before ── values of a row ──▶ this stage ── values ──▶ after
 *   before ◀─ their gradient ──── this stage ◀─ gradient ── after
 *
 * Where a neighbor shares the memory, its values are there once its counter says so; counters of
 * control words only grow. Across a cut they come as a message to the same address, and the first
 * tile, which takes it, sets the counter of a neighbor that is elsewhere.
 */
import type { Receiver, Sender } from '@wafer/fabric';
import { looksOf, publish, waitFor } from './barrier.ts';
import { stageWord } from './control.ts';
import type { TrainLayout } from './layout.ts';
import type { ThreadPlace } from './thread-state.ts';
import { TIMES } from './times.ts';

/** Ends of the channels to neighbors across a cut, by frame; none where they share the memory. */
export interface StageEnds {
  valuesIn: readonly Receiver[];
  valuesOut: readonly Sender[];
  gradientsIn: readonly Receiver[];
  gradientsOut: readonly Sender[];
  /** Blocks until it is so; asks whenever something may have come. */
  waitUntil(isSo: () => boolean): void;
}

/** A message of a cut is one row of bytes. */
export const WHOLE = { count: 1, indices: undefined } as const;

export class Neighbors {
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #ends: StageEnds | undefined;
  readonly #place: ThreadPlace;
  readonly #stages: number;
  readonly #own: number;
  readonly #before: number;
  readonly #after: number;
  readonly #looks: number;

  constructor(
    shared: { words: Int32Array; times: Float64Array },
    { layout, place, ends }: { layout: TrainLayout; place: ThreadPlace; ends?: StageEnds },
  ) {
    const { replica, stage } = place;
    this.#words = shared.words;
    this.#times = shared.times;
    this.#ends = ends;
    this.#place = place;
    const { replicas, stages, tiles } = layout.shape;
    this.#stages = stages;
    this.#looks = looksOf(replicas * stages * tiles);
    this.#own = stageWord(layout, replica, stage);
    this.#before = stageWord(layout, replica, stage - 1);
    this.#after = stageWord(layout, replica, stage + 1);
  }

  /** Waits for the values of the row that is the `count`-th of all. */
  awaitValues(frame: number, count: number): void {
    if (this.#place.stage === 0) return;
    this.#await(this.#ends?.valuesIn[frame], this.#before, count);
  }

  /** Waits for the gradient of what this stage gave on. */
  awaitGradient(frame: number, count: number): void {
    if (this.#place.stage === this.#stages - 1) return;
    this.#await(this.#ends?.gradientsIn[frame], this.#after + 1, count);
  }

  /** Gives values on; all tiles have written theirs. */
  tellValues(frame: number, count: number): void {
    if (this.#place.tile !== 0) return;
    this.#send(this.#ends?.valuesOut[frame]);
    publish(this.#words, this.#own, count);
  }

  /** Gives the gradient of this stage's inputs back, and the frame free. */
  tellGradient(frame: number, count: number): void {
    if (this.#place.tile !== 0) return;
    this.#send(this.#ends?.gradientsOut[frame]);
    this.#ends?.gradientsIn[frame]?.release();
    this.letGo(frame);
    publish(this.#words, this.#own + 1, count);
  }

  /**
   * In an evaluation: waits until the stage after is done with the row of this count; the first
   * tile, which alone knows whether that stage is near. The others meet it.
   */
  awaitFrame(count: number): void {
    if (this.#place.tile !== 0) return;
    const isNear = this.#ends === undefined || this.#ends.valuesOut.length === 0;
    // Across a cut, the message that is not given back says the same.
    if (isNear && this.#place.stage < this.#stages - 1) this.#waitFor(this.#after, count);
  }

  /** The values of a row are not needed any more. */
  letGo(frame: number): void {
    if (this.#place.tile === 0) this.#ends?.valuesIn[frame]?.release();
  }

  /** After an evaluation: as many rows count as gone back. */
  skipBack(count: number): void {
    if (this.#place.tile === 0) publish(this.#words, this.#own + 1, count);
  }

  #await(end: Receiver | undefined, word: number, count: number): void {
    const startMs = performance.now();
    if (end !== undefined && this.#place.tile === 0) {
      this.#ends!.waitUntil(() => end.isReady());
      end.take();
      publish(this.#words, word, count);
    }
    this.#waitFor(word, count);
    if (this.#place.tile === 0) this.#times[TIMES.waits]! += performance.now() - startMs;
  }

  #waitFor(word: number, value: number): void {
    waitFor(this.#words, word, { value, looks: this.#looks });
  }

  #send(end: Sender | undefined): void {
    if (end === undefined) return;
    this.#ends!.waitUntil(() => end.hasCredit());
    end.send(WHOLE);
  }
}
