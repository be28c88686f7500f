/**
 * The double-precision forward against what llama.cpp computed of the same weights, as committed.
 *
 * Live, and on files by the product's writer: test/full/family-llama-cpp.test.ts.
 */
import { expect, test } from 'vitest';
import { forwardDouble, readDoubleWeights } from './double-forward.ts';
import { checkFamilyFigures } from './family-figures.ts';
import {
  digestOf,
  familyModel,
  LLAMA_CPP_SPECS,
  NO_CHOICE,
  readFamilyFigures,
} from './family-llama-cpp.ts';

/** The rounding of llama.cpp alone. Measured: 3.2e-6 at worst, of logits up to 5. */
const TOLERANCE = 2e-5;

const { families } = readFamilyFigures();

test('there are figures for every shape that llama.cpp computes', () => {
  expect(Object.keys(families)).toEqual(Object.keys(LLAMA_CPP_SPECS));
});

test.each(Object.keys(LLAMA_CPP_SPECS))('%s', (name) => {
  const { spec, model, tokens } = familyModel(name);
  const weights = readDoubleWeights(model);
  expect(digestOf(spec, weights), 'other weights: make new figures').toBe(families[name]!.sha256);
  expect(tokens).toEqual(families[name]!.tokens);
  expect(families[name]!.choices.filter((choice) => choice === NO_CHOICE).length).toBeLessThan(4);
  checkFamilyFigures(name, forwardDouble(spec, weights, tokens), TOLERANCE);
});
