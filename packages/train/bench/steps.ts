/**
 * How fast is a step of training? Three shapes, f32, AdamW, clip 1, random tokens, whole steps.
 *
 *   node packages/train/bench/steps.ts [--revectorize] [--threads 2] [--split replicas|tiles]
 *                                      [--shape 3m] [--seconds 3] [--json]
 *
 * FLOPs of a token are 6 N + 6 L T D: causal attention counted once, a tied table once. The best
 * step counts, as the machine may be shared. The last line is a hash of all weights after two
 * steps, the same for every number of threads.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { detectRounding, enableRevectorization } from '@wafer/kernels';
import type { TrainRow } from '../src/data/rows.ts';
import type { TrainShape } from '../src/engine/layout.ts';
import { TrainRun } from '../src/engine/run.ts';
import { bitsOf } from '../src/generator.ts';
import { fillInitial, specOfShape } from '../src/model/shape-spec.ts';
import type { NewModelShape } from '../src/model/shape-spec.ts';
import { trainProgram } from '../src/network/program.ts';
import { TRAIN_DEFAULTS } from '../src/settings.ts';

/** A shape and the rows of a step. */
export interface StepCase extends NewModelShape {
  rows: number;
}

const BASE = { context: 256, isTied: true };

/** The shapes that other trainers were measured with. */
export const STEP_CASES: Readonly<Record<string, StepCase>> = {
  '260k': { ...BASE, width: 64, layers: 5, heads: 8, kvHeads: 4, ffn: 172, vocab: 512, rows: 16 },
  '3m': { ...BASE, width: 192, layers: 6, heads: 6, kvHeads: 6, ffn: 512, vocab: 4096, rows: 8 },
  '15m': {
    ...BASE,
    width: 288,
    layers: 6,
    heads: 6,
    kvHeads: 6,
    ffn: 768,
    vocab: 32_000,
    rows: 4,
  },
};

/** What a case gave. */
export interface StepRate {
  tokensPerSecond: number;
  gigaflopsPerSecond: number;
  /** Per second that a thread really had a processor: of use where others are at work, too. */
  gigaflopsPerCpuSecond: number;
  bytes: number;
  hash: string;
}

/** Trains for some seconds, at least two steps after the first two. */
export async function measureSteps(
  one: StepCase,
  use: { shape: TrainShape; seconds: number },
): Promise<StepRate> {
  const { context, rows: rowsOfStep, layers, width } = one;
  const program = trainProgram(specOfShape(one));
  const rounding = detectRounding();
  const run = new TrainRun(program, { context, rowsOfStep, shape: use.shape, rounding });
  let count = 0;
  program.tensors.forEach((tensor, index) => {
    const target = run.tensor('weights', tensor.name);
    count += target.length;
    fillInitial(target, tensor, { spec: program.spec, seed: 1, index });
  });
  const rows = Array.from({ length: rowsOfStep }, (_, row) => randomRow(one, row));
  const update = { optimizer: TRAIN_DEFAULTS.optimizer, lr: 1e-3, clip: 1 };
  let best = Infinity;
  let bestCpu = Infinity;
  let hash = '';
  const endMs = performance.now() + use.seconds * 1000;
  for (let step = 1; step <= 4 || performance.now() < endMs; step++) {
    const startMs = performance.now();
    const cpu = process.cpuUsage();
    await run.step(rows, { ...update, update: step });
    if (step > 2) best = Math.min(best, performance.now() - startMs);
    const { user, system } = process.cpuUsage(cpu);
    if (step > 2) bestCpu = Math.min(bestCpu, (user + system) / 1000);
    if (step === 2) hash = createHash('sha256').update(run.bytes('weights')).digest('hex');
  }
  await run.close();
  const tokensPerSecond = (rowsOfStep * context * 1000) / best;
  const flops = 6 * count + 6 * layers * context * width;
  const gigaflopsPerSecond = (tokensPerSecond * flops) / 1e9;
  const gigaflopsPerCpuSecond = (rowsOfStep * context * flops) / bestCpu / 1e6;
  const { all } = run.layout.bytes;
  return { tokensPerSecond, gigaflopsPerSecond, gigaflopsPerCpuSecond, bytes: all, hash };
}

function randomRow({ context, vocab }: StepCase, row: number): TrainRow {
  const bits = bitsOf(7, row);
  const ids = Uint32Array.from({ length: context + 1 }, (_, i) => bits(i) % vocab);
  return {
    tokens: ids.slice(0, context),
    targets: ids.slice(1),
    counts: new Uint8Array(context).fill(1),
    firsts: new Uint32Array(context),
    countedTargets: context,
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      revectorize: { type: 'boolean', default: false },
      threads: { type: 'string', default: '2' },
      split: { type: 'string', default: 'replicas' },
      shape: { type: 'string', multiple: true },
      seconds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.revectorize) enableRevectorization();
  const alone = { replicas: 1, stages: 1, tiles: 1, recompute: false };
  const shape = { ...alone, [values.split]: Number(values.threads) };
  for (const [name, one] of Object.entries(STEP_CASES)) {
    if (values.shape && !values.shape.includes(name)) continue;
    const rate = await measureSteps(one, { shape, seconds: Number(values.seconds) });
    const speed = `${Math.round(rate.tokensPerSecond)} tokens/s`;
    const perCpu = rate.gigaflopsPerCpuSecond.toFixed(1);
    const flops = `${rate.gigaflopsPerSecond.toFixed(1)} GFLOP/s (${perCpu} a CPU second)`;
    const memory = `${Math.round(rate.bytes / 2 ** 20)} MiB`;
    const line = [name.padStart(5), speed, flops, memory, rate.hash.slice(0, 16)].join('  ');
    process.stdout.write(`${values.json ? JSON.stringify({ name, ...rate }) : line}\n`);
  }
}
