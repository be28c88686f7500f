/**
 * Every family on one tile: against figures of llama.cpp, and against the double-precision
 * forward where llama.cpp has no such shape (short windows and chunks, a tight clamp).
 *
 * Types, formats and layouts: test/full/families.test.ts. That each feature moves logits by 50
 * tolerances and more: family-sensitivity.test.ts. That the double-precision forward is what
 * llama.cpp computed: family-reference.test.ts, and live test/full/family-llama-cpp.test.ts.
 */
import { expect, test } from 'vitest';
import { syntheticModel } from '@wafer/models';
import { seededTokens } from '../contract/wafers.ts';
import { differentChoices, waferLogits, worstDifference } from './compare.ts';
import { DOUBLE_TOLERANCE, forwardDouble, newTrace, readDoubleWeights } from './double-forward.ts';
import { checkFamilyFigures } from './family-figures.ts';
import {
  FAMILY_SEED,
  familyModel,
  LLAMA_CPP_SPECS,
  ROUTER_MARGIN_MIN,
} from './family-llama-cpp.ts';
import { FAMILY_GOLDEN_SPECS } from './family-specs.ts';

/** Both round in f32; as argued for other shapes in llama-cpp.test.ts. Measured: at most 3.4e-6. */
const TOLERANCE = 1e-4;
const TOKEN_COUNT = 20;

// Llama's network is in llama-cpp.test.ts, all others in test/full/family-llama-cpp.test.ts.
const elsewhere = ['llama', 'mistral', 'glm4-moe', 'llama4, dense between'];
const names = Object.keys(LLAMA_CPP_SPECS).filter((name) => !elsewhere.includes(name));

test.each(names)('%s: logits as llama.cpp computes them', async (name) => {
  const { model, tokens } = familyModel(name);
  checkFamilyFigures(name, await waferLogits(model, tokens), TOLERANCE);
});

// What llama.cpp cannot compute, or not within some dozen tokens.
test.each(['mistral', 'gpt-oss, tight clamp', 'llama4'] as const)(
  '%s: logits of the double-precision forward',
  async (name) => {
    const spec = FAMILY_GOLDEN_SPECS[name];
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
  },
);
