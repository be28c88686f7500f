/**
 * One thread of a run: walks its rows both ways, then reduces and updates its share of all weights.
 *
 *   rows      one forward one backward: stage s has S - s rows under way at most
 *   reduce    sums of replicas in the tree · embedding · squares │ norm │ update
 *
 * A stage waits for the row of the stage before on the way forward, for that of the stage after on
 * the way back (`neighbors.ts`); everyone meets between reduce and update. Where the run is cut,
 * the first thread of a memory exchanges with others what each phase made.
 */
import { assert } from '@wafer/core';
import type { TrainOp } from '../network/program.ts';
import { looksOf, meet } from './barrier.ts';
import { backwardOp } from './backward-ops.ts';
import { forwardOp } from './forward-ops.ts';
import { CONTROL, controlWords } from './control.ts';
import type { TrainLayout } from './layout.ts';
import { meetsBackward, meetsForward } from './meetings.ts';
import { Neighbors } from './neighbors.ts';
import type { StageEnds } from './neighbors.ts';
import { stageOfTensors } from './stage-tensors.ts';
import { trainedPlaces, wholeShare } from './sums.ts';
import type { UpdateShare } from './sums.ts';
import type { SumSchedule } from './sum-schedule.ts';
import { ThreadState } from './thread-state.ts';
import type { ThreadJob, ThreadPlace } from './thread-state.ts';
import { TIMES, timesOf } from './times.ts';
import { Update } from './update.ts';

/** What of a step other memories need: parts of sums, squares for the norm, new weights. */
export type ExchangePhase = 'sums' | 'squares' | 'weights';

/** A thread's part in a run that is cut. */
export interface CutPart {
  /** First thread of its memory, and how many there are. */
  first: number;
  threadCount: number;
  share: UpdateShare;
  ends: StageEnds;
  /** Sends what others need, and waits for what this memory does; the first thread's. */
  exchange(phase: ExchangePhase): void;
}

export class TrainThread {
  readonly #state: ThreadState;
  readonly #neighbors: Neighbors;
  readonly #cut: CutPart | undefined;
  readonly #thread: number;
  readonly #update: Update;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #layout: TrainLayout;
  readonly #schedule: SumSchedule;
  readonly #party: { count: number; looks: number };
  /** Bytes of regions whose gradients this stage makes. */
  readonly #ranges: readonly (readonly number[])[];
  #rowsDone = 0;

  constructor(job: ThreadJob, place: ThreadPlace, cut?: CutPart) {
    const { layout, memory } = job;
    this.#layout = layout;
    this.#cut = cut;
    this.#words = controlWords(memory, layout);
    this.#state = new ThreadState({ ...job, words: this.#words }, place);
    const placesOf = stageOfTensors(job.program, layout.layerStages);
    this.#ranges = trainedPlaces(layout)
      .filter(({ name }) => placesOf.get(name) === place.stage)
      .map(({ offset, rows, columns }) => [offset, offset + Math.ceil((rows * columns) / 16) * 64]);
    this.#times = timesOf(memory, layout, place);
    const shared = { words: this.#words, times: this.#times };
    this.#neighbors = new Neighbors(shared, { layout, place, ...(cut && { ends: cut.ends }) });
    const { replicas, stages, tiles } = layout.shape;
    const threadCount = cut?.threadCount ?? replicas * stages * tiles;
    this.#party = { count: threadCount, looks: looksOf(replicas * stages * tiles) };
    const unit = place.replica * stages + place.stage;
    this.#thread = unit * tiles + place.tile - (cut?.first ?? 0);
    const share = cut?.share ?? wholeShare(job.program, layout);
    this.#update = new Update(job, { thread: this.#thread, threadCount, share });
    const schedule = layout.schedules[place.replica];
    assert(schedule !== undefined, 'a replica has a schedule', { ...place });
    this.#schedule = schedule;
  }

  /** Waits for steps until told to end (a negative number of steps). */
  serve(): void {
    for (let done = 0; ; done++) {
      let asked = Atomics.load(this.#words, CONTROL.steps);
      while (asked === done) {
        Atomics.wait(this.#words, CONTROL.steps, done);
        asked = Atomics.load(this.#words, CONTROL.steps);
      }
      if (asked < 0) return;
      this.step();
    }
  }

  /** One step, or one evaluation of its rows. */
  step(): void {
    if (Atomics.load(this.#words, CONTROL.isEvaluation) === 1) this.#evaluate();
    else {
      this.#walkRows();
      this.#meet();
      this.#update.joinEarly();
      this.#exchange('sums');
      this.#update.reduce();
      this.#meet();
      this.#exchange('squares');
      this.#update.apply();
      this.#exchange('weights');
    }
    this.#meet();
    Atomics.add(this.#words, CONTROL.finished, 1);
    Atomics.notify(this.#words, CONTROL.finished);
  }

  #meet(): void {
    meet(this.#words, CONTROL.everyone, this.#party);
  }

  /** Nothing, where all is in one memory. */
  #exchange(phase: ExchangePhase): void {
    if (this.#cut === undefined) return;
    const startMs = performance.now();
    this.#meet();
    if (this.#thread === 0) this.#cut.exchange(phase);
    this.#meet();
    this.#count(TIMES.exchanges, startMs);
  }

  #count(what: number, startMs: number): void {
    if (this.#state.place.tile === 0) this.#times[what]! += performance.now() - startMs;
  }

  /** One forward one backward. */
  #walkRows(): void {
    const startMs = performance.now();
    const { stages } = this.#layout.shape;
    const count = this.#schedule.rows.length;
    const ahead = Math.min(stages - this.#state.place.stage, count);
    for (let i = 0; i < count + ahead; i++) {
      if (i >= ahead) this.#backward(i - ahead);
      if (i < count) this.#forward(i);
    }
    this.#rowsDone += count;
    this.#count(TIMES.rows, startMs);
  }

  #evaluate(): void {
    const startMs = performance.now();
    const count = this.#schedule.rows.length;
    const { stages } = this.#layout.shape;
    for (let i = 0; i < count; i++) {
      // Frames are reused: the row before in this one must have been read.
      if (i >= stages) {
        this.#neighbors.awaitFrame(this.#rowsDone + i - stages + 1);
        this.#state.meetTiles();
      }
      this.#forward(i);
      this.#neighbors.letGo(this.#frameOf(i));
    }
    this.#rowsDone += count;
    this.#count(TIMES.rows, startMs);
    this.#state.meetTiles();
    this.#neighbors.skipBack(this.#rowsDone);
  }

  #forward(i: number): void {
    this.#select(i);
    const [frame, count] = [this.#frameOf(i), this.#rowsDone + i + 1];
    this.#neighbors.awaitValues(frame, count);
    this.#run(this.#state.stage);
    this.#neighbors.tellValues(frame, count);
  }

  #backward(i: number): void {
    this.#select(i);
    this.#state.turnedSlot = -1;
    const { recompute } = this.#layout.shape;
    const [frame, count] = [this.#frameOf(i), this.#rowsDone + i + 1];
    this.#neighbors.awaitGradient(frame, count);
    const { firstOp, endOp } = this.#state.stage;
    const { layerCount } = this.#state.program.spec;
    let made = layerCount; // what lies in the stage's place for the values of a layer
    for (let op = endOp - 1; op >= firstOp; op--) {
      const { layer } = this.#op(op);
      if (recompute && layer !== made && layer >= 0 && layer < layerCount) {
        this.#remake(layer);
        made = layer;
      }
      backwardOp(this.#op(op), op, this.#state);
      const next = op > firstOp ? this.#op(op - 1) : undefined;
      if (meetsBackward(this.#op(op), next)) this.#state.meetTiles();
    }
    this.#merge();
    this.#neighbors.tellGradient(frame, count);
  }

  /** Ops forward; tiles meet where they have to, and at the end. */
  #run({ firstOp, endOp }: { firstOp: number; endOp: number }): void {
    for (let op = firstOp; op < endOp; op++) {
      forwardOp(this.#op(op), op, this.#state);
      const next = op + 1 < endOp ? this.#op(op + 1) : undefined;
      if (meetsForward(this.#op(op), next)) this.#state.meetTiles();
    }
  }

  /** The values of a layer anew, from its input. */
  #remake(layer: number): void {
    const isOwn = (op: TrainOp): boolean => op.layer === layer;
    const { ops } = this.#state.program;
    this.#run({ firstOp: ops.findIndex(isOwn), endOp: ops.findLastIndex(isOwn) + 1 });
    this.#state.turnedSlot = -1;
  }

  /** Adds finished sums of this stage's tensors in the tree. */
  #merge(): void {
    const { sum, kernels, place } = this.#state;
    const buffers = this.#layout.sums[place.replica]!;
    for (const [left, right] of sum.merges) {
      for (const [start = 0, end = 0] of this.#ranges) {
        const [from, to] = this.#state.part((end - start) / 64);
        const [a, b] = [buffers[left]! + start, buffers[right]! + start];
        kernels.addInto(a + from * 64, b + from * 64, (to - from) * 16);
      }
    }
    this.#state.meetTiles();
  }

  #select(i: number): void {
    const { replica } = this.#state.place;
    this.#state.row = this.#layout.firstRows[replica]! + i;
    this.#state.frame = this.#layout.frames[replica]![this.#frameOf(i)]!;
    this.#state.sum = this.#schedule.rows[i]!;
  }

  #frameOf(i: number): number {
    return i % this.#layout.shape.stages;
  }

  #op(index: number): TrainOp {
    return this.#state.program.ops[index]!;
  }
}
