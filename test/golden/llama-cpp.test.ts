import { describe, expect, test } from 'vitest';
import { openModel } from '@wafer/runtime';
import { withWafer } from '../contract/wafers.ts';
import { argmax, logitsOf, waferLogits, worstDifference } from './compare.ts';
import {
  GREEDY_COUNT,
  LOGIT_STRIDE,
  goldenModels,
  keptLogits,
  readGolden,
  sha256Of,
} from './llama-cpp.ts';
import type { GoldenFigures } from './llama-cpp.ts';
import { withGguf } from './specs.ts';
import { STORIES, hasStories } from './stories.ts';

/**
 * Both sides round in f32. Measured: 9e-6 at worst on the random models (logits up to 5), 1.5e-5
 * on the trained one (logits up to 20, an ulp of which is 2e-6). The smallest effect of a wrong
 * option is 2e-3 (forward.test.ts).
 */
const TOLERANCE = 1e-4;

const golden = readGolden();

function checkFigures(actual: readonly Float32Array[], figures: GoldenFigures): void {
  const kept = keptLogits(actual);
  expect(kept.map(({ position }) => position)).toEqual(
    figures.logits.map(({ position }) => position),
  );
  const [rows, wanted] = [kept, figures.logits].map((list) => list.map(({ values }) => values));
  expect(wanted?.every((row) => row.length === Math.ceil(actual[0]!.length / LOGIT_STRIDE))).toBe(
    true,
  );
  expect(worstDifference(rows!, wanted!)).toBeLessThanOrEqual(TOLERANCE);
  expect(actual.map((row) => argmax(row))).toEqual(figures.choices);
}

test('there are figures for every random model', () => {
  expect(goldenModels().map(({ name }) => name)).toEqual(Object.keys(golden.synthetic));
});

test.each(goldenModels())('$name: logits as llama.cpp computes them', async (each) => {
  const figures = golden.synthetic[each.name]!;
  await withGguf(each.model, async (gguf, path) => {
    expect(sha256Of(path), 'other bytes: make new figures, see llama-cpp.ts').toBe(figures.sha256);
    expect(each.tokens).toEqual(figures.tokens);
    checkFigures(await waferLogits(gguf, figures.tokens), figures);
  });
});

/** In f16 the model is here; in other forms beside the repository, if it is there. */
const FORMS = hasStories('a trained model in f32 against the figures of llama.cpp')
  ? (['folder', 'f32', 'f16'] as const)
  : (['f16'] as const);

describe('stories', () => {
  const { prompt, f32, f16 } = golden.stories;
  const texts = { folder: f32.text, f32: f32.text, f16: f16.text };

  test('the files are those the figures were made from', () => {
    const sums = { folder: undefined, f32: f32.sha256, f16: f16.sha256 };
    for (const form of FORMS) if (sums[form]) expect(sha256Of(STORIES[form])).toBe(sums[form]);
  });

  test.each(FORMS)('%s: the story of llama.cpp', async (form) => {
    const model = await openModel(STORIES[form]);
    await withWafer({ model }, async (wafer) => {
      let text = '';
      let count = 0;
      const options = { maxTokens: GREEDY_COUNT, temperature: 0 };
      for await (const piece of wafer.generate(prompt, options)) {
        text += piece.text;
        count++;
      }
      expect({ text, count }).toEqual({ text: texts[form], count: GREEDY_COUNT });
      // In f16 llama.cpp rounds activations too, so its logits are no measure.
      if (form !== 'f16') checkFigures(await logitsOf(wafer, f32.tokens), f32);
    });
  });
});
