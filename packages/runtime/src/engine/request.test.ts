import { expect, test } from 'vitest';
import { checkExtras } from './request-checks.ts';
import {
  type GenerateOptions,
  MAX_TOKENS_DEFAULT,
  PIECES_AHEAD,
  promptTooLong,
  resolvePrompt,
  resolveRequest,
  STOP_LENGTH_MAX,
} from './request.ts';
import { SAMPLING_DEFAULTS } from './sampling-options.ts';

const limits = { vocabCount: 100, contextMax: 1000, kvTokens: 1000, defaultSeed: 5 };
const prompt = [1, 2, 3];

const EXTRAS = checkExtras({}, limits.vocabCount);

test('a bare prompt is completed with the defaults', () => {
  expect(resolveRequest(prompt, {}, limits)).toEqual({
    prompt: Int32Array.of(1, 2, 3),
    maxTokens: MAX_TOKENS_DEFAULT,
    ...EXTRAS,
    endsAtContext: false,
    credit: PIECES_AHEAD,
    stopTokens: [],
    stop: [],
    sampling: { ...SAMPLING_DEFAULTS, seed: 5 },
  });
});

test.each([
  { n: 0 },
  { promptLogprobs: 21 },
  { allow: [] },
  { allow: [[1], []] },
  { allow: [100] },
  { speculation: 'always' },
  { prediction: [1, -1] },
  { priority: 0.5 },
  { deadlineMs: 0 },
  { tenant: 7 },
])('%j is refused', (given) => {
  expect(() => resolveRequest(prompt, given as object, limits)).toThrow('REQUEST_INVALID');
});

test('one list of allowed tokens stands for all, and an end at the context is told apart', () => {
  expect(resolveRequest(prompt, { allow: [4, 5] }, limits).allow).toEqual([[4, 5]]);
  expect(resolveRequest(prompt, { prediction: [1] }, limits).isSpeculative).toBe(true);
  expect(resolveRequest(prompt, { maxTokens: 5000 }, limits).endsAtContext).toBe(true);
  expect(resolveRequest(prompt, { maxTokens: 997 }, limits).endsAtContext).toBe(false);
});

test('maxTokens ends with the context, its default also with the cache', () => {
  expect(resolveRequest(prompt, { maxTokens: 5000 }, limits).maxTokens).toBe(997);
  expect(resolveRequest(prompt, { maxTokens: 7 }, limits).maxTokens).toBe(7);
  const small = { ...limits, kvTokens: 32 };
  expect(resolveRequest(prompt, {}, small).maxTokens).toBe(29);
  expect(resolveRequest(prompt, { maxTokens: 500 }, small).maxTokens).toBe(500);
});

test('stops arrive once each', () => {
  const { stop, stopTokens } = resolveRequest(
    prompt,
    { stop: ['a', 'b', 'a'], stopTokens: [7, 7, 8] },
    limits,
  );
  expect(stop).toEqual(['a', 'b']);
  expect(stopTokens).toEqual([7, 8]);
});

const refused: [why: string, options: object][] = [
  ['an option that does not exist', { topk: 4 }],
  ['a sampling option out of range', { topP: 2 }],
  ['no token at all', { maxTokens: 0 }],
  ['a text for a number', { maxTokens: '5' }],
  ['null', { maxTokens: null }],
  ['a stop that is no array', { stop: 'a' }],
  ['an empty stop string', { stop: [''] }],
  ['half a character as stop string', { stop: ['\ud83d'] }],
  ['17 stop strings', { stop: Array.from({ length: 17 }, (_, i) => `s${i}`) }],
  ['an endless stop string', { stop: ['x'.repeat(STOP_LENGTH_MAX + 1)] }],
  ['a stop token outside the vocabulary', { stopTokens: [100] }],
  ['null for stop tokens', { stopTokens: null }],
  ['endless stop tokens', { stopTokens: new Array(2000).fill(1) }],
];

test.each(refused)('%s is refused', (_, options) => {
  expect(() => resolveRequest(prompt, options as GenerateOptions, limits)).toThrow(
    expect.objectContaining({ code: 'REQUEST_INVALID' }),
  );
});

test('a prompt is whole token ids within vocabulary and context', () => {
  const codeOf = (tokens: number[]): string => {
    try {
      resolvePrompt(tokens, { vocabCount: 100, contextMax: 3 });
      return 'none';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(codeOf([0, 99, 1])).toBe('none');
  expect(codeOf([])).toBe('REQUEST_INVALID');
  expect(codeOf([1, 2, 3, 4])).toBe('PROMPT_TOO_LONG');
  for (const token of [100, -1, 0.5, Number.NaN, '1' as unknown as number]) {
    expect(codeOf([1, token])).toBe('TOKEN_OUT_OF_RANGE');
  }
});

test('a prompt that fills the context leaves no room for an answer', () => {
  expect(() => resolveRequest(prompt, {}, { ...limits, contextMax: 3 })).toThrow(
    expect.objectContaining({ code: 'PROMPT_TOO_LONG' }),
  );
});

test('a prompt that is too long says what ends it: the option, or the model', () => {
  const hintOf = (promptTokens: number, modelContext?: number): unknown =>
    promptTooLong(promptTokens, {
      contextMax: 4096,
      ...(modelContext === undefined ? {} : { modelContext }),
    }).details['hint'];
  expect(hintOf(5000, 32_768)).toBe('raise contextTokens (--context), the model takes 32768');
  expect(hintOf(50_000, 32_768)).toMatch(/--context.*32768, and shorten/);
  expect(hintOf(5000, 4096)).toMatch(/^shorten it/);
  expect(hintOf(5000)).toMatch(/^shorten it/);
});
