import { beforeAll, describe, expect, test } from 'vitest';
import { WEIGHT_TYPES } from '@wafer/core';
import type { ModelSpec, WeightType } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import { createTokenizer } from '@wafer/text';
import { greedy, seededTokens, withWafer } from '../contract/wafers.ts';
import { differentChoices, waferLogits, worstDifference } from '../golden/compare.ts';
import { DOUBLE_TOLERANCE, forwardDouble, readDoubleWeights } from '../golden/double-forward.ts';
import { GOLDEN_SPECS, WIDE_SPEC, withGguf } from '../golden/specs.ts';
import { STORIES, hasStories } from '../golden/stories.ts';
import { NASTY_TEXTS } from './nasty-texts.ts';
import { LlamaCpp } from './peers.ts';

/**
 * Largest difference of a logit from llama.cpp's. In f32 both sides round alike: 9e-6 measured on
 * the random models, 1.5e-5 on the trained one, whose logits reach 20. For other types llama.cpp
 * rounds activations too, to f16, bf16 or 8 bits; measured 4e-3, 4e-2, 0.12 and 0.10 of logits
 * that spread by 1 and reach 5. A wrong reading of a block moves them by that spread.
 */
const TOLERANCES = {
  f32: 1e-4,
  f16: 1e-2,
  bf16: 0.1,
  q8_0: 0.3,
  q4_0: 0.3,
  q4_1: 0.3,
  q5_0: 0.3,
  q5_1: 0.3,
  iq4_nl: 0.3,
  iq4_xs: 0.3,
  mxfp4: 0.3,
} as const satisfies Partial<Record<WeightType, number>>;
const TYPES = Object.keys(TOLERANCES) as (keyof typeof TOLERANCES)[];
/** The golden shapes, and one that blocks of 256 fit. */
const LLAMA_SPECS: Readonly<Record<string, ModelSpec>> = {
  ...GOLDEN_SPECS,
  'blocks of 256': WIDE_SPEC,
};

/** Blocks of 32 fit all shapes; others the last one alone. */
function holdsBlocks(spec: ModelSpec, type: WeightType): boolean {
  return spec.modelWidth % WEIGHT_TYPES[type].blockColumns === 0;
}

const TOKEN_COUNT = 200;
const STORY_COUNT = 64;

let llama: LlamaCpp;
beforeAll(async () => {
  llama = await LlamaCpp.start();
  return () => llama.close();
});

describe.each(Object.entries(LLAMA_SPECS))('%s', (name, spec) => {
  test.each(TYPES.filter((type) => holdsBlocks(spec, type)))(
    '%s logits are those of double precision and near those of llama.cpp',
    async (type) => {
      const model = syntheticModel({ name, spec, type, seed: 11 });
      const tokens = seededTokens(model, TOKEN_COUNT);
      await withGguf(model, async (gguf, path) => {
        const ours = await waferLogits(gguf, tokens);
        const theirs = await llama.withModel(path, (peer) => peer.logits(tokens, spec.vocabCount));
        expect(worstDifference(ours, theirs)).toBeLessThanOrEqual(TOLERANCES[type]);
        const { differing, comparedCount } = differentChoices(ours, theirs, TOLERANCES[type]);
        expect(differing).toEqual([]);
        expect(comparedCount).toBeGreaterThan(0);
        const exact = forwardDouble(gguf.spec, readDoubleWeights(gguf), tokens);
        expect(worstDifference(ours, exact)).toBeLessThanOrEqual(DOUBLE_TOLERANCE);
      });
    },
  );
});

test('a byte-level tokenizer gives the ids of llama.cpp', async () => {
  const spec = GOLDEN_SPECS['grouped heads']!;
  const model = syntheticModel({ name: 'bytes', spec, type: 'f32', seed: 1 });
  await withGguf(model, async (gguf, path) => {
    const tokenizer = createTokenizer(gguf.tokenizer!);
    const theirs = await llama.withModel(path, async (peer) => NASTY_TEXTS.map(peer.encode, peer));
    expect(encodeAll(tokenizer.encode.bind(tokenizer))).toEqual(theirs);
  });
});

describe.skipIf(!hasStories('a trained model against llama.cpp itself'))('stories', () => {
  test('greedy tokens and all logits on the way are those of llama.cpp', async () => {
    const model = await openModel(STORIES.f32);
    const prompt = createTokenizer(model.tokenizer!).encode('Once upon a time');
    const ours = await withWafer({ model }, (wafer) => greedy(wafer, prompt, STORY_COUNT));
    await llama.withModel(STORIES.f32, async (peer) => {
      expect(ours).toEqual(await peer.greedy(prompt, STORY_COUNT));
      const tokens = [...prompt, ...ours];
      const theirs = await peer.logits(tokens, model.spec.vocabCount);
      const logits = await waferLogits(model, tokens);
      expect(worstDifference(logits, theirs)).toBeLessThanOrEqual(TOLERANCES.f32);
    });
  });

  test.each(['f32', 'folder'] as const)('the tokenizer of %s gives its ids', async (form) => {
    const tokenizer = createTokenizer((await openModel(STORIES[form])).tokenizer!);
    const theirs = await llama.withModel(STORIES.f32, async (peer) =>
      NASTY_TEXTS.map(peer.encode, peer),
    );
    expect(encodeAll(tokenizer.encode.bind(tokenizer))).toEqual(theirs);
  });
});

/** Ids of every text, without a begin token. */
function encodeAll(encode: (text: string, options: { addBegin: boolean }) => number[]): number[][] {
  return NASTY_TEXTS.map((text) => encode(text, { addBegin: false }));
}
