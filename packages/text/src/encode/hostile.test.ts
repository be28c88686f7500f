import { expect, test } from 'vitest';
import { createTokenizer, type Tokenizer } from '../tokenizer/tokenizer.ts';

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

test('a Metaspace may not replace spaces by long texts', () => {
  const make = (length: number): unknown =>
    tokenizerOf({ pre_tokenizer: { type: 'Metaspace', replacement: 'a'.repeat(length) } });
  expect(() => make(64)).not.toThrow();
  expect(() => make(65)).toThrow(/^TOKENIZER_INVALID.*long replacement/);
});

/** A character map of one key, `a`, whose text is given. */
function charsmapOf(text: string): string {
  const units = new Uint32Array(256);
  const label = 0x61;
  // Root → node 97, whose leaf lies beside it at 97 ^ 2 with place 0 in the texts.
  units[label] = (2 << 10) | 0x100 | label;
  units[label ^ 2] = 0x80000000;
  const head = Uint32Array.of(units.byteLength);
  return Buffer.concat([
    Buffer.from(head.buffer),
    Buffer.from(units.buffer),
    Buffer.from(text),
  ]).toString('base64');
}

test('a text of a character map that does not end within 1024 bytes is no match', () => {
  const encode = (text: string): number[] =>
    tokenizerOf({
      normalizer: { type: 'Precompiled', precompiled_charsmap: charsmapOf(text) },
    }).encode('a');
  expect(encode('b\0')).toEqual([1]);
  expect(encode(`${'b'.repeat(1024)}\0`)).toHaveLength(1024);
  expect(encode(`${'b'.repeat(1025)}\0`)).toEqual([0]);
  expect(encode('b')).toEqual([0]);
});

test('what a character map makes of a text is bounded, too', () => {
  const map = charsmapOf(`${'b'.repeat(1000)}\0`);
  const tokenizer = tokenizerOf({
    normalizer: { type: 'Precompiled', precompiled_charsmap: map },
  });
  expect(() => tokenizer.encode('a'.repeat(2 ** 20))).toThrow(/^TOKENIZER_INVALID.*as long/);
});

test('token texts have bounds, one by one and together', () => {
  const added = (content: string): object => ({ added_tokens: [{ id: 3, content }] });
  expect(tokenizerOf(added('x'.repeat(4096))).encode(`a${'x'.repeat(4096)}`)).toEqual([0, 3]);
  expect(() => tokenizerOf(added('x'.repeat(4097)))).toThrow(/^TOKENIZER_INVALID.*4097 code units/);
  const vocab = { ...VOCAB, ['y'.repeat(4097)]: 4 };
  expect(() => tokenizerOf({ model: { type: 'BPE', vocab, merges: [] } })).toThrow(
    /^TOKENIZER_INVALID.*4097 code units/,
  );
  const many = Array.from({ length: 4097 }, () => ({ id: 3, content: 'x'.repeat(4096) }));
  expect(() => tokenizerOf({ added_tokens: many })).toThrow(
    /^TOKENIZER_INVALID.*too long together/,
  );
});

test('an added token that normalizing makes too long is refused', () => {
  const tokenizer = tokenizerOf({
    normalizer: replace('x', 'xx'),
    added_tokens: [{ id: 3, content: 'x'.repeat(4000), normalized: true }],
  });
  expect(() => tokenizer.encode('a')).toThrow(/^TOKENIZER_INVALID.*8000 code units/);
});
