import { expect, test } from 'vitest';
import { Penalties } from './penalties.ts';
import { resolveSampling, type SamplingInput } from '../sampling-options.ts';

function penaltiesOf(input: SamplingInput, prompt: readonly number[] = []): Penalties {
  return new Penalties(resolveSampling(input, { vocabCount: 6, defaultSeed: 0 }), prompt);
}

function apply(penalties: Penalties, logits: readonly number[]): number[] {
  const row = Float32Array.from(logits);
  penalties.apply(row, 0);
  return [...row];
}

test('repetition divides what is likely and multiplies what is not, in prompt and answer', () => {
  const penalties = penaltiesOf({ repetitionPenalty: 2 }, [0, 1, 1]);
  penalties.accept(3);
  expect(apply(penalties, [4, -4, 4, 4, 4, 4])).toEqual([2, -8, 4, 2, 4, 4]);
});

test('frequency counts each use, presence the first, and both the answer alone', () => {
  const penalties = penaltiesOf({ frequencyPenalty: 0.5, presencePenalty: 0.25 }, [0, 0, 0]);
  for (const token of [2, 2, 2, 4]) penalties.accept(token);
  expect(apply(penalties, [1, 1, 1, 1, 1, 1])).toEqual([1, 1, -0.75, 1, 0.25, 1]);
});

test('bias comes first, then repetition, then frequency and presence', () => {
  const penalties = penaltiesOf(
    { logitBias: { 1: 3 }, repetitionPenalty: 2, presencePenalty: 1 },
    [],
  );
  penalties.accept(1);
  expect(apply(penalties, [0, 1, 0])).toEqual([0, 1, 0]); // (1 + 3) / 2 - 1
});

test('a token of the prompt is repeated, and neither frequent nor present in the answer', () => {
  const input = { repetitionPenalty: 2, frequencyPenalty: 1, presencePenalty: 1 };
  expect(apply(penaltiesOf(input, [0, 0]), [4, 4])).toEqual([2, 4]);
});

test('raw logits are told before they change', () => {
  const penalties = penaltiesOf({ logitBias: { 1: 3 }, presencePenalty: 1 });
  penalties.accept(2);
  const raw = new Map<number, number>();
  penalties.apply(Float32Array.of(7, 8, 9), 0, (token, logit) => raw.set(token, logit));
  expect(raw).toEqual(
    new Map([
      [1, 8],
      [2, 9],
    ]),
  );
});

test('defaults change nothing and say so', () => {
  expect(penaltiesOf({}, [1, 2]).isActive).toBe(false);
  expect(penaltiesOf({ logitBias: { 1: 1 } }).isActive).toBe(true);
  expect(penaltiesOf({ frequencyPenalty: -1 }).isActive).toBe(true);
});
