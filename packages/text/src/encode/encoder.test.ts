import * as library from '@huggingface/tokenizers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTokenizer } from '../tokenizer/tokenizer.ts';

const LETTERS = ['a', 'b', 'c', 'd'];
const PIECES = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 4 });

/** A BPE tokenizer whose merges are given, cut at spaces; a part of the model may be replaced. */
function bpeJson(merges: readonly string[][], more: object = {}): Record<string, unknown> {
  const texts = new Set([...LETTERS, ...merges.flat(), ...merges.map((pair) => pair.join(''))]);
  return {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'Isolated', invert: false },
    post_processor: null,
    decoder: null,
    model: {
      type: 'BPE',
      unk_token: '?',
      vocab: Object.fromEntries([...texts, '?', ' '].map((text, id) => [text, id])),
      merges,
      ...more,
    },
  };
}

test('any merges give the ids of the library', () => {
  const text = fc.string({ unit: fc.constantFrom(...LETTERS, 'a', ' ', 'z'), maxLength: 60 });
  const merges = fc.array(fc.tuple(PIECES, PIECES), { minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(merges, fc.array(text, { maxLength: 5 }), fc.boolean(), (pairs, texts, whole) => {
      const json = bpeJson(pairs, { ignore_merges: whole });
      const ours = createTokenizer({ tokenizerJson: json, tokenizerConfig: {} });
      const theirs = new library.Tokenizer(json as never, {});
      for (const each of texts) {
        const { ids } = theirs.encode(each, { add_special_tokens: false });
        // Twice: the second time from memory.
        expect(ours.encode(each)).toEqual(ids);
        expect(ours.encode(each)).toEqual(ids);
      }
    }),
    { numRuns: 300, seed: 31 },
  );
});

test('a step between merges that is no token is spelled out', () => {
  const json = bpeJson([
    ['a', 'b'],
    ['ab', 'c'],
  ]);
  const model = json['model'] as { vocab: Record<string, number> };
  delete model.vocab['ab'];
  const tokenizer = createTokenizer({ tokenizerJson: json, tokenizerConfig: {} });
  const { a, b, abc } = model.vocab;
  expect(tokenizer.encode('abcab')).toEqual([abc, a, b]);
});

test('what no token stands for is left out, and a text of nothing else is refused', () => {
  const json = bpeJson([['a', 'b']], { unk_token: null });
  const tokenizer = createTokenizer({ tokenizerJson: json, tokenizerConfig: {} }, 'small');
  for (let turn = 0; turn < 2; turn++) {
    expect(tokenizer.encode('zab')).toEqual(tokenizer.encode('ab'));
    expect(() => tokenizer.encode('zz')).toThrow(/^TOKENIZER_INVALID: .* no token for any part/);
  }
  expect(tokenizer.encode('')).toEqual([]);
});

test('a mark of the first word is put before the first part of a text alone', () => {
  const json = bpeJson([['▁', 'a']]);
  const token = { id: 90, content: '<x>', special: true, normalized: false };
  const mark = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true };
  const tokenizerJson = { ...json, added_tokens: [token], pre_tokenizer: mark };
  const tokenizer = createTokenizer({ tokenizerJson, tokenizerConfig: {} });
  const { vocab } = json['model'] as { vocab: Record<string, number> };
  const { '▁a': first, a } = vocab;
  const options = { addBegin: false, allowSpecial: true };
  expect(tokenizer.encode('a<x>a', options)).toEqual([first, 90, a]);
  expect(tokenizer.encode('<x>a<x>', options)).toEqual([90, a, 90]);
});

test('many different words do not change what is known of the first', () => {
  const tokenizer = createTokenizer({
    tokenizerJson: bpeJson([['a', 'b']]),
    tokenizerConfig: {},
  });
  const first = tokenizer.encode('abcab');
  for (let word = 0; word < 33_000; word++) {
    const letters = Array.from(word.toString(4), (digit) => LETTERS[Number(digit)]);
    tokenizer.encode(letters.join(''));
  }
  expect(tokenizer.encode('abcab')).toEqual(first);
});

const pieces = (preTokenizer: object, text: string): string[] => {
  const vocab = Object.fromEntries(Array.from('ab1.- _\u2581', (character, id) => [character, id]));
  const json = {
    added_tokens: [],
    pre_tokenizer: preTokenizer,
    model: {
      type: 'BPE',
      vocab: { ...vocab, ab: 20, aa: 21, '11': 22, '\u2581a': 23, '..': 24 },
      merges: [
        ['a', 'b'],
        ['a', 'a'],
        ['1', '1'],
        ['\u2581', 'a'],
        ['.', '.'],
      ],
    },
  };
  const tokenizer = createTokenizer({ tokenizerJson: json, tokenizerConfig: {} });
  const names = new Map(Object.entries(json.model.vocab).map(([name, id]) => [id, name]));
  return tokenizer.encode(text).map((id) => names.get(id) ?? '?');
};

test.each([
  [{ type: 'Digits', individual_digits: true }, 'ab11', ['ab', '1', '1']],
  [{ type: 'Digits' }, 'ab11', ['ab', '11']],
  [{ type: 'Punctuation' }, 'a..b', ['a', '.', '.', 'b']],
  [{ type: 'Punctuation', behavior: 'Contiguous' }, 'a..b', ['a', '..', 'b']],
  [{ type: 'WhitespaceSplit' }, 'a b  ab', ['a', 'b', 'ab']],
  [{ type: 'Whitespace' }, 'a. b', ['a', '.', 'b']],
  [{ type: 'Metaspace' }, 'ab a', ['\u2581', 'ab', '\u2581a']],
  [{ type: 'Metaspace', prepend_scheme: 'never' }, 'ab a', ['ab', '\u2581a']],
  [{ type: 'Split', pattern: { String: '-' }, behavior: 'Removed' }, 'a-ab', ['a', 'ab']],
  [
    { type: 'Split', pattern: { String: 'a' }, behavior: 'MergedWithPrevious' },
    'baab',
    ['b', 'a', 'a', 'b'],
  ],
  [{ type: 'Split', pattern: { String: 'a' }, behavior: 'MergedWithNext' }, 'ab', ['ab']],
  [
    { type: 'Split', pattern: { Regex: '[ab]+' }, behavior: 'Removed', invert: true },
    '1ab1',
    ['ab'],
  ],
] as [object, string, string[]][])('%j cuts %j', (preTokenizer, text, wanted) => {
  expect(pieces(preTokenizer, text)).toEqual(wanted);
});
