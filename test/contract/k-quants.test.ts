/** Types that differ from tensor to tensor. Every layout: `test/full/k-quants.test.ts`. */
import { expect, test } from 'vitest';
import { logitsOf, worstDifference } from '../golden/compare.ts';
import { DOUBLE_TOLERANCE, forwardDouble, readDoubleWeights } from '../golden/double-forward.ts';
import { K_SPEC, MIXED_MODEL } from '../golden/mixed-types.ts';
import { seededTokens, withWafer } from './wafers.ts';

test('logits of mixed types are those of double precision', async () => {
  const prompt = seededTokens(MIXED_MODEL, 6);
  const exact = forwardDouble(K_SPEC, readDoubleWeights(MIXED_MODEL), prompt);
  const logits = await withWafer({ model: MIXED_MODEL, grid: '2x1' }, (wafer) =>
    logitsOf(wafer, prompt),
  );
  expect(worstDifference(logits, exact)).toBeLessThanOrEqual(DOUBLE_TOLERANCE);
});
