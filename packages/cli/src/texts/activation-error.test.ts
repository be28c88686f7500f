import { waferSettings } from '../wafer-options.ts';
import { expect, test } from 'vitest';
import { SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import { activationErrorOf, errorText, kvErrorOf } from '@wafer/bench';

test('f32 activations and an f32 KV cache have no error, and start nothing', async () => {
  const spec = SYNTHETIC_SPECS['tiny']!;
  const model = syntheticModel({ name: 'tiny', spec, type: 'q8_0', seed: 1 });
  const settings = waferSettings(model, {
    prefixReuse: true,
    revectorize: false,
    hugePages: false,
  });
  const { signal } = new AbortController();
  expect(await activationErrorOf(settings, [1, 2], signal)).toBeUndefined();
  expect(await kvErrorOf(settings, [1, 2], signal)).toBeUndefined();
});

test('the error is told in the size of the logits, and by the likeliest tokens', () => {
  const error = {
    tokenCount: 64,
    maxLogitError: 0.1083,
    meanLogitError: 0.01653,
    logitDeviation: 1.049,
    sameTopCount: 62,
  };
  expect(errorText('8-bit activations', error)).toBe(
    '8-bit activations: logits off by 0.017 on average, 0.11 at most (their deviation is 1.0); ' +
      'the likeliest token is the same after 62 of 64.',
  );
});
