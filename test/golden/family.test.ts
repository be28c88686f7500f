/**
 * Every family on one tile: against figures of llama.cpp, and against the double-precision
 * forward where llama.cpp has no such shape (short windows and chunks, a tight clamp).
 *
 * Types, formats and layouts: test/full/families.test.ts. That each feature moves logits by 50
 * tolerances and more: family-sensitivity.test.ts. That the double-precision forward is what
 * llama.cpp computes: here by the figures, in test/full/family-llama-cpp.test.ts live.
 */
import { describe, expect, test } from 'vitest';
import type { ModelSpec } from '@wafer/core';
import { syntheticModel } from '@wafer/runtime';
import { seededTokens } from '../contract/wafers.ts';
import { argmax, differentChoices, waferLogits, worstDifference } from './compare.ts';
import type { LogitRows } from './compare.ts';
import { DOUBLE_TOLERANCE, forwardDouble, newTrace, readDoubleWeights } from './double-forward.ts';
import {
  digestOf,
  FAMILY_POSITIONS,
  FAMILY_SEED,
  familyModel,
  LLAMA_CPP_SPECS,
  NO_CHOICE,
  readFamilyFigures,
  ROUTER_MARGIN_MIN,
} from './family-llama-cpp.ts';
import { FAMILY_GOLDEN_SPECS } from './family-specs.ts';
import { keptLogits } from './llama-cpp.ts';
import type { GoldenFigures } from './llama-cpp.ts';

/** Both round in f32; as argued for other shapes in llama-cpp.test.ts. */
const TOLERANCE = 1e-4;
/** The rounding of llama.cpp alone. Measured: 3.2e-6 at worst. */
const REFERENCE_TOLERANCE = 2e-5;
const TOKEN_COUNT = 20;

const figures = readFamilyFigures();

function checkFigures(rows: LogitRows, wanted: GoldenFigures, tolerance: number): void {
  const kept = keptLogits(rows, FAMILY_POSITIONS);
  const [actual, expected] = [kept, wanted.logits].map((list) => list.map(({ values }) => values));
  expect(worstDifference(actual!, expected!)).toBeLessThanOrEqual(tolerance);
  const choices = rows.map((row, position) =>
    wanted.choices[position] === NO_CHOICE ? NO_CHOICE : argmax(row),
  );
  expect(choices).toEqual(wanted.choices);
}

test('there are figures for every shape that llama.cpp computes', () => {
  expect(Object.keys(figures.families)).toEqual(Object.keys(LLAMA_CPP_SPECS));
});

describe.each(Object.keys(LLAMA_CPP_SPECS))('%s', (name) => {
  const wanted = figures.families[name] as GoldenFigures;
  const { spec, model, weights, tokens } = familyModel(name);

  test('the double-precision forward is what llama.cpp computed', () => {
    expect(digestOf(spec, weights), 'other weights: make new figures').toBe(wanted.sha256);
    expect(tokens).toEqual(wanted.tokens);
    checkFigures(forwardDouble(spec, weights, tokens), wanted, REFERENCE_TOLERANCE);
  });

  test('so is the wafer', async () => {
    checkFigures(await waferLogits(model, tokens), wanted, TOLERANCE);
  });
});

/** What llama.cpp cannot compute, or not within some dozen tokens. */
const others = Object.entries<ModelSpec>(FAMILY_GOLDEN_SPECS).filter(
  ([name, spec]) => LLAMA_CPP_SPECS[name] !== spec,
);

test.each(others)('%s: logits of the double-precision forward', async (name, spec) => {
  const model = syntheticModel({ name, spec, type: 'f32', seed: FAMILY_SEED });
  const tokens = seededTokens(model, TOKEN_COUNT);
  const trace = newTrace();
  const wanted = forwardDouble(spec, readDoubleWeights(model), tokens, trace);
  expect(trace.routerMarginMin).toBeGreaterThan(ROUTER_MARGIN_MIN);
  const actual = await waferLogits(model, tokens);
  expect(worstDifference(actual, wanted)).toBeLessThanOrEqual(DOUBLE_TOLERANCE);
  const { differing, comparedCount } = differentChoices(actual, wanted, DOUBLE_TOLERANCE);
  expect(differing).toEqual([]);
  expect(comparedCount).toBeGreaterThan(TOKEN_COUNT * 0.9);
});
