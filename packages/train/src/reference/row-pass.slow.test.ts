import { spawnSync } from 'node:child_process';
import type { ModelSpec, NetworkTensor } from '@wafer/core';
import { expect, test } from 'vitest';
import { balanceFactor, expertLayersOf } from '../network/expert-ops.ts';
import type { AdapterSettings } from '../network/adapter.ts';
import { trainedTensors, trainProgram } from '../network/program.ts';
import type { TrainProgram } from '../network/program.ts';
import { DOUBLE_ARITHMETIC, singleArithmetic } from './arithmetic.ts';
import { log32 } from './log.ts';
import type { Numbers } from './arithmetic.ts';
import { referencePairs } from './preference.ts';
import { referenceRow } from './row-pass.ts';
import {
  seededRow,
  seededWeights,
  TINY,
  TINY_ADAPTERS,
  TINY_EXPERT_ADAPTERS,
  TINY_EXPERTS,
  TRAINED_SPECS,
} from './test-models.ts';

const CONTEXT = 9;
const families = Object.entries(TRAINED_SPECS);

/** A tensor's gradient; of a tied table, with what flows into the embedding. */
function gradientOf(
  name: string,
  { gradients, embedding }: { gradients: Map<string, Numbers>; embedding: Numbers },
  tokens: Uint32Array,
  width: number,
): Numbers {
  const sum = gradients.get(name)?.slice() ?? DOUBLE_ARITHMETIC.create(TINY.vocabCount * width);
  if (name !== 'embed') return sum;
  tokens.forEach((token, t) => {
    for (let d = 0; d < width; d++) sum[token * width + d]! += embedding[t * width + d]!;
  });
  return sum;
}

/** Expects each trained tensor's gradient to be the slope of a loss, at a few places. */
function expectSlopes(
  program: TrainProgram,
  weights: Map<string, Numbers>,
  use: { lossOf: () => number; gradientOf: (tensor: NetworkTensor) => Numbers },
): void {
  const idle = new Set<string>();
  for (const tensor of trainedTensors(program)) {
    const { name, layer, expert } = tensor;
    const gradient = use.gradientOf(tensor);
    const size = Math.hypot(...gradient) / Math.sqrt(gradient.length);
    if (size === 0) idle.add(`${layer} ${expert}`);
    // An expert that nobody chose has no gradient, and no slope.
    expect(size > 0 || expert !== undefined, name).toBe(true);
    const scale = size || 1;
    const values = weights.get(name)!;
    for (let probe = 0; probe < (expert === undefined ? 4 : 2); probe++) {
      const i = (probe * 7919 + 13) % values.length;
      const held = values[i]!;
      const at = (offset: number): number => {
        values[i] = held + offset;
        const loss = use.lossOf();
        values[i] = held;
        return loss;
      };
      // Fourth order: the error is that of rounding, about 1e-12 / step.
      const step = 1e-4;
      const slope = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
      expect(Math.abs(slope - gradient[i]!) / scale, `${name}[${i}]`).toBeLessThan(1e-6);
    }
  }
  expect(idle.size).toBeLessThan(3);
}

const ADAPTED: [string, ModelSpec, AdapterSettings][] = [
  ['llama, adapted, with dropout', TINY, { ...TINY_ADAPTERS, dropout: 0.25 }],
  ['experts, adapted', TINY_EXPERTS, TINY_EXPERT_ADAPTERS],
  ['experts, adapted, with dropout', TINY_EXPERTS, { ...TINY_EXPERT_ADAPTERS, dropout: 0.25 }],
];

test.each([...families, ...ADAPTED])(
  '%s: gradients are finite differences in double precision',
  (_, spec, adapters?: AdapterSettings) => {
    const program = trainProgram(spec, adapters);
    const weights = seededWeights(program, DOUBLE_ARITHMETIC, 3);
    const row = seededRow(spec.vocabCount, CONTEXT, { seed: 3, split: 4 });
    const share = 1 / row.countedTargets;
    const coefficient = 0.7;
    const balance = balanceFactor(spec, { coefficient, context: CONTEXT, rowsOfStep: 1 });
    const dropout = { seed: 1, step: 2, rowIndex: 3 };
    const use = { row, share, zLoss: 0.1, balance, arithmetic: DOUBLE_ARITHMETIC, dropout };
    const result = referenceRow(program, weights, use);
    expectSlopes(program, weights, {
      lossOf: () => {
        const found = referenceRow(program, weights, use);
        const uneven = (coefficient * found.balance) / Math.max(1, expertLayersOf(spec));
        return share * (found.loss + use.zLoss * found.zSquares) + uneven;
      },
      gradientOf: ({ name, columns }) => gradientOf(name, result, row.tokens, columns),
    });
  },
);

test('gradients of preferences are finite differences in double precision', () => {
  const program = trainProgram(TINY);
  const weights = seededWeights(program, DOUBLE_ARITHMETIC, 3);
  const rows = [1, 2, 3, 4].map((seed) => seededRow(TINY.vocabCount, CONTEXT, { seed }));
  // Neither pair's margin is 0, and one answer's is far off.
  const references = [-20, -22.5, -31, -17];
  const use = { rows, references, beta: 0.3, arithmetic: DOUBLE_ARITHMETIC };
  const { rows: results } = referencePairs(program, weights, use);
  expectSlopes(program, weights, {
    lossOf: () => referencePairs(program, weights, use).loss,
    gradientOf: ({ name, columns }) => {
      const each = results.map((one, r) => gradientOf(name, one, rows[r]!.tokens, columns));
      return each[0]!.map((_, i) => each.reduce((sum, gradient) => sum + gradient[i]!, 0));
    },
  });
});

test.each(families)('%s: single precision is near double', (_, spec) => {
  const program = trainProgram(spec);
  const row = seededRow(spec.vocabCount, CONTEXT, { seed: 5 });
  const share = 1 / row.countedTargets;
  const pass = (arithmetic: typeof DOUBLE_ARITHMETIC): ReturnType<typeof referenceRow> =>
    referenceRow(program, seededWeights(program, arithmetic, 5), {
      ...{ row, share, zLoss: 0.1, arithmetic },
    });
  const double = pass(DOUBLE_ARITHMETIC);
  for (const rounding of ['fused', 'plain'] as const) {
    const single = pass(singleArithmetic(rounding));
    expect(Math.abs(single.loss - double.loss) / row.countedTargets).toBeLessThan(1e-6);
    for (const [name, gradient] of double.gradients) {
      const other = single.gradients.get(name)!;
      const norm = Math.hypot(...gradient);
      const error = Math.hypot(...gradient.map((value, i) => value - other[i]!));
      expect(error, name).toBeLessThanOrEqual(norm * 1e-5);
    }
  }
});

// Angles are f32: a document that starts later is rotated by other roundings.
test('a row of two documents is two rows', () => {
  const program = trainProgram(TINY);
  const weights = seededWeights(program, DOUBLE_ARITHMETIC, 1);
  const whole = seededRow(TINY.vocabCount, CONTEXT, { seed: 2, split: 4 });
  const part = (start: number, end: number): typeof whole => ({
    tokens: whole.tokens.slice(start, end),
    targets: whole.targets.slice(start, end),
    counts: whole.counts.slice(start, end),
    firsts: new Uint32Array(end - start),
    countedTargets: 0,
  });
  const lossOf = (row: typeof whole): number =>
    referenceRow(program, weights, { row, share: 1, arithmetic: DOUBLE_ARITHMETIC }).loss;
  expect(lossOf(part(0, 4)) + lossOf(part(4, CONTEXT))).toBeCloseTo(lossOf(whole), 6);
});

test('log32 is the nearest f32 to ln, of 1 exactly 0, and of what has none itself', () => {
  for (let i = 0; i < 2000; i++) {
    const x = Math.fround(2 ** (i / 100));
    expect(Math.abs(log32(x) - Math.fround(Math.log(x)))).toBeLessThan(1e-15);
  }
  expect([1, Infinity, NaN].map(log32)).toEqual([0, Infinity, NaN]);
});

/** Steps of all models in 128-bit vectors, then in 256-bit ones, each kernel optimized at once. */
const WIDE_STEPS = `
  import { createHash } from 'node:crypto';
  import { setFlagsFromString } from 'node:v8';
  const load = (path) => import(new URL(path, '${import.meta.url}'));
  const { enableRevectorization } = await load('../../../kernels/src/index.ts');
  const { trainProgram } = await load('../network/program.ts');
  const { TrainRun } = await load('../engine/run.ts');
  const { TRAIN_DEFAULTS: { optimizer } } = await load('../settings.ts');
  const { seededRow, seededWeights, TINY, ...tiny } = await load('./test-models.ts');
  const adapters = { ...tiny.TINY_ADAPTERS, dropout: 0.25 };
  const programs = [trainProgram(TINY, adapters)];
  programs.push(trainProgram(tiny.TINY_EXPERTS, tiny.TINY_EXPERT_ADAPTERS));
  for (const spec of Object.values(tiny.TRAINED_SPECS)) programs.push(trainProgram(spec));
  const shape = { replicas: 1, stages: 1, tiles: 1, recompute: false };
  const create = (count) => new Float32Array(count);
  async function hash() {
    const sum = createHash('sha256');
    for (const program of programs) {
      const rows = [seededRow(program.spec.vocabCount, 20, { seed: 2 })];
      const run = new TrainRun(program, { context: 20, rowsOfStep: 1, shape, rounding: 'fused' });
      for (const [name, values] of seededWeights(program, { create }, 3)) {
        run.tensor('weights', name).set(values);
      }
      for (let update = 1; update <= 4; update++) {
        const added = { zLoss: 0.01, balanceLoss: 0.1, dropout: { seed: 1, step: update } };
        await run.step(rows, { optimizer, lr: 0.01, clip: 1, update, ...added });
        await new Promise((resolve) => setTimeout(resolve, 5)); // compilers take turns
      }
      sum.update(run.bytes('weights'));
    }
    return sum.digest('hex');
  }
  const narrow = await hash();
  enableRevectorization();
  setFlagsFromString('--wasm-tiering-budget=1');
  console.log(narrow === (await hash()) ? 'one hash' : 'two hashes');
`;

// V8 ends the process where it packs what it cannot.
test('256-bit vectors give the bits of 128-bit ones, whatever is optimized', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', WIDE_STEPS],
    { encoding: 'utf8' },
  );
  expect(`${stdout}${stderr}`).toBe('one hash\n');
});
