/** Each option of a request at its bounds, which are taken, and one step beyond, which is not. */
import { expect, test } from 'vitest';
import {
  resolveRequest,
  STOP_COUNT_MAX,
  STOP_LENGTH_MAX,
  STOP_TOKEN_COUNT_MAX,
} from './request.ts';
import type { GenerateOptions, GenerateRequest } from './request.ts';
import { SEED_MAX } from './random.ts';

const LIMITS = { vocabCount: 100, contextMax: 1000, kvTokens: 1000, defaultSeed: 1 };
const resolve = (options: object): GenerateRequest =>
  resolveRequest([1, 2, 3], options as GenerateOptions, LIMITS);

test.each<[field: keyof GenerateOptions, min: number, max: number, isWhole: boolean]>([
  ['temperature', 0, 100, false],
  ['topK', 0, 2 ** 31 - 1, true],
  ['topP', 0, 1, false],
  ['minP', 0, 1, false],
  ['repetitionPenalty', 0.01, 100, false],
  ['presencePenalty', -2, 2, false],
  ['frequencyPenalty', -2, 2, false],
  ['seed', 0, SEED_MAX, true],
  ['logprobs', 0, 20, true],
  ['n', 1, 128, true],
  ['promptLogprobs', 0, 20, true],
  ['priority', -100, 100, true],
  ['deadlineMs', 1, 2 ** 31, true],
  ['coalesceMs', 0, 1000, true],
  ['weight', 0.001, 1000, false],
  ['minTokens', 0, 2 ** 31, true],
  ['maxTokens', 1, Number.MAX_SAFE_INTEGER, true],
])('%s is from %d to %d', (field, min, max, isWhole) => {
  for (const value of [min, max, undefined])
    expect(() => resolve({ [field]: value })).not.toThrow();
  const step = isWhole ? 1 : 0.000_1;
  const wrong = [min - step, max + step, Number.NaN, Infinity, -Infinity, '1', null, true, [min]];
  if (isWhole) wrong.push(min + 0.5);
  for (const value of wrong) {
    expect(() => resolve({ [field]: value }), String(value)).toThrow('REQUEST_INVALID');
  }
});

test('minus zero is zero, and a bias is of a token, from -100 to 100', () => {
  expect(Object.is(resolve({ topK: -0 }).sampling.topK, 0)).toBe(true);
  expect(resolve({ logitBias: { 0: -100, 99: 100 } }).sampling.logitBias).toEqual({
    ...{ 0: -100, 99: 100 },
  });
  for (const logitBias of [
    ...[{ 100: 1 }, { '-1': 1 }, { '01': 1 }, { a: 1 }, { 1: 100.1 }, { 1: Number.NaN }],
    ...[{ 1: '1' }, [1], null, 5],
  ]) {
    expect(() => resolve({ logitBias }), JSON.stringify(logitBias)).toThrow('REQUEST_INVALID');
  }
});

test('lists are as long as they may be, and no longer', () => {
  const texts = (count: number): string[] => Array.from({ length: count }, (_, i) => `s${i}`);
  const tokens = (count: number): number[] => Array.from({ length: count }, (_, i) => i % 100);
  expect(resolve({ stop: texts(STOP_COUNT_MAX) }).stop).toHaveLength(16);
  expect(resolve({ stop: ['x'.repeat(STOP_LENGTH_MAX)] }).stop[0]).toHaveLength(1024);
  expect(resolve({ stopTokens: tokens(STOP_TOKEN_COUNT_MAX) }).stopTokens).toHaveLength(100);
  expect(resolve({ tenant: 't'.repeat(256) }).tenant).toHaveLength(256);
  for (const options of [
    { stop: texts(STOP_COUNT_MAX + 1) },
    { stop: ['x'.repeat(STOP_LENGTH_MAX + 1)] },
    { stopTokens: tokens(STOP_TOKEN_COUNT_MAX + 1) },
    { tenant: 't'.repeat(257) },
  ]) {
    expect(() => resolve(options)).toThrow('REQUEST_INVALID');
  }
});

test('what is allowed is one list, or one for each token, and none beside a format', () => {
  expect(resolve({ allow: [1, 99] }).allow).toEqual([[1, 99]]);
  expect(resolve({ allow: [[1], [2, 3]] }).allow).toEqual([[1], [2, 3]]);
  for (const allow of [[], [[]], [[1], []], [100], [[1], 2], 'a']) {
    expect(() => resolve({ allow }), JSON.stringify(allow)).toThrow('REQUEST_INVALID');
  }
  expect(() => resolve({ allow: [1], format: { regex: 'a' } })).toThrow('REQUEST_INVALID');
});

test.each([
  [{}, false, true],
  [{ prediction: [1] }, true, true],
  [{ prediction: [] }, false, true],
  [{ speculation: 'lookup' }, true, true],
  [{ speculation: 'off' }, false, false],
  [{ speculation: 'off', prediction: [1] }, false, false],
])('%j guesses, or does not', (options, isSpeculative, mayGuess) => {
  expect(resolve(options)).toMatchObject({ isSpeculative, mayGuess });
});
