/**
 * A run of training threads: memory, weights in and out, one step after the other.
 *
 * The caller's thread puts the rows of a step into shared memory, tells the threads, and reads
 * losses and norm when all have finished. With one thread there is none: the step is computed here.
 * A cut run has its threads on chips (`cut/chips.ts`), and its memory is an image of theirs.
 */
import { assert } from '@wafer/core';
import type { Rounding } from '@wafer/core';
import { compileTrainKernels, instantiateTrainKernels } from '@wafer/kernels/train';
import type { LinkKind } from '@wafer/runtime';
import type { TrainRow } from '../data/rows.ts';
import type { DropoutUse } from '../dropout.ts';
import { balanceFactor } from '../network/expert-ops.ts';
import type { TrainProgram } from '../network/program.ts';
import { adamScalars } from '../optimizer/scalars.ts';
import type { AdamScalars } from '../optimizer/scalars.ts';
import type { OptimizerSettings, WeightFormat } from '../settings.ts';
import {
  CONTROL,
  controlNumbers,
  controlScalars,
  controlWords,
  NUMBERS,
  OPTIMIZER_KINDS,
  SCALAR_COUNT,
} from './control.ts';
import { readTraffic } from './cut/chips.ts';
import type { CutTraffic, TrainChips } from './cut/chips.ts';
import { planCut } from './cut/plan-cut.ts';
import type { TrainCut } from './cut/plan-cut.ts';
import { chipsOf } from './cut/start-chips.ts';
import { layoutTraining } from './layout.ts';
import type { TrainLayout, TrainShape } from './layout.ts';
import { createTrainMemory } from './memory.ts';
import { loadsOf, lossesOfRows, lossOf, writeAngles, writeRows } from './step-rows.ts';
import { TrainThread } from './thread.ts';
import { placesOf, startThreads } from './threads.ts';
import type { Threads } from './threads.ts';
import { readTimes } from './times.ts';
import type { StageTimes } from './times.ts';
import { HeldValues, placesOfRun } from './values.ts';
import type { TrainRegion } from './values.ts';

/** What a step is asked beside its rows. */
export interface StepUse {
  optimizer: OptimizerSettings;
  lr: number;
  clip: number;
  /** Updates so far and this one: t of AdamW. */
  update: number;
  /** What the squared log-sum-exp of a target counts beside its loss. */
  zLoss?: number;
  /** What the balance loss of layers of experts counts beside it. */
  balanceLoss?: number;
  /** What adapters drop, if they do (default: nothing). */
  dropout?: DropoutUse | undefined;
}

/** What a step gave. */
export interface StepResult {
  /** Mean over the targets that count, before the update. */
  loss: number;
  /** Mean of the squared log-sum-exp over the same targets, before its coefficient. */
  zSquares: number;
  /** Mean of the balance loss over rows and layers of experts, before its coefficient. */
  balance: number;
  gradNorm: number;
  /** Whether a gradient was not finite, and the weights stayed. */
  isSkipped: boolean;
}

/** Chips that the stages of all replicas are shared out among, and what joins them. */
export interface CutOptions {
  chips: number;
  link: LinkKind;
}

export class TrainRun {
  readonly program: TrainProgram;
  readonly layout: TrainLayout;
  readonly #memory: WebAssembly.Memory;
  readonly #threads: Threads | undefined;
  readonly #inline: TrainThread | undefined;
  readonly #cut: { plan: TrainCut; chips: TrainChips } | undefined;
  readonly #words: Int32Array;
  readonly #values: HeldValues;
  #steps = 0;
  /** Whether weights and moments are here as the chips have them. */
  #isCurrent = true;
  /** Until when the image stays as it is. */
  #kept: Promise<void> | undefined;

  constructor(
    program: TrainProgram,
    use: {
      context: number;
      rowsOfStep: number;
      shape: TrainShape;
      rounding: Rounding;
      /** What rows read of the weights (default: f32, as they are kept). */
      weights?: WeightFormat;
      cut?: CutOptions | undefined;
    },
  ) {
    this.program = program;
    const layout = layoutTraining(program, use);
    this.layout = layout;
    const { chips = 1 } = use.cut ?? {};
    const plan = chips === 1 ? undefined : planCut(program, layout, chips);
    this.#memory = createTrainMemory(plan?.bytes ?? layout.bytes.all);
    this.#words = controlWords(this.#memory, layout);
    this.#values = new HeldValues(program, placesOfRun(layout), this.#memory.buffer);
    writeAngles(program, layout, this.#memory);
    const module = compileTrainKernels(use.rounding);
    const job = { program, layout, memory: this.#memory };
    const places = placesOf(layout);
    if (plan !== undefined) {
      const { link = 'port' } = use.cut ?? {};
      this.#cut = { plan, chips: chipsOf({ ...job, module, link, rounding: use.rounding }, plan) };
    } else if (places.length === 1) {
      const kernels = instantiateTrainKernels(module, this.#memory);
      this.#inline = new TrainThread({ ...job, kernels }, places[0]!);
    } else this.#threads = startThreads([places.map((place) => ({ ...job, module, place }))]);
  }

  /** A tensor of a region, shared with the threads; of a run that is cut, see `gather`. */
  tensor(region: TrainRegion, name: string): Float32Array {
    return this.values.tensor(region, name);
  }

  /** Gradients of a tensor after a step, unclipped; of a run that is not cut. */
  gradient(name: string): Float32Array {
    assert(this.#cut === undefined, 'gradients of a cut run lie on its chips', { name });
    const place = this.layout.tensors.find((tensor) => tensor.name === name);
    assert(place !== undefined, 'every tensor has a place', { name });
    const { replica, buffer } = this.layout.final.root;
    const base = this.layout.sums[replica]![buffer]!;
    return new Float32Array(this.#memory.buffer, base + place.offset, place.rows * place.columns);
  }

  /** A region as bytes, for checkpoints. */
  bytes(region: TrainRegion): Uint8Array {
    return this.values.bytes(region);
  }

  /** Weights and moments; of a run that is cut they stay as they were gathered. */
  get values(): HeldValues {
    assert(this.#isCurrent, 'weights of a cut run are gathered before they are read', {});
    return this.#values;
  }

  /** Whether steps leave the values here alone, as the chips of a cut run have their own. */
  get isImage(): boolean {
    return this.#cut !== undefined;
  }

  /** Until then another thread reads what was gathered: `gather` waits. It must not reject. */
  keepUntil(read: Promise<void>): void {
    this.#kept = read;
  }

  /** The memory that the values lie in. */
  get buffer(): ArrayBufferLike {
    return this.#memory.buffer;
  }

  /** One step of training on `rowsOfStep` rows. Throws: TILE_CRASHED. */
  async step(rows: readonly TrainRow[], use: StepUse): Promise<StepResult> {
    const targets = writeRows(rows, this, this.#memory);
    this.#writeUpdate(use);
    this.#writeDropout(use.dropout);
    await this.#run({ isEvaluation: false });
    const numbers = controlNumbers(this.#memory, this.layout);
    const { loss, zSquares } = lossOf(rows, this.layout, this.#memory);
    const { spec } = this.program;
    return {
      loss: loss / targets,
      zSquares: zSquares / targets,
      balance: this.#balance(1) * loadsOf(this.#memory, this.layout, spec).reduce(plus, 0),
      gradNorm: numbers[NUMBERS.norm]!,
      isSkipped: numbers[NUMBERS.isSkipped] === 1,
    };
  }

  /**
   * Sum of losses and count of targets of `rowsOfStep` rows, without an update; nothing is dropped
   * unless it is said what.
   */
  async evaluate(
    rows: readonly TrainRow[],
    { dropout }: Pick<StepUse, 'dropout'> = {},
  ): Promise<{ loss: number; targets: number }> {
    const targets = writeRows(rows, this, this.#memory);
    this.#writeDropout(dropout);
    await this.#run({ isEvaluation: true });
    return { loss: lossOf(rows, this.layout, this.#memory).loss, targets };
  }

  /** Sums of the losses of each row that was evaluated last. Shapes: [rows]. */
  lossesOf(rows: readonly TrainRow[]): Float64Array {
    return lossesOfRows(rows, this.layout, this.#memory);
  }

  /**
   * Brings weights and moments here from the chips of a run that is cut, once nobody reads those
   * of before. Throws: CHIP_DIED.
   */
  async gather(): Promise<void> {
    if (this.#isCurrent) return;
    await this.#kept;
    await this.#cut?.chips.gather();
    this.#isCurrent = true;
  }

  /** What has gone over the cut so far; nothing where there is none. */
  get traffic(): CutTraffic[] {
    return this.#cut === undefined ? [] : readTraffic(this.#cut.plan, this.#memory);
  }

  /** Where the time of each stage has gone so far. */
  get times(): StageTimes[] {
    return readTimes(this.#memory, this.layout);
  }

  async close(): Promise<void> {
    await this.#threads?.close();
    await this.#cut?.chips.close();
  }

  async #run({ isEvaluation }: { isEvaluation: boolean }): Promise<void> {
    this.#steps++;
    if (this.#steps === 1) this.#values.publish(this.layout.weights);
    if (this.#cut !== undefined) {
      const { chips } = this.#cut;
      if (this.#steps === 1) await chips.begin();
      if (!isEvaluation) this.#isCurrent = false;
      return chips.step({ isEvaluation });
    }
    Atomics.store(this.#words, CONTROL.isEvaluation, isEvaluation ? 1 : 0);
    if (this.#inline) this.#inline.step();
    else await this.#threads?.step(this.#steps);
    return undefined;
  }

  #writeDropout({ seed, step }: DropoutUse = { seed: 0, step: 0 }): void {
    const numbers = controlNumbers(this.#memory, this.layout);
    numbers[NUMBERS.dropSeed] = seed;
    numbers[NUMBERS.dropStep] = step;
  }

  #balance(coefficient: number): number {
    const { context, rowsOfStep } = this.layout;
    return balanceFactor(this.program.spec, { coefficient, context, rowsOfStep });
  }

  #writeUpdate(use: StepUse): void {
    const { optimizer, lr, clip, update, zLoss = 0, balanceLoss = 0 } = use;
    const numbers = controlNumbers(this.#memory, this.layout);
    numbers[NUMBERS.clip] = clip;
    numbers[NUMBERS.lr] = lr;
    numbers[NUMBERS.zLoss] = zLoss;
    numbers[NUMBERS.balance] = this.#balance(balanceLoss);
    numbers[NUMBERS.momentum] = optimizer.momentum;
    numbers[NUMBERS.weightDecay] = optimizer.weightDecay;
    numbers[NUMBERS.optimizer] = OPTIMIZER_KINDS.indexOf(optimizer.kind);
    const scalars = controlScalars(this.#memory, this.layout);
    [true, false].forEach((isDecayed, set) => {
      const values = adamScalars(optimizer, { lr, step: update, isDecayed });
      scalars.set(inOrder(values), set * SCALAR_COUNT);
    });
  }
}

const plus = (sum: number, value: number): number => sum + value;

/** Scalars of AdamW in the order of its kernel. */
function inOrder(scalars: AdamScalars): number[] {
  const { decay, beta1, beta2, rest1, rest2, correction1, correction2, lr, eps } = scalars;
  return [decay, beta1, beta2, rest1, rest2, correction1, correction2, lr, eps];
}
