/**
 * A wafer of tiles computes the bits of the plain reference, for every family.
 */
import { expect, test } from 'vitest';
import { syntheticModel } from '@wafer/models';
import { FAMILY_GOLDEN_SPECS } from '../golden/family-specs.ts';
import { referenceOf } from './reference.ts';
import { logitBits, seededTokens, withWafer } from './wafers.ts';

/** Longer than windows, chunks and a KV block. */
const PROMPT_TOKENS = 21;

test.each(Object.entries(FAMILY_GOLDEN_SPECS))(
  '%s: two tiles give the reference',
  async (name, spec) => {
    const model = syntheticModel({ name, spec, type: 'f32', seed: 5 });
    const prompt = seededTokens(model, PROMPT_TOKENS);
    const wanted = referenceOf(model, prompt).map((row) => new Uint32Array(row.buffer));
    const given = { model, grid: '2x1', rounding: 'fused', prefillChunk: 8 } as const;
    expect(await withWafer(given, (wafer) => logitBits(wafer, prompt))).toEqual(wanted);
  },
);

test('the reference hears every token and the rounding', () => {
  const spec = FAMILY_GOLDEN_SPECS['glm4-moe'];
  const model = syntheticModel({ name: 'glm', spec, type: 'f32', seed: 5 });
  const [a, b, c] = [
    referenceOf(model, [1, 2, 3]),
    referenceOf(model, [4, 2, 3]),
    referenceOf(model, [1, 2, 3], 'plain'),
  ];
  expect(b.at(-1)).not.toEqual(a.at(-1));
  expect(c.at(-1)).not.toEqual(a.at(-1));
});
