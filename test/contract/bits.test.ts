/**
 * The product's promise: the bits of logits do not depend on how a model is laid out or scheduled.
 *
 * Every case is compared with the same model on one tile, one thread, one request, whole prefill.
 * More layouts, on two versions of Node.js and two widths of vectors: `test/full/bits.test.ts`;
 * more families: `family-bits.test.ts`.
 */
import { beforeAll, expect, test } from 'vitest';
import { SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import type { Model, WaferOptions } from '@wafer/runtime';
import { FAMILY_GOLDEN_SPECS } from '../golden/family-specs.ts';
import { greedy, logitBits, seededTokens, withWafer } from './wafers.ts';

// Uneven on purpose: 3 KV heads on 2 or 4 tiles, widths that are no multiple of a panel.
const spec = {
  ...SYNTHETIC_SPECS['tiny']!,
  vocabCount: 509,
  modelWidth: 96,
  layerCount: 4,
  headCount: 6,
  kvHeadCount: 3,
  headWidth: 16,
  ffnWidth: 224,
  rope: { ...SYNTHETIC_SPECS['tiny']!.rope, rotaryWidth: 16 },
};
const types = ['f32', 'f16', 'bf16', 'q8_0', 'q4_0', 'q5_1'] as const;
type Type = (typeof types)[number];

const models = new Map<Type, Model>(
  types.map((type) => [type, syntheticModel({ name: `bits ${type}`, spec, type, seed: 7 })]),
);
const prompt = seededTokens(models.get('f32')!, 40);
const references = new Map<Type, Uint32Array[]>();

beforeAll(async () => {
  for (const [type, model] of models) {
    references.set(type, await withWafer({ model, grid: '1x1' }, (one) => logitBits(one, prompt)));
  }
});

const layouts: Partial<WaferOptions>[] = [
  { grid: '2x1' },
  { grid: '3x1' },
  { grid: '2x2' },
  { grid: '8x1', threads: 8 },
  { grid: '3x3', threads: 2 },
  { grid: '2x4', stages: 4, threads: 8 },
  { grid: '2x1', dice: '2x1' },
  { grid: '4x2', stages: 2, dice: '2x1' },
  { grid: '2x1', prefillChunk: 1 },
  { grid: '1x1', prefillChunk: 7 },
];

test.each(layouts)('f32 logits are the same bits on %o', async (layout) => {
  const bits = await withWafer({ model: models.get('f32')!, ...layout }, (wafer) =>
    logitBits(wafer, prompt),
  );
  expect(bits).toEqual(references.get('f32'));
});

test.each(types)('%s logits are the same bits on tiles, stages and chips', async (type) => {
  for (const layout of [{ grid: '3x1' }, { grid: '2x2', stages: 2, dice: '2x1' }]) {
    const bits = await withWafer({ model: models.get(type)!, ...layout }, (wafer) =>
      logitBits(wafer, prompt),
    );
    expect(bits, JSON.stringify(layout)).toEqual(references.get(type));
  }
});

test('plain rounding is another canonical order, and as independent of the layout', async () => {
  const model = models.get('q8_0')!;
  const plain = { model, rounding: 'plain' } as const;
  const one = await withWafer({ ...plain, grid: '1x1' }, (wafer) => logitBits(wafer, prompt));
  const many = await withWafer({ ...plain, grid: '3x2', stages: 2 }, (wafer) =>
    logitBits(wafer, prompt),
  );
  expect(many).toEqual(one);
  expect(one).not.toEqual(references.get('q8_0'));
});

test.each(['q8_0', 'q4_0'] as const)(
  '8-bit activations give %s other logits, with bits as independent of the layout',
  async (type) => {
    const int8 = { model: models.get(type)!, activations: 'int8' } as const;
    const run = (layout: Partial<WaferOptions>): Promise<Uint32Array[]> =>
      withWafer({ ...int8, ...layout }, (wafer) => logitBits(wafer, prompt));
    const one = await run({ grid: '1x1' });
    expect(one).not.toEqual(references.get(type));
    for (const layout of [
      { grid: '3x1', prefillChunk: 1 },
      { grid: '2x2', stages: 2, dice: '2x1', prefillChunk: 7 },
      { grid: '4x1', tokensPerStep: 33, threads: 2 },
    ]) {
      expect(await run(layout), JSON.stringify(layout)).toEqual(one);
    }
  },
);

test('weights of other types have f32 activations, whatever is asked for', async () => {
  const f16 = { model: models.get('f16')!, activations: 'int8', grid: '2x1' } as const;
  const bits = await withWafer(f16, (wafer) => logitBits(wafer, prompt));
  expect(bits).toEqual(references.get('f16'));
});

test("a Megatron plan gives the same bits from run to run, near the column plan's", async () => {
  const options = { model: models.get('f32')!, grid: '3x1', tensorPlan: 'megatron' } as const;
  const first = await withWafer(options, (wafer) => logitBits(wafer, prompt));
  const second = await withWafer({ ...options, threads: 1, dice: '3x1' }, (wafer) =>
    logitBits(wafer, prompt),
  );
  expect(second).toEqual(first);
  const wanted = references.get('f32')!;
  first.forEach((row, position) => {
    const actual = new Float32Array(row.buffer);
    const reference = new Float32Array(wanted[position]!.buffer);
    // Sums of 96 and 224 terms in another order: a few ulp of values near 1, grown over 4 layers.
    actual.forEach((value, id) => expect(Math.abs(value - reference[id]!)).toBeLessThan(1e-4));
  });
});

// Between them: windows, chunks, sinks, layers without positions, experts of both kinds.
test.each(['gpt-oss, tight clamp', 'llama4'] as const)(
  'logits of %s are the same bits on tiles, stages and chips, beside others',
  async (family) => {
    const model = syntheticModel({
      name: family,
      spec: FAMILY_GOLDEN_SPECS[family],
      type: 'q8_0',
      seed: 7,
    });
    const tokens = seededTokens(model, 18);
    const one = await withWafer({ model, grid: '1x1' }, (wafer) => logitBits(wafer, tokens));
    const layout = { grid: '2x2', stages: 2, dice: '2x1', prefillChunk: 5 };
    const [bits] = await withWafer({ model, ...layout }, (wafer) =>
      Promise.all([logitBits(wafer, tokens), greedy(wafer, tokens.slice(9), 4)]),
    );
    expect(bits).toEqual(one);
  },
);

test('requests at once answer as requests alone, in any order', async () => {
  const model = models.get('f32')!;
  const prompts = Array.from({ length: 32 }, (_, i) => seededTokens(model, 3 + (i % 23), i + 1));
  await withWafer({ model, grid: '2x1', sequences: 32 }, async (wafer) => {
    const alone: number[][] = [];
    for (const tokens of prompts) alone.push(await greedy(wafer, tokens, 12));
    const together = await Promise.all(prompts.map((tokens) => greedy(wafer, tokens, 12)));
    expect(together).toEqual(alone);
    const backwards = prompts.toReversed().map((tokens) => greedy(wafer, tokens, 12));
    expect((await Promise.all(backwards)).toReversed()).toEqual(alone);
  });
});

test('preemption for want of KV blocks changes nothing', async () => {
  const model = models.get('f32')!;
  const prompts = Array.from({ length: 6 }, (_, i) => seededTokens(model, 20 + i, i + 1));
  const answers = async (kvTokens: number): Promise<[number[][], number]> =>
    await withWafer({ model, grid: '2x1', kvTokens }, async (wafer) => {
      const all = await Promise.all(prompts.map((tokens) => greedy(wafer, tokens, 40)));
      const { scheduler } = await wafer.metrics();
      return [all, scheduler.preemptionCount];
    });
  const [roomy, none] = await answers(2048);
  const [tight, some] = await answers(160);
  expect(none).toBe(0);
  expect(some).toBeGreaterThan(0);
  expect(tight).toEqual(roomy);
});

test('reused prefixes give the same bits and save the work', async () => {
  const model = models.get('f32')!;
  const run = async (reusePrefixes: boolean): Promise<[number[][], number]> =>
    await withWafer({ model, grid: '2x1', reusePrefixes }, async (wafer) => {
      const answers: number[][] = [];
      for (let i = 0; i < 4; i++) answers.push(await greedy(wafer, prompt, 8 + i));
      return [answers, (await wafer.metrics()).computedTokens];
    });
  const [reused, fewer] = await run(true);
  const [fresh, all] = await run(false);
  expect(reused).toEqual(fresh);
  // Two full blocks of the prompt of 40 are found by each of the three later requests.
  expect(all - fewer).toBe(3 * 32);
});
