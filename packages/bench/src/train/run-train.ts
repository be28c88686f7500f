/**
 * `wafer bench train`: whole steps of training (f32, AdamW, clip 1, random tokens) by shape and by
 * who computes what, in turns, beside what the processor can multiply and add.
 *
 * FLOPs of a token are 6 N + 6 L T D: causal attention counted once, a tied table once. Each
 * arrangement holds the weights of the others: the hash after its first steps is the same.
 */
import { maxOf } from '@wafer/core';
import { detectRounding } from '@wafer/kernels';
import { fillInitial, specOfShape, TRAIN_DEFAULTS, TrainRun, trainProgram } from '@wafer/train';
import type { TrainRow } from '@wafer/train';
import { Ceilings } from '../calibrate/ceilings.ts';
import { hashBytes } from '../hash.ts';
import { medianOf, ratioByRound, turnsOf } from '../statistics.ts';
import { cutCostOf, cutMeasuredOf } from './cut-cost.ts';
import type { CutCost, CutMeasured } from './cut-cost.ts';
import { arrangementsOf } from './train-cases.ts';
import type { Arrangement, TrainCase } from './train-cases.ts';

export interface TrainBenchOptions {
  cases: Readonly<Record<string, TrainCase>>;
  rounds: number;
  /** Steps of a turn; the fastest counts. */
  steps: number;
  isQuick: boolean;
  signal: AbortSignal;
  /** Told what is going on. */
  say?: (text: string) => void;
}

/** One shape in one arrangement. */
export interface TrainBenchRow {
  shape: string;
  arrangement: Arrangement['name'];
  rows: number;
  tokensPerSecond: number;
  /** Of all threads, over what as many can multiply and add. */
  shareOfPeak: number;
  /**
   * The same by the time that threads had a processor: of use where others are at work; null
   * where they are other processes', whose time is not known here.
   */
  shareByProcessorTime: number | null;
  /** Over one thread at as many rows, round by round; 1 of itself. */
  gain: number;
  bar: number | undefined;
  /** What was planned; what the process took on when one thread began; null of the others. */
  plannedBytes: number;
  takenBytes: number | null;
  /** Computed from the program. */
  cut: CutCost;
  measured: CutMeasured;
  hash: string;
}

export interface TrainBenchReport {
  /** GFLOP/s of multiply-adds of one thread, and of two. */
  peaks: [number, number];
  rows: TrainBenchRow[];
}

const WARM_STEPS = 2;
const CEILING_BYTES = 2 ** 24;

/** Measures all cases. Throws: the signal's reason. */
export async function runTrain(options: TrainBenchOptions): Promise<TrainBenchReport> {
  options.say?.('measuring what this machine multiplies');
  const peaks = await peaksOf(options.isQuick);
  const rows: TrainBenchRow[] = [];
  for (const [name, one] of Object.entries(options.cases)) {
    const contenders: Contender[] = [];
    try {
      for (const arrangement of arrangementsOf(one)) {
        options.signal.throwIfAborted();
        options.say?.(`${name}, ${arrangement.name}: warming up`);
        contenders.push(await Contender.open(one, arrangement));
      }
      for (let round = 0; round < options.rounds; round++) {
        options.say?.(`${name}: round ${round + 1} of ${options.rounds}`);
        for (const contender of turnsOf(contenders, round)) {
          options.signal.throwIfAborted();
          await contender.turn(options.steps);
        }
      }
      for (const contender of contenders) rows.push(rowOf(name, contender, { contenders, peaks }));
    } finally {
      for (const contender of contenders) await contender.close();
    }
  }
  return { peaks, rows };
}

async function peaksOf(isQuick: boolean): Promise<[number, number]> {
  const isRevectorized = false; // the caller has said so for the whole process, or has not
  const ceilings = await Ceilings.open({
    ...{ bytes: CEILING_BYTES, threadsMax: 2, isRevectorized, isQuick },
  });
  try {
    const best = async (threadCount: number): Promise<number> => {
      const samples: number[] = [];
      for (let i = 0; i < (isQuick ? 1 : 5); i++) {
        samples.push(await ceilings.measure({ quantity: 'fma', threadCount }));
      }
      return maxOf(samples);
    };
    return [await best(1), await best(2)];
  } finally {
    await ceilings.close();
  }
}

/** An arrangement that takes its turns. */
class Contender {
  readonly arrangement: Arrangement;
  readonly run: TrainRun;
  readonly flopsOfToken: number;
  /** What the process took on for it. */
  takenBytes = 0;
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
    const before = process.memoryUsage.rss();
    const contender = new Contender(one, arrangement);
    for (let step = 0; step < WARM_STEPS; step++) await contender.#train();
    await contender.run.gather();
    contender.hash = hashBytes(contender.run.bytes('weights'));
    contender.takenBytes = process.memoryUsage.rss() - before;
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

function rowOf(
  name: string,
  contender: Contender,
  { contenders, peaks }: { contenders: readonly Contender[]; peaks: [number, number] },
): TrainBenchRow {
  const { arrangement, run, ms, cpuMs } = contender;
  const { shape, rows, bar } = arrangement;
  const alone = contenders.find(
    (one) => one.arrangement.name === 'one thread' && one.arrangement.rows === rows,
  );
  const tokens = rows * run.layout.context;
  const tokensPerSecond = (tokens * 1000) / medianOf(ms);
  const flopsOfStep = tokens * contender.flopsOfToken;
  const isAlone = shape.replicas * shape.stages * shape.tiles === 1;
  const peak = peaks[isAlone ? 0 : 1];
  return {
    ...{ shape: name, arrangement: arrangement.name, rows, bar, tokensPerSecond },
    shareOfPeak: flopsOfStep / medianOf(ms) / 1e6 / peak,
    shareByProcessorTime:
      arrangement.cut === undefined ? flopsOfStep / medianOf(cpuMs) / 1e6 / peaks[0] : null,
    gain: alone === undefined ? 1 : ratioByRound(alone.ms, ms).median,
    plannedBytes: run.layout.bytes.all,
    takenBytes: contender === contenders[0] ? contender.takenBytes : null,
    cut: cutCostOf(run, shape),
    measured: contender.measured,
    hash: contender.hash,
  };
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
