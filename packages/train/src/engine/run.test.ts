import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { expertsOf } from '@wafer/core';
import type { Rounding } from '@wafer/core';
import { balanceFactor, expertLayersOf } from '../network/expert-ops.ts';
import { trainedTensors, trainProgram } from '../network/program.ts';
import type { TrainProgram } from '../network/program.ts';
import { adamW } from '../optimizer/adamw.ts';
import { roundToBf16 } from '../optimizer/bf16.ts';
import { adamScalars } from '../optimizer/scalars.ts';
import { singleArithmetic } from '../reference/arithmetic.ts';
import type { Numbers } from '../reference/arithmetic.ts';
import { referenceRow } from '../reference/row-pass.ts';
import {
  seededRow,
  seededWeights,
  TINY,
  TINY_ADAPTERS,
  TINY_EXPERTS,
  TINY_EXPERT_ADAPTERS,
  TINY_SIGMOID,
  TRAINED_SPECS,
} from '../reference/test-models.ts';
import { joinNodes } from '../row-tree.ts';
import type { TreeNode } from '../row-tree.ts';
import { dropoutFactor, dropoutHash, dropoutKey, dropoutThreshold } from '../dropout.ts';
import { TRAIN_DEFAULTS } from '../settings.ts';
import type { TrainRow } from '../data/rows.ts';
import { TrainRun } from './run.ts';
import type { StepUse } from './run.ts';
import type { TrainShape } from './layout.ts';
import type { WeightFormat } from '../settings.ts';

const ONE: TrainShape = { replicas: 1, stages: 1, tiles: 1, recompute: false };
const UPDATE = { optimizer: TRAIN_DEFAULTS.optimizer, lr: 0.01, clip: 1, update: 1 };

function start(
  program: TrainProgram,
  use: Partial<ConstructorParameters<typeof TrainRun>[1]>,
): TrainRun {
  const run = new TrainRun(program, {
    context: 21,
    rowsOfStep: 3,
    shape: ONE,
    rounding: 'fused',
    ...use,
  });
  for (const [name, values] of seededWeights(program, singleArithmetic('fused'), 3)) {
    run.tensor('weights', name).set(values);
  }
  return run;
}

function rowsOf(program: TrainProgram, context: number, count: number): TrainRow[] {
  return Array.from({ length: count }, (_, seed) =>
    seededRow(program.spec.vocabCount, context, { seed, split: seed === 1 ? 5 : 0 }),
  );
}

/** Gradients of a step by the reference: rows in the tree, embedded rows last. */
function referenceStep(
  program: TrainProgram,
  rows: readonly TrainRow[],
  use: { rounding: Rounding; weights?: ReadonlyMap<string, Numbers> } & Partial<StepUse>,
): { loss: number; zSquares: number; balance: number; gradients: Map<string, Numbers> } {
  const { rounding, dropout, zLoss = 0, balanceLoss = 0 } = use;
  const arithmetic = singleArithmetic(rounding);
  const { weights = seededWeights(program, arithmetic, 3) } = use;
  const targets = rows.reduce((sum, row) => sum + row.countedTargets, 0);
  const share = Math.fround(1 / targets);
  const factorOf = (coefficient: number): number =>
    balanceFactor(program.spec, {
      ...{ coefficient, context: rows[0]!.tokens.length, rowsOfStep: rows.length },
    });
  const asked = { share, zLoss, balance: factorOf(balanceLoss), arithmetic };
  const results = rows.map((row, rowIndex) => {
    const drops = dropout && { dropout: { ...dropout, rowIndex } };
    return referenceRow(program, weights, { row, ...asked, ...drops });
  });
  const nodes = results.map(({ gradients }, index): TreeNode<Map<string, Numbers>> => {
    return { level: 0, index, sum: gradients };
  });
  const [root] = joinNodes(nodes, rows.length, (left, right) => {
    for (const [name, values] of left) {
      const others = right.get(name)!;
      for (let i = 0; i < values.length; i++) values[i] = values[i]! + others[i]!;
    }
  });
  const gradients = root!.sum;
  const width = program.spec.modelWidth;
  const table = gradients.get('embed') ?? new Float32Array(program.spec.vocabCount * width);
  results.forEach(({ embedding }, r) => {
    rows[r]!.tokens.forEach((token, t) => {
      for (let d = 0; d < width; d++) {
        const at = token * width + d;
        table[at] = table[at]! + embedding[t * width + d]!;
      }
    });
  });
  gradients.set('embed', table);
  const loss = results.reduce((sum, result) => sum + result.loss, 0) / targets;
  const zSquares = results.reduce((sum, result) => sum + result.zSquares, 0) / targets;
  const layers = Math.max(1, expertLayersOf(program.spec));
  const balance = results.reduce((sum, result) => sum + result.balance, 0) / rows.length / layers;
  return { loss, zSquares, balance, gradients };
}

function bits(values: Float32Array): number[] {
  return Array.from(new Uint32Array(Float32Array.from(values).buffer));
}

test.each(Object.entries(TRAINED_SPECS))(
  '%s: gradients of a step are those of the reference, by bits',
  async (_, spec) => {
    const program = trainProgram(spec);
    for (const rounding of ['fused', 'plain'] as const) {
      const rows = rowsOf(program, 21, 3);
      const run = start(program, { rounding });
      const added = rounding === 'fused' ? { zLoss: 0.02, balanceLoss: 0.3 } : {};
      const { loss, zSquares, balance } = await run.step(rows, { ...UPDATE, ...added });
      const expected = referenceStep(program, rows, { rounding, ...added });
      expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-12);
      expect(Math.abs(zSquares - expected.zSquares)).toBeLessThan(1e-11);
      expect(Math.abs(balance - expected.balance)).toBeLessThan(1e-12);
      for (const { name } of trainedTensors(program)) {
        expect(bits(run.gradient(name)), `${name} ${rounding}`).toEqual(
          bits(expected.gradients.get(name) as Float32Array),
        );
      }
    }
  },
);

test('a router of as many groups as a word has bits keeps its last ones', async () => {
  const { router, ...experts } = expertsOf(TINY_SIGMOID);
  const groups = { count: 64, keptCount: 2 };
  const spec = {
    ...TINY_SIGMOID,
    experts: { ...experts, expertCount: 64, router: { ...router, groups } },
  };
  const program = trainProgram(spec);
  const weights = seededWeights(program, singleArithmetic('fused'), 3);
  const run = start(program, {});
  const biases = program.tensors.filter(({ kind }) => kind === 'router.selectionBias');
  expect(biases.length).toBeGreaterThan(0);
  for (const { name } of biases) {
    const bias = weights.get(name)!.map((value, expert) => (expert > 61 ? 2 : value));
    weights.set(name, bias);
    run.tensor('weights', name).set(bias);
  }
  const rows = rowsOf(program, 21, 3);
  await run.step(rows, UPDATE);
  const { gradients } = referenceStep(program, rows, { rounding: 'fused', weights });
  for (const { name } of trainedTensors(program)) {
    expect(bits(run.gradient(name)), name).toEqual(bits(gradients.get(name) as Float32Array));
  }
  const isUsed = (expert: number): boolean =>
    bits(run.gradient(`layers.1.experts.${expert}.down`)).some((word) => word !== 0);
  expect([0, 31, 61, 62, 63].map(isUsed)).toEqual([false, false, false, true, true]);
});

/** Hash-like words of all weights and moments after some steps. */
async function trained(use: {
  shape: TrainShape;
  context?: number;
  rowsOfStep?: number;
  steps?: number;
  kind?: 'adamw' | 'muon' | 'sgd';
  weights?: WeightFormat;
}): Promise<string> {
  const { context = 37, rowsOfStep = 8, steps = 3, shape, kind = 'adamw' } = use;
  const program = trainProgram(TINY);
  const { weights = 'f32' } = use;
  const run = start(program, { context, rowsOfStep, shape, weights });
  const optimizer = { ...TRAIN_DEFAULTS.optimizer, kind };
  const hash = createHash('sha256');
  for (let step = 1; step <= steps; step++) {
    const rows = rowsOf(program, context, rowsOfStep);
    const { loss, gradNorm } = await run.step(rows, { ...UPDATE, optimizer, update: step });
    hash.update(`${loss} ${gradNorm}`);
  }
  for (const region of ['weights', 'first', 'second'] as const) hash.update(run.bytes(region));
  await run.close();
  return hash.digest('hex');
}

test('weights depend on no replicas, stages, tiles, and on nothing made anew', async () => {
  const alone = await trained({ shape: ONE });
  const shapes: Partial<TrainShape>[] = [
    { recompute: true },
    { replicas: 2, recompute: true },
    { stages: 2, tiles: 2 },
  ];
  for (const shape of shapes) {
    expect(await trained({ shape: { ...ONE, ...shape } }), JSON.stringify(shape)).toBe(alone);
  }
  expect(await trained({ shape: ONE, steps: 2 })).not.toBe(alone);
});

test.each(['sgd', 'muon'] as const)(
  '%s gives the same weights on one thread and on four',
  async (kind) => {
    const alone = await trained({ shape: ONE, kind, rowsOfStep: 4 });
    const shape = { ...ONE, replicas: 2 };
    expect(await trained({ shape, kind, rowsOfStep: 4 })).toBe(alone);
    const rounded = await trained({ shape: ONE, kind, rowsOfStep: 4, weights: 'bf16' });
    expect(await trained({ shape, kind, rowsOfStep: 4, weights: 'bf16' })).toBe(rounded);
    expect(rounded).not.toBe(alone);
    expect(await trained({ shape: ONE, rowsOfStep: 4 })).not.toBe(alone);
  },
);

test('a gradient that is not finite leaves weights and moments as they were', async () => {
  const program = trainProgram(TINY);
  const run = start(program, {});
  run.tensor('weights', 'layers.0.q')[3] = Infinity;
  const before = run.bytes('weights').slice();
  const { isSkipped, gradNorm } = await run.step(rowsOf(program, 21, 3), UPDATE);
  expect(isSkipped).toBe(true);
  expect(Number.isFinite(gradNorm)).toBe(false);
  expect(Buffer.compare(run.bytes('weights'), before)).toBe(0);
  expect(run.bytes('first').every((byte) => byte === 0)).toBe(true);
});

test.each([ONE, { ...ONE, stages: 2, tiles: 2 }])(
  'bf16: rows read rounded matrices, and their gradients move the kept ones (%j)',
  async (shape) => {
    const program = trainProgram(TINY);
    const rows = rowsOf(program, 21, 3);
    const run = start(program, { weights: 'bf16', shape });
    expect(run.layout.bytes.weights).toBe(2 * run.layout.regionBytes);
    const kept = seededWeights(program, singleArithmetic('fused'), 3) as Map<string, Float32Array>;
    const moments = new Map<string, Parameters<typeof adamW>[2]>();
    for (const update of [1, 2]) {
      const weights = new Map<string, Numbers>();
      for (const { name, isVector } of program.tensors) {
        const values = kept.get(name)!.slice();
        if (!isVector) roundToBf16(values, kept.get(name)!);
        weights.set(name, values);
      }
      const { gradients } = referenceStep(program, rows, { rounding: 'fused', weights });
      await run.step(rows, { ...UPDATE, clip: 0, update });
      for (const { name, isVector } of program.tensors) {
        const gradient = gradients.get(name) as Float32Array;
        expect(bits(run.gradient(name)), name).toEqual(bits(gradient));
        const values = kept.get(name)!;
        const empty = (): Float32Array => new Float32Array(values.length);
        const own = moments.get(name) ?? { first: empty(), second: empty() };
        moments.set(name, own);
        const { optimizer, lr } = UPDATE;
        const scalars = adamScalars(optimizer, { lr, step: update, isDecayed: !isVector });
        adamW(values, gradient, own, { ...scalars, scale: 1 });
        expect(bits(run.tensor('weights', name)), name).toEqual(bits(values));
      }
    }
    await run.close();
  },
);

test('an evaluation is the loss of a step, and moves nothing', async () => {
  const program = trainProgram(TINY);
  for (const shape of [ONE, { ...ONE, stages: 2 }]) {
    const run = start(program, { shape });
    const rows = rowsOf(program, 21, 3);
    const before = run.bytes('weights').slice();
    const { loss, targets } = await run.evaluate(rows);
    expect(Buffer.compare(run.bytes('weights'), before)).toBe(0);
    expect((await run.step(rows, UPDATE)).loss).toBe(loss / targets);
    await run.close();
  }
});

test('a run that does not fit, and a token outside the vocabulary, are refused', async () => {
  const program = trainProgram({ ...TINY, vocabCount: 2 ** 24 });
  const use = { context: 64, rowsOfStep: 1, shape: ONE, rounding: 'fused' } as const;
  expect(() => new TrainRun(program, use)).toThrow('TRAIN_MEMORY');
  const run = start(trainProgram(TINY), { rowsOfStep: 1 });
  const row = { ...seededRow(21, 21, { seed: 1 }), tokens: new Uint32Array(21).fill(21) };
  await expect(run.step([row], UPDATE)).rejects.toThrow('TOKEN_OUT_OF_RANGE');
});

test.each([
  ['matrices', 0, TINY, TINY_ADAPTERS, 'layers.1.down.lora.b', 16],
  ['matrices', 0.3, TINY, TINY_ADAPTERS, 'layers.1.down.lora.b', 16],
  ['experts', 0, TINY_EXPERTS, TINY_EXPERT_ADAPTERS, 'layers.1.experts.3.down.lora.b', 44],
  ['experts', 0.3, TINY_EXPERTS, TINY_EXPERT_ADAPTERS, 'layers.1.experts.3.down.lora.b', 44],
])(
  'adapters of %s alone are trained, to the bit of the reference (%d)',
  async (_, share, spec, adapters, last, count) => {
    const program = trainProgram(spec, { ...adapters, dropout: share });
    const dropout = { seed: 7, step: 3 };
    const names = trainedTensors(program).map(({ name }) => name);
    expect(names).toContain(last);
    expect(names).toHaveLength(count);
    const rows = rowsOf(program, 21, 3);
    const expected = referenceStep(program, rows, { rounding: 'fused', dropout });
    const hashes: string[] = [];
    for (const shape of [ONE, { ...ONE, stages: 2, tiles: 2 }]) {
      const run = start(program, { shape });
      const base = bits(run.tensor('weights', 'layers.0.q'));
      const { loss, targets } = await run.evaluate(rows);
      const step = await run.step(rows, { ...UPDATE, dropout });
      expect(step.loss === loss / targets).toBe(share === 0);
      for (const name of names) {
        const wanted = expected.gradients.get(name) as Float32Array;
        expect(bits(run.gradient(name)), name).toEqual(bits(wanted));
      }
      expect(bits(run.tensor('weights', 'layers.0.q'))).toEqual(base);
      hashes.push(createHash('sha256').update(run.bytes('weights')).digest('hex'));
      await run.close();
    }
    expect(hashes[1]).toBe(hashes[0]);
  },
);

test('a share of inputs is dropped, another one in each row, step, adapter and seed', () => {
  const count = 4096;
  const maskOf = (...place: [number, number, number, number]): boolean[] => {
    const [key0, key1] = [dropoutKey(0, ...place), dropoutKey(1, ...place)];
    const threshold = dropoutThreshold(0.25);
    return Array.from({ length: count }, (_, i) => dropoutHash(i, key0, key1) < threshold);
  };
  const masks = [maskOf(1, 1, 0, 0), maskOf(2, 1, 0, 0), maskOf(1, 2, 0, 0)];
  masks.push(maskOf(1, 1, 1, 0), maskOf(1, 1, 0, 1), maskOf(0, 0, 0, 0));
  masks.forEach((mask, one) => {
    const share = mask.filter(Boolean).length / count;
    // Within 4 deviations of a binomial.
    expect(Math.abs(share - 0.25)).toBeLessThan(0.028);
    for (const other of masks.slice(one + 1)) {
      const both = mask.filter((isDropped, i) => isDropped && other[i]).length / count;
      expect(Math.abs(both - 0.0625)).toBeLessThan(0.016);
    }
  });
  expect(dropoutFactor(0.5)).toBe(2);
});
