import { openModel } from '@wafer/models';
import { expect, test } from 'vitest';
import { measureKvError } from './kv-error.ts';

const PROMPT = Array.from({ length: 24 }, (_, i) => (i * 7919 + 257) % 512);

// A step of q8_0 is 1/127 of a block's largest element, about 2.3 deviations: a rounding adds an
// error of 2.3 / 127 / √12 = 0.5 %; of f16, at most 2^-11 = 0.05 %. Keys, values and two layers:
// four times that if all of it reached the logits.
test.each([
  ['f16', 0.0005],
  ['q8_0', 0.005],
] as const)('a KV cache of %s moves logits a little', async (kv, rounding) => {
  const model = await openModel('synthetic:tiny:f32');
  const error = await measureKvError({ model, grid: '1x1', kv }, PROMPT);
  expect(error.tokenCount).toBe(24);
  expect(error.meanLogitError).toBeGreaterThan(0);
  expect(error.meanLogitError).toBeLessThan(4 * rounding * error.logitDeviation);
  expect(error.maxLogitError).toBeLessThan(24 * rounding * error.logitDeviation);
  expect(error.sameTopCount).toBeGreaterThan(24 / 2);
});
