import { openModel } from '@wafer/models';
import { expect, test } from 'vitest';
import { compareLogits, measureActivationError } from './activation-error.ts';

const PROMPT = Array.from({ length: 24 }, (_, i) => (i * 7919 + 257) % 512);

test('differences are counted over all logits, and the likeliest tokens compared', () => {
  const exact = [Float32Array.of(1, 3, 2, 2), Float32Array.of(0, 4, 0, 0)];
  const rounded = [Float32Array.of(1, 3, 2.5, 2), Float32Array.of(5, 4, 0, 0.5)];
  expect(compareLogits(exact, rounded)).toEqual({
    tokenCount: 2,
    maxLogitError: 5,
    meanLogitError: 6 / 8,
    logitDeviation: Math.sqrt((2 + 12) / 8),
    sameTopCount: 1,
  });
});

test.each(['q8_0', 'q4_0'])('8-bit activations move logits of %s a little', async (type) => {
  const model = await openModel(`synthetic:tiny:${type}`);
  const error = await measureActivationError({ model, grid: '1x1' }, PROMPT);
  expect(error.tokenCount).toBe(24);
  expect(error.meanLogitError).toBeGreaterThan(0);
  // A step is 1/127 of a block's largest value, about 2.3 deviations: a rounding adds an error of
  // 2.3 / 127 / √12 = 0.5 %. Two layers with four roundings each, and the head: 4.5 % if all added
  // up, 1.5 % if none knew of another. One logit in 12,000 may be off by six times the mean.
  expect(error.meanLogitError).toBeLessThan(0.045 * error.logitDeviation);
  expect(error.maxLogitError).toBeLessThan(6 * 0.045 * error.logitDeviation);
  expect(error.sameTopCount).toBeGreaterThan(24 / 2);
});
