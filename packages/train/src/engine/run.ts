/**
 * A run of training threads: memory, weights in and out, one step after the other.
 *
 * The caller's thread puts the rows of a step into shared memory, tells the threads, and reads
 * losses and norm when all have finished. With one thread there is none: the step is computed here.
 */
import { assert, firstSeen, ropeTable, WaferError } from '@wafer/core';
import type { Rounding } from '@wafer/core';
import { compileTrainKernels, instantiateTrainKernels } from '@wafer/kernels/train';
import { MEMORY_PAGES_MAX } from '@wafer/kernels';
import type { TrainRow } from '../data/rows.ts';
import type { TrainProgram } from '../network/program.ts';
import { adamScalars } from '../optimizer/scalars.ts';
import type { AdamScalars } from '../optimizer/scalars.ts';
import type { OptimizerSettings } from '../settings.ts';
import {
  CONTROL,
  controlNumbers,
  controlScalars,
  controlWords,
  NUMBERS,
  OPTIMIZER_KINDS,
  SCALAR_COUNT,
} from './control.ts';
import { layoutTraining, masksOf } from './layout.ts';
import type { TrainLayout, TrainShape } from './layout.ts';
import { TrainThread } from './thread.ts';
import { startThreads } from './threads.ts';
import type { Threads } from './threads.ts';

const PAGE_BYTES = 65536;

/** What a step is asked beside its rows. */
export interface StepUse {
  optimizer: OptimizerSettings;
  lr: number;
  clip: number;
  /** Updates so far and this one: t of AdamW. */
  update: number;
}

/** What a step gave. */
export interface StepResult {
  /** Mean over the targets that count, before the update. */
  loss: number;
  gradNorm: number;
  /** Whether a gradient was not finite, and the weights stayed. */
  isSkipped: boolean;
}

/** The regions that a checkpoint holds. */
export type TrainRegion = 'weights' | 'first' | 'second';

export class TrainRun {
  readonly program: TrainProgram;
  readonly layout: TrainLayout;
  readonly #memory: WebAssembly.Memory;
  readonly #threads: Threads | undefined;
  readonly #inline: TrainThread | undefined;
  readonly #words: Int32Array;
  #steps = 0;

  constructor(
    program: TrainProgram,
    use: { context: number; rowsOfStep: number; shape: TrainShape; rounding: Rounding },
  ) {
    this.program = program;
    this.layout = layoutTraining(program, use);
    const pages = Math.ceil(this.layout.bytes.all / PAGE_BYTES);
    this.#memory = new WebAssembly.Memory({
      initial: pages,
      maximum: MEMORY_PAGES_MAX,
      shared: true,
    });
    this.#words = controlWords(this.#memory, this.layout);
    this.#writeAngles();
    const module = compileTrainKernels(use.rounding);
    const { replicas, stages, tiles } = use.shape;
    const job = { program, layout: this.layout, memory: this.#memory };
    if (replicas * stages * tiles === 1) {
      const kernels = instantiateTrainKernels(module, this.#memory);
      const place = { replica: 0, stage: 0, tile: 0 };
      this.#inline = new TrainThread({ ...job, kernels }, place);
    } else this.#threads = startThreads({ ...job, module }, this.#words);
  }

  /** A tensor of a region, shared with the threads. */
  tensor(region: TrainRegion, name: string): Float32Array {
    const place = this.layout.tensors.find((tensor) => tensor.name === name);
    assert(place !== undefined, 'every tensor has a place', { name });
    const base = this.#baseOf(region);
    return new Float32Array(this.#memory.buffer, base + place.offset, place.rows * place.columns);
  }

  /** Gradients of a tensor after a step, unclipped. */
  gradient(name: string): Float32Array {
    const place = this.layout.tensors.find((tensor) => tensor.name === name);
    assert(place !== undefined, 'every tensor has a place', { name });
    const { replica, buffer } = this.layout.final.root;
    const base = this.layout.sums[replica]![buffer]!;
    return new Float32Array(this.#memory.buffer, base + place.offset, place.rows * place.columns);
  }

  /** A region as bytes, for checkpoints. */
  bytes(region: TrainRegion): Uint8Array {
    const { regionBytes, trainedBytes } = this.layout;
    const length = region === 'weights' ? regionBytes : trainedBytes;
    return new Uint8Array(this.#memory.buffer, this.#baseOf(region), length);
  }

  /** One step of training on `rowsOfStep` rows. Throws: TILE_CRASHED. */
  async step(rows: readonly TrainRow[], use: StepUse): Promise<StepResult> {
    const targets = this.#writeRows(rows);
    this.#writeUpdate(use);
    await this.#run({ isEvaluation: false });
    const numbers = controlNumbers(this.#memory, this.layout);
    return {
      loss: this.#loss(rows) / targets,
      gradNorm: numbers[NUMBERS.norm]!,
      isSkipped: numbers[NUMBERS.isSkipped] === 1,
    };
  }

  /** Sum of losses and count of targets of `rowsOfStep` rows, without an update. */
  async evaluate(rows: readonly TrainRow[]): Promise<{ loss: number; targets: number }> {
    const targets = this.#writeRows(rows);
    await this.#run({ isEvaluation: true });
    return { loss: this.#loss(rows), targets };
  }

  async close(): Promise<void> {
    await this.#threads?.close();
  }

  async #run({ isEvaluation }: { isEvaluation: boolean }): Promise<void> {
    Atomics.store(this.#words, CONTROL.isEvaluation, isEvaluation ? 1 : 0);
    this.#steps++;
    if (this.#inline) this.#inline.step();
    else await this.#threads?.step(this.#steps);
  }

  #baseOf(region: TrainRegion): number {
    const { weights, moments } = this.layout;
    return region === 'weights' ? weights : moments[region === 'first' ? 0 : 1];
  }

  /** Puts rows where threads read them; how many targets count. */
  #writeRows(rows: readonly TrainRow[]): number {
    const { layout, program } = this;
    const { panels, rowsOfStep, context, data, embedding } = layout;
    assert(rows.length === rowsOfStep, 'a step has its rows', { rows: rows.length, rowsOfStep });
    const targets = rows.reduce((sum, row) => sum + row.countedTargets, 0);
    const share = targets > 0 ? Math.fround(1 / targets) : 0;
    const length = panels * 16;
    const words = (address: number): Int32Array =>
      new Int32Array(this.#memory.buffer, address, rowsOfStep * length);
    const [tokens, wanted] = [words(data.tokens), words(data.targets)];
    const shares = new Float32Array(this.#memory.buffer, data.shares, rowsOfStep * length);
    const ids = new Int32Array(this.#memory.buffer, embedding.ids, rowsOfStep * context);
    const masks = masksOf(program).map((sees) => {
      const { attention } = program.spec;
      return {
        firsts: words(data.firsts[sees]!),
        mask: { sees, windowTokens: attention.windowTokens },
      };
    });
    rows.forEach((row, r) => {
      for (let t = 0; t < length; t++) {
        const at = r * length + t;
        const isInside = t < context;
        tokens[at] = isInside ? this.#checked(row.tokens[t]!, t) : 0;
        wanted[at] = isInside ? this.#checked(row.targets[t]!, t + 1) : 0;
        shares[at] = isInside && row.counts[t] ? share : 0;
        if (isInside) ids[r * context + t] = row.tokens[t]!;
        const document = row.firsts[Math.min(t, context - 1)]!;
        for (const { firsts, mask } of masks) firsts[at] = Math.max(document, firstSeen(t, mask));
      }
    });
    return targets;
  }

  #checked(token: number, position: number): number {
    const { vocabCount } = this.program.spec;
    if (token < vocabCount) return token;
    throw new WaferError('TOKEN_OUT_OF_RANGE', { token, position, vocabCount });
  }

  #writeUpdate({ optimizer, lr, clip, update }: StepUse): void {
    const numbers = controlNumbers(this.#memory, this.layout);
    numbers[NUMBERS.clip] = clip;
    numbers[NUMBERS.lr] = lr;
    numbers[NUMBERS.momentum] = optimizer.momentum;
    numbers[NUMBERS.weightDecay] = optimizer.weightDecay;
    numbers[NUMBERS.optimizer] = OPTIMIZER_KINDS.indexOf(optimizer.kind);
    const scalars = controlScalars(this.#memory, this.layout);
    [true, false].forEach((isDecayed, set) => {
      const values = adamScalars(optimizer, { lr, step: update, isDecayed });
      scalars.set(inOrder(values), set * SCALAR_COUNT);
    });
  }

  /** Σ of the losses of the targets that count, rows and tokens ascending. */
  #loss(rows: readonly TrainRow[]): number {
    const { panels, data } = this.layout;
    const stats = new Float32Array(this.#memory.buffer, data.stats, rows.length * panels * 48);
    let sum = 0;
    rows.forEach((row, r) => {
      row.counts.forEach((counts, t) => {
        if (!counts) return;
        const at = (r * panels + (t >> 4)) * 48 + (t & 15);
        sum += Math.log(stats[at + 16]!) + stats[at]! - stats[at + 32]!;
      });
    });
    return sum;
  }

  /** (cos, sin) of each pair, 16 positions side by side. */
  #writeAngles(): void {
    const { panels, angles } = this.layout;
    const { rope } = this.program.spec;
    const half = rope.rotaryWidth / 2;
    const table = new Float32Array(this.#memory.buffer, angles, panels * half * 32);
    const row = ropeTable(rope);
    for (let position = 0; position < panels * 16; position++) {
      row(position).forEach((value, i) => {
        const at = ((position >> 4) * half + (i >> 1)) * 32 + (i & 1) * 16 + (position & 15);
        table[at] = value;
      });
    }
  }
}

/** Scalars of AdamW in the order of its kernel. */
function inOrder(scalars: AdamScalars): number[] {
  const { decay, beta1, beta2, rest1, rest2, correction1, correction2, lr, eps } = scalars;
  return [decay, beta1, beta2, rest1, rest2, correction1, correction2, lr, eps];
}
