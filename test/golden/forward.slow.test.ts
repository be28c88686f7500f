import { describe, expect, test } from 'vitest';
import { BLOCK_FORMATS } from '@wafer/core';
import type { BlockType, ModelSpec, RopeSpec, WeightType } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import { seededTokens } from '../contract/wafers.ts';
import { differentChoices, waferLogits, worstDifference } from './compare.ts';
import type { LogitRows } from './compare.ts';
import { DOUBLE_TOLERANCE, forwardDouble, readDoubleWeights } from './double-forward.ts';
import { withoutBias } from './double-changes.ts';
import type { DoubleWeights } from './double-forward.ts';
import { GOLDEN_SPECS, WIDE_SPEC, withGguf } from './specs.ts';

const TYPES: readonly WeightType[] = ['f32', 'f16', 'bf16', 'q8_0', 'q4_0'];
const TOKEN_COUNT = 32;

// Every shape in f32, every other type in two shapes; the rest is in test/full/llama-cpp.test.ts.
// Half of the cases go through a GGUF file, in whose layout neighboring elements rotate.
const cases = Object.entries(GOLDEN_SPECS).flatMap(([name, spec], row) =>
  TYPES.map((type) => ({ name, spec, type, isGguf: row % 2 === 1 })).filter(
    (_, column) => column === 0 || (row + column) % 4 < 2,
  ),
);

const BLOCK_CASES = (Object.keys(BLOCK_FORMATS) as BlockType[]).map((type) => {
  const isGguf = type !== 'f8_e4m3' && type !== 'f8_e5m2';
  return { name: 'blocks of 256', spec: WIDE_SPEC, type, isGguf };
});

test.each([...cases, ...BLOCK_CASES])(
  '$name, $type, through GGUF: $isGguf',
  async ({ name, spec, type, isGguf }) => {
    const model = syntheticModel({ name, spec, type, seed: 11 });
    const tokens = seededTokens(model, TOKEN_COUNT);
    const wanted = forwardDouble(spec, readDoubleWeights(model), tokens);
    const actual = isGguf
      ? await withGguf(model, async (gguf) => {
          expect(gguf.spec.rope.layout).toBe('pairs');
          return await waferLogits(gguf, tokens);
        })
      : await waferLogits(model, tokens);
    expect(worstDifference(actual, wanted)).toBeLessThanOrEqual(DOUBLE_TOLERANCE);
    const { differing, comparedCount } = differentChoices(actual, wanted, DOUBLE_TOLERANCE);
    expect(differing).toEqual([]);
    expect(comparedCount).toBeGreaterThan(TOKEN_COUNT * 0.9);
  },
);

test('both layouts of the double-precision pass are the same function', async () => {
  for (const [name, spec] of Object.entries(GOLDEN_SPECS)) {
    const model = syntheticModel({ name, spec, type: 'q8_0', seed: 5 });
    const tokens = seededTokens(model, 12);
    const halves = forwardDouble(spec, readDoubleWeights(model), tokens);
    const pairs = await withGguf(model, async (gguf) =>
      forwardDouble(gguf.spec, readDoubleWeights(gguf), tokens),
    );
    // A GGUF file holds factors and epsilon as f32.
    expect(worstDifference(pairs, halves), name).toBeLessThan(1e-6);
  }
});

describe('an option that is not honored would show', () => {
  const known = new Map<string, { weights: DoubleWeights; tokens: number[]; right: LogitRows }>();
  const reference = (name: string) => {
    const spec = GOLDEN_SPECS[name] as ModelSpec;
    const model = syntheticModel({ name, spec, type: 'f32', seed: 11 });
    const tokens = seededTokens(model, TOKEN_COUNT);
    const weights = readDoubleWeights(model);
    const made = { weights, tokens, right: forwardDouble(spec, weights, tokens) };
    known.set(name, made);
    return made;
  };
  /** How far logits move when the spec or the weights of a shape are changed. */
  const effect = (
    name: string,
    changeSpec: (spec: ModelSpec) => ModelSpec,
    changeWeights = (weights: DoubleWeights) => weights,
  ): number => {
    const { weights, tokens, right } = known.get(name) ?? reference(name);
    const spec = changeSpec(GOLDEN_SPECS[name] as ModelSpec);
    return worstDifference(forwardDouble(spec, changeWeights(weights), tokens), right);
  };
  const rope =
    (change: (rope: RopeSpec) => Partial<RopeSpec>) =>
    (spec: ModelSpec): ModelSpec => ({ ...spec, rope: { ...spec.rope, ...change(spec.rope) } });
  const scaling = (changes: object): ((spec: ModelSpec) => ModelSpec) =>
    rope((old) => ({ scaling: { ...old.scaling, ...changes } }));
  const [plain, linear, llama3, yarn] = Object.keys(GOLDEN_SPECS) as [
    string,
    string,
    string,
    string,
  ];

  test.each<[string, string, (spec: ModelSpec) => ModelSpec]>([
    ['layout', plain, rope(() => ({ layout: 'pairs' }))],
    ['theta', plain, rope(({ theta }) => ({ theta: theta * 1.01 }))],
    ['rotary width', plain, rope(({ rotaryWidth }) => ({ rotaryWidth: rotaryWidth - 2 }))],
    ['epsilon', yarn, (spec) => ({ ...spec, normEpsilon: 1e-5 })],
    ['linear scaling', linear, rope(() => ({ scaling: { kind: 'none' } }))],
    ['linear factor', linear, scaling({ factor: 4.1 })],
    ['llama3 factor', llama3, scaling({ factor: 8.4 })],
    ['llama3 low factor', llama3, scaling({ lowFrequencyFactor: 1.2 })],
    ['llama3 high factor', llama3, scaling({ highFrequencyFactor: 4.4 })],
    ['llama3 context', llama3, scaling({ originalContext: 36 })],
    ['yarn factor', yarn, scaling({ factor: 4.2 })],
    ['yarn magnitude', yarn, scaling({ attentionFactor: 1.14 })],
    ['yarn context', yarn, scaling({ originalContext: 256 })],
    ['yarn rounding', yarn, scaling({ truncate: false })],
  ])('%s', (_, name, change) => {
    expect(effect(name, change)).toBeGreaterThan(50 * DOUBLE_TOLERANCE);
  });

  test.each(['q', 'k', 'v', 'o', 'gate', 'up', 'down'] as const)('bias of %s', (matrix) => {
    const drop = (weights: DoubleWeights): DoubleWeights => withoutBias(weights, matrix);
    expect(effect(linear, (spec) => spec, drop)).toBeGreaterThan(50 * DOUBLE_TOLERANCE);
  });
});
