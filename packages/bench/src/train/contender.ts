/**
 * One shape in one arrangement, as it trains: its best step of each turn, and the hash of its
 * weights after the first steps, by which all arrangements of a shape are one run.
 */
import { detectRounding } from '@wafer/kernels';
import { fillInitial, specOfShape, TRAIN_DEFAULTS, TrainRun, trainProgram } from '@wafer/train';
import type { TrainRow } from '@wafer/train';
import { hashBytes } from '../hash.ts';
import { cutMeasuredOf } from './cut-cost.ts';
import type { CutMeasured } from './cut-cost.ts';
import type { Arrangement, TrainCase } from './train-cases.ts';

const WARM_STEPS = 2;

/** An arrangement that takes its turns. */
export class Contender {
  readonly arrangement: Arrangement;
  readonly run: TrainRun;
  readonly flopsOfToken: number;
  /** Best of each turn. */
  readonly ms: number[] = [];
  /** The same of processor time, all threads together. */
  readonly cpuMs: number[] = [];
  hash = '';
  readonly #rows: TrainRow[];
  #step = 0;
  #allMs = 0;

  private constructor(one: TrainCase, arrangement: Arrangement) {
    const { rows: rowsOfStep, shape, cut } = arrangement;
    const { context, layers, width } = one;
    const program = trainProgram(specOfShape(one));
    const use = { context, rowsOfStep, shape, rounding: detectRounding(), cut };
    this.arrangement = arrangement;
    this.run = new TrainRun(program, use);
    let count = 0;
    program.tensors.forEach((tensor, index) => {
      const target = this.run.tensor('weights', tensor.name);
      count += target.length;
      fillInitial(target, tensor, { spec: program.spec, seed: 1, index });
    });
    this.flopsOfToken = 6 * count + 6 * layers * context * width;
    this.#rows = Array.from({ length: rowsOfStep }, (_, row) => randomRow(one, row));
  }

  /** Opens it, and trains its first steps, in which code is compiled and memory touched. */
  static async open(one: TrainCase, arrangement: Arrangement): Promise<Contender> {
    const contender = new Contender(one, arrangement);
    for (let step = 0; step < WARM_STEPS; step++) await contender.#train();
    await contender.run.gather();
    contender.hash = hashBytes(contender.run.bytes('weights'));
    return contender;
  }

  async turn(steps: number): Promise<void> {
    let [best, bestCpu] = [Infinity, Infinity];
    for (let step = 0; step < steps; step++) {
      const startMs = performance.now();
      const cpu = process.cpuUsage();
      await this.#train();
      best = Math.min(best, performance.now() - startMs);
      const { user, system } = process.cpuUsage(cpu);
      bestCpu = Math.min(bestCpu, (user + system) / 1000);
    }
    this.ms.push(best);
    this.cpuMs.push(bestCpu);
  }

  async close(): Promise<void> {
    await this.run.close();
  }

  async #train(): Promise<void> {
    const { optimizer } = TRAIN_DEFAULTS;
    this.#step++;
    const startMs = performance.now();
    await this.run.step(this.#rows, { optimizer, lr: 1e-3, clip: 1, update: this.#step });
    this.#allMs += performance.now() - startMs;
  }

  get measured(): CutMeasured {
    return cutMeasuredOf(this.run, { steps: this.#step, allMs: this.#allMs });
  }
}

/** Tokens of a row out of its number. */
function randomRow({ context, vocab }: TrainCase, row: number): TrainRow {
  const ids = Uint32Array.from({ length: context + 1 }, (_, i) => {
    const mixed = Math.imul((row + 1) * 0x9e3779b1 + i, 0x85ebca6b);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % vocab;
  });
  return {
    tokens: ids.slice(0, context),
    targets: ids.slice(1),
    counts: new Uint8Array(context).fill(1),
    firsts: new Uint32Array(context),
    countedTargets: context,
  };
}
