import { expect, test } from 'vitest';
import { samplingOptions, wrapSeed } from './parameters.ts';

test('every parameter reaches the option of its own name, zeros too', () => {
  const body = {
    ...{ temperature: 0, top_p: 0.1, top_k: 5, min_p: 0.2, repetition_penalty: 1.1 },
    ...{ presence_penalty: 0, frequency_penalty: -0.5, seed: 7, n: 2, stop: ['a', 'b'] },
    logit_bias: { 3: 1 },
  };
  expect(samplingOptions(body)).toEqual({
    ...{ temperature: 0, topP: 0.1, topK: 5, minP: 0.2, repetitionPenalty: 1.1 },
    ...{ presencePenalty: 0, frequencyPenalty: -0.5, seed: 7, n: 2, stop: ['a', 'b'] },
    ...{ logitBias: { 3: 1 }, format: undefined },
  });
});

test('null is as good as nothing, one text is one stop, and -1 is every token', () => {
  const names = ['temperature', 'top_p', 'top_k', 'min_p', 'seed', 'n', 'stop', 'logit_bias'];
  const nothing = samplingOptions({});
  expect(Object.values(nothing).every((value) => value === undefined)).toBe(true);
  expect(samplingOptions(Object.fromEntries(names.map((name) => [name, null])))).toEqual(nothing);
  expect(samplingOptions({ stop: 'x', top_k: -1 })).toMatchObject({ stop: ['x'], topK: 0 });
});

test.each([
  [0, 0],
  [2 ** 32 - 1, 2 ** 32 - 1],
  [2 ** 32, 0],
  [-1, 2 ** 32 - 1],
  [-(2 ** 32), 0],
  [2 ** 53 - 1, 2 ** 32 - 1],
])('the seed %d is %d of those that there are', (given, seed) => {
  expect(wrapSeed(given)).toBe(seed);
});
