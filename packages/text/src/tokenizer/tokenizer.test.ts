import { WaferError } from '@wafer/core';
import { describe, expect, test } from 'vitest';
import type { TokenizerDescription } from './tokenizer-facts.ts';
import { syntheticTokenizer } from './synthetic-tokenizer.ts';
import { createTokenizer } from './tokenizer.ts';

/** SentencePiece BPE: bytes, letters, and two words that merges make. */
const PIECES = ['<unk>', '<s>', '</s>'];
for (let byte = 0; byte < 256; byte++) {
  PIECES.push(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
}
PIECES.push('\u2581', 'a', 'b', 'c', '\u2581a', '\u2581ab', 'bc', '\ufffd');
const special = (id: number): object => ({ id, content: PIECES[id], special: true });

const SENTENCE_PIECE: TokenizerDescription = {
  tokenizerJson: {
    added_tokens: [special(0), special(1), special(2)],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '\u2581' },
        { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' },
      ],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>' } }, { Sequence: { id: 'A' } }],
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      byte_fallback: true,
      vocab: Object.fromEntries(PIECES.map((piece, id) => [piece, id])),
      merges: ['\u2581 a', '\u2581a b', 'b c'],
    },
  },
  tokenizerConfig: { bos_token: '<s>', eos_token: { content: '</s>' } },
};
const idOf = (piece: string): number => PIECES.indexOf(piece);

describe('SentencePiece', () => {
  const tokenizer = createTokenizer(SENTENCE_PIECE);

  test('merges words and begins a text with the begin token', () => {
    expect(tokenizer.encode('ab abc')).toEqual([1, idOf('\u2581ab'), idOf('\u2581ab'), idOf('c')]);
    expect(tokenizer.encode('ab', { addBegin: false })).toEqual([idOf('\u2581ab')]);
    expect(tokenizer.encode('')).toEqual([1]);
  });

  test('names its begin and end tokens', () => {
    expect(tokenizer).toMatchObject({ begin: 1, addBegin: true, ends: [2], vocabCount: 267 });
  });

  test('falls back to bytes and joins them to characters', () => {
    const ids = tokenizer.encode('aö', { addBegin: false });
    expect(ids).toEqual([idOf('\u2581a'), idOf('<0xC3>'), idOf('<0xB6>')]);
    expect(ids.map((id) => [...tokenizer.decodeToken(id)])).toEqual([[32, 97], [0xc3], [0xb6]]);
    expect(tokenizer.decode(ids)).toBe('aö');
  });

  test.each(['</s>', 'a<s>b', '<unk>', '<0x0A>'])('makes no special token of %s', (text) => {
    const ids = tokenizer.encode(text, { addBegin: false });
    expect(ids.filter((id) => id <= 2)).toEqual([]);
    expect(tokenizer.decode(ids)).toBe(text);
  });

  test('takes half a surrogate pair for the replacement character', () => {
    expect(tokenizer.encode('b\ud83d', { addBegin: false }).at(-1)).toBe(idOf('\ufffd'));
  });

  test('lets special tokens through where that is asked for', () => {
    expect(tokenizer.encode('ab</s>', { addBegin: false, allowSpecial: true })).toEqual([
      idOf('\u2581ab'),
      2,
    ]);
  });

  test('keeps the leading space of a continuation and drops that of a whole text', () => {
    const ids = tokenizer.encode('ab abc', { addBegin: false });
    const text = new TextDecoder().decode(tokenizer.decodeToken(ids[1] ?? 0));
    expect(text).toBe(' ab');
    expect(tokenizer.decode(ids)).toBe('ab abc');
  });

  test('gives no bytes for special tokens and ids without a text', () => {
    for (const id of [1, 2, 9999]) expect(tokenizer.decodeToken(id)).toHaveLength(0);
  });
});

describe('two tokens before a text', () => {
  const pieces = ['<unk>', '<s>'].map((id) => ({ SpecialToken: { id } }));
  const framed = (single: object[], config: object = {}): number[] =>
    createTokenizer({
      tokenizerJson: {
        ...(SENTENCE_PIECE.tokenizerJson as object),
        post_processor: { type: 'TemplateProcessing', single },
      },
      tokenizerConfig: { bos_token: '<s>', eos_token: '</s>', ...config },
    }).encode('ab');
  const text = { Sequence: { id: 'A' } };
  const end = { SpecialToken: { id: '</s>' } };

  test('are both there, and the one that begins a text not twice', () => {
    expect(framed([...pieces, text])).toEqual([0, 1, idOf('\u2581ab')]);
    expect(framed([...pieces, text], { add_bos_token: true })).toEqual([0, 1, idOf('\u2581ab')]);
    expect(framed([...pieces, text, end], { add_eos_token: true })).toEqual([
      ...[0, 1, idOf('\u2581ab'), 2],
    ]);
  });

  test('go without the begin token, or the end token, where the config says so', () => {
    expect(framed([...pieces, text], { add_bos_token: false })).toEqual([0, idOf('\u2581ab')]);
    expect(framed([text], { add_bos_token: true })).toEqual([1, idOf('\u2581ab')]);
    expect(framed([text, end], { add_eos_token: false })).toEqual([idOf('\u2581ab')]);
  });
});

describe('byte-level', () => {
  const tokenizer = createTokenizer(syntheticTokenizer(1000));

  test.each(['hi', ' two  spaces', 'ünï\u{1f600}\n', '<begin>', '\0\u007f'])(
    'gives %j back',
    (text) => {
      const ids = tokenizer.encode(text);
      expect(ids).toEqual([256, ...new TextEncoder().encode(text)]);
      expect(tokenizer.decode(ids)).toBe(text);
    },
  );

  test('prints something for every id but the begin token', () => {
    const texts = Array.from({ length: 1000 }, (_, id) => tokenizer.decodeToken(id).length);
    expect(texts.flatMap((length, id) => (length === 0 ? [id] : []))).toEqual([256]);
  });

  test('of a tiny vocabulary is valid too', () => {
    const tiny = createTokenizer(syntheticTokenizer(256));
    expect(tiny.encode('hi')).toEqual([104, 105]);
    expect(tiny.begin).toBeUndefined();
  });
});

describe('a tokenizer is refused', () => {
  const json = SENTENCE_PIECE.tokenizerJson as Record<string, unknown>;
  const model = json['model'] as Record<string, unknown>;
  const cases: [string, unknown, RegExp][] = [
    ['that is no object', [], /no JSON object/],
    ['without a model', { ...json, model: undefined }, /no model/],
    ['without a vocabulary', { ...json, model: { type: 'BPE' } }, /no vocab/],
    ['with an id that is no number', { ...json, model: { ...model, vocab: { a: '1' } } }, /id 1/],
    ['with an id of 10^9', { ...json, model: { ...model, vocab: { a: 1e9 } } }, /1000000000/],
    ['with a negative id', { ...json, added_tokens: [{ id: -1, content: 'x' }] }, /id -1/],
    ['with an added token that has no text', { ...json, added_tokens: [{ id: 1 }] }, /no text/],
    ['with merges that are no pairs', { ...json, model: { ...model, merges: ['a'] } }, /no pairs/],
    ['with an unknown normalizer', { ...json, normalizer: { type: 'Magic' } }, /Magic/],
    [
      'with an expression that is none',
      { ...json, pre_tokenizer: { type: 'Split', pattern: { Regex: '(' }, invert: false } },
      /expression/,
    ],
  ];
  test.each(cases)('%s', (_, tokenizerJson, reason) => {
    const make = (): unknown => createTokenizer({ tokenizerJson, tokenizerConfig: {} }, 'folder');
    expect(make).toThrow(WaferError);
    expect(make).toThrow(/^TOKENIZER_INVALID: tokenizer of folder/);
    expect(make).toThrow(reason);
  });
});
