/**
 * One thread of a run: walks its rows both ways, then reduces and updates its share of all weights.
 *
 *   rows      one forward one backward: stage s has S - s rows under way at most
 *   reduce    sums of replicas in the tree · embedding · squares │ norm │ update
 *
 * Counters in the control words only grow. A stage waits for the row of the stage before on the way
 * forward, for that of the stage after on the way back; everyone meets between reduce and update.
 */
import { assert } from '@wafer/core';
import type { TrainOp } from '../network/program.ts';
import { meet, publish, waitFor } from './barrier.ts';
import { backwardOp } from './backward-ops.ts';
import { forwardOp } from './forward-ops.ts';
import { CONTROL, controlWords, stageWord } from './control.ts';
import type { TrainLayout } from './layout.ts';
import { stageOfTensors } from './stage-tensors.ts';
import type { SumSchedule } from './sum-schedule.ts';
import { ThreadState } from './thread-state.ts';
import type { ThreadJob, ThreadPlace } from './thread-state.ts';
import { Update } from './update.ts';

export class TrainThread {
  readonly #state: ThreadState;
  readonly #update: Update;
  readonly #words: Int32Array;
  readonly #layout: TrainLayout;
  readonly #schedule: SumSchedule;
  readonly #threadCount: number;
  /** Bytes of regions whose gradients this stage makes. */
  readonly #ranges: readonly (readonly number[])[];
  #rowsDone = 0;

  constructor(job: ThreadJob, place: ThreadPlace) {
    const { layout, memory } = job;
    this.#layout = layout;
    this.#words = controlWords(memory, layout);
    this.#state = new ThreadState({ ...job, words: this.#words }, place);
    const placesOf = stageOfTensors(job.program, layout.shape.stages);
    this.#ranges = layout.tensors
      .filter(({ offset }) => offset < layout.trainedBytes)
      .filter(({ name }) => placesOf.get(name) === place.stage)
      .map(({ offset, rows, columns }) => [offset, offset + Math.ceil((rows * columns) / 16) * 64]);
    const { replicas, stages, tiles } = layout.shape;
    this.#threadCount = replicas * stages * tiles;
    const thread = (place.replica * stages + place.stage) * tiles + place.tile;
    this.#update = new Update(job, { thread, threadCount: this.#threadCount });
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
      meet(this.#words, CONTROL.everyone, this.#threadCount);
      this.#update.reduce();
      meet(this.#words, CONTROL.everyone, this.#threadCount);
      this.#update.apply();
    }
    meet(this.#words, CONTROL.everyone, this.#threadCount);
    Atomics.add(this.#words, CONTROL.finished, 1);
    Atomics.notify(this.#words, CONTROL.finished);
  }

  /** One forward one backward. */
  #walkRows(): void {
    const { stages } = this.#layout.shape;
    const count = this.#schedule.rows.length;
    const ahead = Math.min(stages - this.#state.place.stage, count);
    for (let i = 0; i < count + ahead; i++) {
      if (i >= ahead) this.#backward(i - ahead);
      if (i < count) this.#forward(i);
    }
    this.#rowsDone += count;
  }

  #evaluate(): void {
    const count = this.#schedule.rows.length;
    for (let i = 0; i < count; i++) {
      this.#forward(i);
      // Frames are reused: no row may come before this one has left the last stage.
      const { replica } = this.#state.place;
      const last = stageWord(this.#layout, replica, this.#layout.shape.stages - 1);
      waitFor(this.#words, last, this.#rowsDone + i + 1);
    }
    this.#rowsDone += count;
    const { replica, stage, tile } = this.#state.place;
    const own = stageWord(this.#layout, replica, stage) + 1;
    this.#state.meetTiles();
    if (tile === 0) publish(this.#words, own, this.#rowsDone);
  }

  #forward(i: number): void {
    const { replica, stage, tile } = this.#state.place;
    this.#select(i);
    const word = stageWord(this.#layout, replica, stage);
    if (stage > 0)
      waitFor(this.#words, stageWord(this.#layout, replica, stage - 1), this.#rowsDone + i + 1);
    const { firstOp, endOp } = this.#state.stage;
    for (let op = firstOp; op < endOp; op++) forwardOp(this.#op(op), op, this.#state);
    if (tile === 0) publish(this.#words, word, this.#rowsDone + i + 1);
  }

  #backward(i: number): void {
    const { replica, stage, tile } = this.#state.place;
    this.#select(i);
    this.#state.turnedSlot = -1;
    const { stages, recompute } = this.#layout.shape;
    const word = stageWord(this.#layout, replica, stage) + 1;
    if (stage < stages - 1) {
      waitFor(this.#words, stageWord(this.#layout, replica, stage + 1) + 1, this.#rowsDone + i + 1);
    }
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
    }
    this.#merge();
    if (tile === 0) publish(this.#words, word, this.#rowsDone + i + 1);
  }

  /** The values of a layer anew, from its input. */
  #remake(layer: number): void {
    const { ops } = this.#state.program;
    ops.forEach((op, index) => {
      if (op.layer === layer) forwardOp(op, index, this.#state);
    });
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
    const frames = this.#layout.frames[replica]!;
    this.#state.row = this.#layout.firstRows[replica]! + i;
    this.#state.frame = frames[i % frames.length]!;
    this.#state.sum = this.#schedule.rows[i]!;
  }

  #op(index: number): TrainOp {
    return this.#state.program.ops[index]!;
  }
}
