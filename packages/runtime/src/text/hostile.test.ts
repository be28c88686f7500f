import { expect, test } from 'vitest';
import { createTokenizer, type Tokenizer } from '../load/tokenizer.ts';

const VOCAB = { a: 0, b: 1, ' ': 2 };

/** A tokenizer of three letters, some of it replaced. */
function tokenizerOf(changed: object): Tokenizer {
  const tokenizerJson = {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    model: { type: 'BPE', vocab: VOCAB, merges: [] },
    ...changed,
  };
  return createTokenizer({ tokenizerJson, tokenizerConfig: {} }, 'hostile');
}

const replace = (pattern: string, content: string): object => ({
  type: 'Replace',
  pattern: { String: pattern },
  content,
});
const sequence = (normalizers: object[]): object => ({ type: 'Sequence', normalizers });

test('text may not grow without bounds in normalizing', () => {
  const steps = Array.from({ length: 8 }, () => replace('a', 'a'.repeat(10)));
  const many = tokenizerOf({ normalizer: sequence(steps) });
  expect(() => many.encode('a')).toThrow(/^TOKENIZER_INVALID: .* hostile: .*64 times as long/);
  const between = tokenizerOf({ normalizer: replace('', 'b'.repeat(2 ** 20)) });
  expect(() => between.encode('a'.repeat(2 ** 20))).toThrow(/^TOKENIZER_INVALID.*as long/);
  const modest = tokenizerOf({ normalizer: replace('a', 'ab'.repeat(32)) });
  expect(modest.encode('a'.repeat(1000))).toHaveLength(64_000);
});

test('a normalizer has at most 64 steps, however they nest', () => {
  const some = (count: number): object =>
    sequence(Array.from({ length: count }, () => replace('a', 'b')));
  expect(tokenizerOf({ normalizer: sequence([some(32), some(32)]) }).encode('a')).toEqual([1]);
  const make = (): unknown => tokenizerOf({ normalizer: sequence([some(32), some(33)]) });
  expect(make).toThrow(/^TOKENIZER_INVALID.*too many steps/);
});
