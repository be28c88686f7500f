import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BYTE_CHARACTERS, createTokenizer } from '@wafer/text';
import type { Tokenizer } from '@wafer/text';
import { afterAll, describe, expect, test } from 'vitest';
import { Fields } from '../source/fields.ts';
import { withFile } from '../source/files.ts';
import { ggufHead, type GgufPair } from '../gguf/gguf-bytes.ts';
import { TOKEN_TYPE } from './gguf-tokenizer-parts.ts';
import { tokenizerOfGguf } from './gguf-tokenizer.ts';
import { GgufHead } from '../gguf/gguf.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-gguf-tokenizer-'));
afterAll(() => rmSync(folder, { recursive: true }));

const key = (name: string): string => `tokenizer.ggml.${name}`;
const text = (name: string, value: string): GgufPair => ({ key: key(name), type: 'string', value });
const number = (name: string, value: number): GgufPair => ({
  key: key(name),
  type: 'uint32',
  value,
});
const texts = (name: string, value: string[]): GgufPair => ({
  key: key(name),
  type: 'strings',
  value,
});

function read(pairs: GgufPair[], vocabCount: number): ReturnType<typeof tokenizerOfGguf> {
  const path = join(folder, 'file.gguf');
  writeFileSync(path, ggufHead(pairs, []));
  return withFile(path, (file) => {
    const head = new GgufHead(file);
    return tokenizerOfGguf(head, new Fields(path, Object.fromEntries(head.metadata)), vocabCount);
  });
}

// ---- byte-level BPE

const tokenOfText = (words: string): string =>
  Array.from(new TextEncoder().encode(words), (value) => BYTE_CHARACTERS[value]).join('');

const WORDS = ['he', 'hel', '12', '123', ' w'].map(tokenOfText);
const BYTE_TOKENS = [...BYTE_CHARACTERS, ...WORDS, '<|begin_of_text|>', '<|eot_id|>', 'user!'];
const idOf = (token: string): number => BYTE_TOKENS.indexOf(tokenOfText(token));
const { normal, control, userDefined, unknown, byte } = TOKEN_TYPE;

function byteLevel(pre: string, more: GgufPair[] = []): GgufPair[] {
  return [
    text('model', 'gpt2'),
    text('pre', pre),
    texts('tokens', BYTE_TOKENS),
    {
      key: key('token_type'),
      type: 'ints',
      value: BYTE_TOKENS.map((_, id) => (id < 261 ? normal : id < 263 ? control : userDefined)),
    },
    texts('merges', ['h e', 'he l', '1 2', '12 3', `${tokenOfText(' ')} w`]),
    number('bos_token_id', 261),
    ...more,
  ];
}

describe('byte-level BPE', () => {
  const make = (pre: string): Tokenizer => createTokenizer(read(byteLevel(pre), 264).tokenizer!);

  test('merges in order, inside the pieces of its expression', () => {
    const ids = make('llama-bpe').encode('hello w1234', { addBegin: false });
    const wanted = ['hel', 'l', 'o', ' w', '123', '4'].map(idOf);
    expect(ids).toEqual(wanted);
  });

  test('of another expression cuts digits one by one', () => {
    expect(make('qwen2').encode('123', { addBegin: false })).toEqual(['1', '2', '3'].map(idOf));
    expect(make('gpt-2').encode('123', { addBegin: false })).toEqual([idOf('123')]);
  });

  test('of Kimi cuts Chinese from other letters, and letters where a capital begins', () => {
    const pieces = make('kimi-k2').encode('heHe\u4e2d\u6587he 1234', { addBegin: false });
    const bytes = [...new TextEncoder().encode('\u4e2d\u6587')].map((code) =>
      BYTE_TOKENS.indexOf(BYTE_CHARACTERS[code]!),
    );
    const wanted = ['he', 'H', 'e', ...bytes, 'he', ' ', '123', '4'];
    expect(pieces).toEqual(
      wanted.map((piece) => (typeof piece === 'string' ? idOf(piece) : piece)),
    );
  });

  test('of no name is that of the default', () => {
    expect(make('').encode('he 123')).toEqual(make('default').encode('he 123'));
  });

  test('adds its begin token if the kind does', () => {
    expect(make('llama-bpe').encode('he')).toEqual([261, idOf('he')]);
    expect(make('gpt-2').encode('he')).toEqual([idOf('he')]);
  });

  test('finds user-defined tokens in text, and control tokens only where asked', () => {
    const tokenizer = make('llama-bpe');
    expect(tokenizer.encode('heuser!', { addBegin: false })).toEqual([idOf('he'), 263]);
    expect(tokenizer.encode('<|eot_id|>', { addBegin: false })).not.toContain(262);
    expect(tokenizer.encode('<|eot_id|>', { addBegin: false, allowSpecial: true })).toEqual([262]);
  });

  test('ends at control tokens that are known to end a turn', () => {
    expect(read(byteLevel('llama-bpe'), 264).special).toEqual({
      begin: 261,
      addBegin: true,
      ends: [262],
    });
    const keyed = read(byteLevel('llama-bpe', [number('eos_token_id', 5)]), 264);
    expect(keyed.special.ends).toEqual([5, 262]);
  });

  test('makes no end token of text, also where the file calls it user-defined', () => {
    const keyed = read(byteLevel('llama-bpe', [number('eos_token_id', 263)]), 264);
    expect(keyed.special.ends).toEqual([263, 262]);
    const ids = createTokenizer(keyed.tokenizer!).encode('user!', { addBegin: false });
    expect(ids).toEqual(Array.from('user!', idOf));
    const types = byteLevel('llama-bpe').map((pair) =>
      pair.type === 'ints' ? { ...pair, value: pair.value.with(262, userDefined) } : pair,
    );
    expect(read(types, 264).special.ends).toEqual([262]);
  });
});

// ---- SentencePiece

const PIECES = ['<unk>', '<s>', '</s>', '<0x0A>', '\u2581', 'a', 'b', 'ab', '\u2581ab', 'ba'];
const SCORES = [0, 0, 0, 0, -9, -9, -9, -1, -2, -3];

function pieces(more: GgufPair[] = [], scores: number[] = SCORES): GgufPair[] {
  const types = PIECES.map((_, id) => [unknown, control, control, byte][id] ?? normal);
  return [
    text('model', 'llama'),
    texts('tokens', PIECES),
    { key: key('token_type'), type: 'ints', value: types },
    { key: key('scores'), type: 'floats', value: scores },
    number('bos_token_id', 1),
    number('eos_token_id', 2),
    ...more,
  ];
}

describe('SentencePiece', () => {
  const make = (more: GgufPair[] = [], scores = SCORES): Tokenizer =>
    createTokenizer(read(pieces(more, scores), PIECES.length).tokenizer!);
  const idsOf = (...list: string[]): number[] => list.map((piece) => PIECES.indexOf(piece));

  test('takes the best score first', () => {
    expect(make().encode('aba')).toEqual([1, ...idsOf('\u2581ab', 'a')]);
    const other = [...SCORES.slice(0, 9), -0.5];
    expect(make([], other).encode('aba')).toEqual([1, ...idsOf('\u2581', 'a', 'ba')]);
  });

  test('puts a space before the first word unless the file says no', () => {
    const off: GgufPair = { key: key('add_space_prefix'), type: 'bool', value: false };
    expect(make([off]).encode('ab')).toEqual([1, ...idsOf('ab')]);
    expect(make([off]).decode(idsOf('\u2581ab'))).toBe(' ab');
    expect(make().decode(idsOf('\u2581ab'))).toBe('ab');
  });

  test('knows bytes, and an unknown token for what has none', () => {
    expect(make().encode('a\n', { addBegin: false })).toEqual(idsOf('\u2581', 'a', '<0x0A>'));
    expect(make().encode('\u00e9', { addBegin: false })).toEqual(idsOf('\u2581', '<unk>'));
  });
});

describe('unigram', () => {
  const UNIGRAM = ['<pad>', '</s>', '<unk>', '\u2581', 'a', 'b', 'ab', '\u2581ab', 'bb'];
  const given = (more: GgufPair[] = []): GgufPair[] => [
    text('model', 't5'),
    texts('tokens', UNIGRAM),
    {
      key: key('token_type'),
      type: 'ints',
      value: UNIGRAM.map((_, id) => [control, control, unknown][id] ?? normal),
    },
    { key: key('scores'), type: 'floats', value: [0, 0, 0, -2, -3, -3, -5, -6, -3.5] },
    number('eos_token_id', 1),
    { key: key('add_eos_token'), type: 'bool', value: false },
    ...more,
  ];
  const make = (more: GgufPair[] = []): Tokenizer =>
    createTokenizer(read(given(more), UNIGRAM.length).tokenizer!);
  const idsOf = (...list: string[]): number[] => list.map((piece) => UNIGRAM.indexOf(piece));

  test('takes the pieces whose scores sum up best', () => {
    expect(make().encode('ab')).toEqual(idsOf('\u2581ab'));
    expect(make().encode('abbb')).toEqual(idsOf('\u2581ab', 'bb'));
    expect(make().encode('a b')).toEqual(idsOf('\u2581', 'a', '\u2581', 'b'));
  });

  test('has one unknown token for a run of characters, and none for special ones', () => {
    expect(make().encode('a\u00e9\u00eab')).toEqual(idsOf('\u2581', 'a', '<unk>', 'b'));
    expect(make().encode('</s>')).not.toContain(1);
    expect(make().encode('</s>', { allowSpecial: true })).toEqual([1]);
  });

  test('puts its end token behind a text unless the file says no', () => {
    const pairs = given().filter((pair) => !pair.key.endsWith('add_eos_token'));
    const tokenizer = createTokenizer(read(pairs, UNIGRAM.length).tokenizer!);
    expect(tokenizer.encode('ab')).toEqual([...idsOf('\u2581ab'), 1]);
    expect(tokenizer.encode('ab', { addBegin: false })).toEqual(idsOf('\u2581ab'));
  });

  test('joins white space where the file says so', () => {
    const flag: GgufPair = { key: key('remove_extra_whitespaces'), type: 'bool', value: true };
    expect(make([flag]).encode('  ab   b ')).toEqual(idsOf('\u2581ab', '\u2581', 'b'));
    expect(make([flag]).decode(make([flag]).encode(' ab'))).toBe('ab');
  });
});

describe('what keys leave out has the defaults of llama.cpp', () => {
  const without = (pairs: GgufPair[], ...names: string[]): GgufPair[] =>
    pairs.filter((pair) => !names.some((name) => pair.key === key(name)));

  test('SentencePiece begins with 1 and ends with 2', () => {
    const { special } = read(without(pieces(), 'bos_token_id', 'eos_token_id'), 10);
    expect(special).toEqual({ begin: 1, addBegin: true, ends: [2] });
  });

  test('a key that names no token counts as absent', () => {
    const pairs = without(pieces(), 'eos_token_id');
    expect(read([...pairs, number('eos_token_id', 99)], 10).special.ends).toEqual([2]);
  });

  test('byte-level BPE begins with 11, and ends with it where it is no ordinary token', () => {
    const { special, tokenizer } = read(without(byteLevel('llama-bpe'), 'bos_token_id'), 264);
    expect(special).toMatchObject({ begin: 11, ends: [262] });
    expect(createTokenizer(tokenizer!).encode('he')).toEqual([11, idOf('he')]);
    expect(read(without(byteLevel('glm4'), 'bos_token_id'), 264).special.begin).toBeUndefined();
  });

  test('scores are 0, and token types may be more than tokens', () => {
    const types: GgufPair = {
      key: key('token_type'),
      type: 'ints',
      value: [3, 3, 3, 6, 1, 1, 1, 1, 1, 1, 1],
    };
    const { tokenizer } = read([...without(pieces(), 'scores', 'token_type'), types], 10);
    expect(createTokenizer(tokenizer!).encode('ab')).toEqual([1, PIECES.indexOf('\u2581ab')]);
  });
});

test('an end token stands behind a text where the file asks for it', () => {
  const flag: GgufPair = { key: key('add_eos_token'), type: 'bool', value: true };
  const { tokenizer } = read(byteLevel('llama-bpe', [flag, number('eos_token_id', 262)]), 264);
  expect(createTokenizer(tokenizer!).encode('he')).toEqual([261, idOf('he'), 262]);
});

test('fewer tokens than rows of the embedding leave the rest without text', () => {
  const { tokenizer } = read(byteLevel('gpt-2'), 300);
  expect(createTokenizer(tokenizer!).decodeToken(299)).toHaveLength(0);
});

test('named templates are those of a folder', () => {
  const template = (name: string, value: string): GgufPair => ({
    key: `tokenizer.chat_template${name}`,
    type: 'string',
    value,
  });
  const usual = byteLevel('llama-bpe', [template('', 'own')]);
  const templateOf = (pairs: GgufPair[]): unknown =>
    (read(pairs, 264).tokenizer!.tokenizerConfig as Record<string, unknown>)['chat_template'];
  expect(templateOf(usual)).toBe('own');
  const names: GgufPair = {
    key: 'tokenizer.chat_templates',
    type: 'strings',
    value: ['tool_use', 'x'],
  };
  expect(templateOf([...usual, names, template('.tool_use', 'tools')])).toEqual([
    { name: 'default', template: 'own' },
    { name: 'tool_use', template: 'tools' },
  ]);
});

test('text BPE has characters for symbols and spaces as marks', () => {
  const tokens = ['<0xC3>', '<0xA9>', 'a', 'b', '\u2581', '\u2581a', '<eos>'];
  const pairs: GgufPair[] = [
    text('model', 'gemma4'),
    texts('tokens', tokens),
    { key: key('token_type'), type: 'ints', value: [6, 6, 1, 1, 1, 1, 3] },
    texts('merges', ['\u2581 a']),
  ];
  const tokenizer = createTokenizer(read(pairs, tokens.length).tokenizer!);
  const ids = tokenizer.encode('b a\u00e9');
  expect(ids).toEqual([3, 5, 0, 1]);
  expect(tokenizer.decode(ids)).toBe('b a\u00e9');
});

test('text that is cut at white space keeps it as it is', () => {
  const tokens = ['a', 'b', ' ', 'ab', 'a b', '<0x0A>'];
  const pairs: GgufPair[] = [
    text('model', 'whitespace'),
    text('pre', 'whitespace'),
    texts('tokens', tokens),
    { key: key('token_type'), type: 'ints', value: [1, 1, 1, 1, 1, 6] },
    texts('merges', ['a b']),
  ];
  const tokenizer = createTokenizer(read(pairs, tokens.length).tokenizer!);
  expect(tokenizer.encode('ab a b\n', { addBegin: false })).toEqual([3, 2, 0, 2, 1, 5]);
});

test('names of tokens for code completion end answers, by text or by key', () => {
  const tokens = ['a', '<|fim_pad|>', '<|file_sep|>', '<|end|>', '<|flush|>', '<|calls|>', 'pad'];
  const pairs = (more: GgufPair[]): GgufPair[] => [
    text('model', 'gpt2'),
    text('pre', 'qwen2'),
    texts('tokens', tokens),
    texts('merges', []),
    ...more,
  ];
  expect(read(pairs([]), 7).special.ends.toSorted((a, b) => a - b)).toEqual([1, 2, 4, 5]);
  expect(
    read(pairs([number('fim_pad_token_id', 6)]), 7).special.ends.toSorted((a, b) => a - b),
  ).toEqual([2, 4, 5, 6]);
});

describe('a tokenizer in metadata', () => {
  test('may be absent', () => {
    const none = { tokenizer: undefined, special: { begin: undefined, addBegin: false, ends: [] } };
    expect(read([], 10)).toEqual(none);
  });

  const cases: [string, GgufPair[], number, RegExp][] = [
    ['of WordPiece', [text('model', 'bert'), texts('tokens', ['a'])], 1, /bert.*embed texts/],
    [
      'of an unknown kind',
      [text('model', 'rwkv'), texts('tokens', ['a'])],
      1,
      /kind is rwkv; known/,
    ],
    ['of more tokens than the embedding has rows', pieces(), 9, /10 tokens, the embedding 9 rows/],
    ['with too few scores', pieces([], [1, 2]), 10, /2 scores/],
    ['with an unknown expression', byteLevel('magic'), 264, /pre-tokenizer is magic; known are/],
    [
      'without merges',
      byteLevel('gpt-2').filter((pair) => !pair.key.endsWith('merges')),
      264,
      /no merges/,
    ],
    [
      'with endless tokens',
      pieces().map((pair) =>
        pair.type === 'strings' ? { ...pair, value: PIECES.map((p) => p.repeat(20_000)) } : pair,
      ),
      10,
      /too long/,
    ],
  ];
  test.each(cases)('%s is refused', (_, pairs, vocabCount, reason) => {
    expect(() => read(pairs, vocabCount)).toThrow(/^TOKENIZER_INVALID/);
    expect(() => read(pairs, vocabCount)).toThrow(reason);
  });
});
