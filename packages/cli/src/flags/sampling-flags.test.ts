import { expect, test } from 'vitest';
import { samplingOptions, suggestedText } from './sampling-flags.ts';

const SUGGESTED = { temperature: 0.6, topK: 20, topP: 0.95, minP: 0.1, repetitionPenalty: 1.1 };

test('what is said goes before what a model suggests, and that before the likeliest token', () => {
  expect(samplingOptions({})).toMatchObject({ temperature: 0 });
  expect(samplingOptions({ temperature: 0.5 })).toMatchObject({ temperature: 0.5 });
  expect(samplingOptions({}, SUGGESTED)).toMatchObject(SUGGESTED);
  const own = { temperature: 1.5, topK: 3, topP: 0.5, minP: 0.2, repetitionPenalty: 1 };
  expect(samplingOptions(own, SUGGESTED)).toMatchObject(own);
  expect(samplingOptions({ topP: 0.5 }, SUGGESTED)).toMatchObject({ ...SUGGESTED, topP: 0.5 });
});

test('the likeliest token needs no draws, but penalties and stops stay', () => {
  const flags = { temperature: 0, presencePenalty: 1, frequencyPenalty: 0.5, stop: ['x'] };
  expect(samplingOptions(flags, SUGGESTED)).toEqual({
    ...{ temperature: 0, repetitionPenalty: 1.1, presencePenalty: 1, frequencyPenalty: 0.5 },
    stop: ['x'],
  });
});

test.each([
  [{ temperature: 0, topK: 5 }, /--top-k does nothing at temperature 0/],
  [{ temperature: 0, topP: 0.5 }, /--top-p does nothing at temperature 0/],
  [{ temperature: 0, minP: 0.5 }, /--min-p does nothing at temperature 0/],
  [{ stop: ['x', ''] }, /--stop needs some text/],
])('flags that do nothing are refused: %o', (flags, message) => {
  expect(() => samplingOptions(flags)).toThrow(message);
});

test('a line says what was taken from the model, and only that', () => {
  expect(suggestedText({}, undefined)).toBeUndefined();
  expect(
    suggestedText({ temperature: 0.5, topK: 1 }, { temperature: 0.6, topK: 20 }),
  ).toBeUndefined();
  expect(suggestedText({ topK: 1 }, { temperature: 0.6, topK: 20 })).toBe(
    'as the model suggests: --temperature 0.6 (--temperature 0 takes the likeliest token)',
  );
  expect(suggestedText({ temperature: 0 }, SUGGESTED)).toBe(
    'as the model suggests: --repetition-penalty 1.1',
  );
});
