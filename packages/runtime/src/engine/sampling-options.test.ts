import { expect, test } from 'vitest';
import { SEED_MAX } from './random.ts';
import { resolveSampling, SAMPLING_DEFAULTS, type SamplingInput } from './sampling-options.ts';

const limits = { vocabCount: 100, defaultSeed: 5 };

test('options left out or undefined take their defaults, and the seed the caller’s', () => {
  expect(resolveSampling({}, limits)).toEqual({ ...SAMPLING_DEFAULTS, seed: 5 });
  expect(resolveSampling({ topP: undefined, seed: undefined }, limits).topP).toBe(1);
});

test('every field that is given arrives', () => {
  const all = {
    temperature: 0.5,
    topK: 40,
    topP: 0.9,
    minP: 0.05,
    repetitionPenalty: 1.1,
    presencePenalty: -2,
    frequencyPenalty: 2,
    logitBias: { 0: -100, 99: 100 },
    seed: SEED_MAX,
    logprobs: 20,
  };
  expect(resolveSampling(all, limits)).toEqual(all);
});

const refused: [field: string, value: unknown][] = [
  ...[
    'temperature',
    'topP',
    'minP',
    'repetitionPenalty',
    'presencePenalty',
    'frequencyPenalty',
  ].flatMap((field): [string, unknown][] => [
    [field, Number.NaN],
    [field, Number.POSITIVE_INFINITY],
    [field, '1'],
    [field, true],
    [field, [1]],
  ]),
  ['temperature', -0.1],
  ['temperature', null],
  ['topK', -1],
  ['topK', 1.5],
  ['topK', 2 ** 31],
  ['topP', 1.01],
  ['minP', -0.01],
  ['repetitionPenalty', 0],
  ['presencePenalty', 2.1],
  ['frequencyPenalty', -2.1],
  ['logitBias', [1, 2]],
  ['logitBias', 'x'],
  ['logitBias', { 100: 1 }],
  ['logitBias', { '-1': 1 }],
  ['logitBias', { '01': 1 }],
  ['logitBias', { '1.5': 1 }],
  ['logitBias', { 3: Number.NaN }],
  ['logitBias', { 3: 101 }],
  ['logitBias', { 3: null }],
  ['logitBias', JSON.parse('{"__proto__": 1}')],
  ['seed', -1],
  ['seed', 0.5],
  ['seed', 2 ** 53],
  ['seed', '7'],
  ['seed', 7n],
  ['logprobs', 21],
  ['logprobs', -1],
  ['logprobs', true],
];

test.each(refused)('%s = %s is refused with its name', (field, value) => {
  const input = { [field]: value } as SamplingInput;
  expect(() => resolveSampling(input, limits)).toThrow(
    expect.objectContaining({
      code: 'REQUEST_INVALID',
      details: expect.objectContaining({ field: expect.stringContaining(field) }),
    }),
  );
});
