import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTokenizer } from '@wafer/models';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GOLDEN_NAMES, goldenIds, goldenJson, goldenTokenizer } from './tokenizers.ts';

/** Text with what tokenizers trip over: markers, bytes spelled out, halves of characters. */
const nastyText = fc
  .array(
    fc.oneof(
      { arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }), weight: 3 },
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom(
        '<|begin|>',
        '<|end|>',
        '<unk>',
        '<s>',
        '</s>',
        '<0x0A>',
        '<think>',
        '\u2581',
      ),
      fc.constantFrom(
        '<|be',
        'gin|>',
        '<',
        '|>',
        ' ',
        '  ',
        '\n',
        '\r\n',
        'a',
        "'S",
        '12345',
        '\ufeff',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe.each(GOLDEN_NAMES)('%s', (name) => {
  const tokenizer = goldenTokenizer(name);
  const special = new Set(tokenizer.special.values());

  test('gives the ids of `tokenizers`', () => {
    const golden = goldenIds(name);
    expect(golden).toHaveLength(164);
    const options = { addBegin: false, allowSpecial: true };
    const ours = golden.map(({ text }) => ({ text, ids: tokenizer.encode(text, options) }));
    expect(ours).toEqual(golden);
  });

  test('no text makes a special token but the unknown one', () => {
    const unknown = tokenizer.special.get('<unk>');
    fc.assert(
      fc.property(nastyText, (text) => {
        const ids = tokenizer.encode(text, { addBegin: false });
        expect(ids.filter((id) => special.has(id) && id !== unknown)).toEqual([]);
      }),
      { numRuns: 200, seed: 11 },
    );
  });

  test('a text is itself again', () => {
    // The unigram tokenizer rewrites characters, and has a token for few of them.
    const isWhole = name !== 'unigram';
    fc.assert(
      fc.property(nastyText, (text) => {
        const again = tokenizer.decode(tokenizer.encode(text, { addBegin: false }));
        const mended = text.toWellFormed();
        const wanted = name === 'pieces' ? mended.replaceAll('\u2581', ' ') : mended;
        if (isWhole) expect(again).toBe(wanted);
        else expect(again.length).toBeLessThanOrEqual(mended.length * 3);
      }),
      { numRuns: 200, seed: 12 },
    );
  });
});

/** Ids of `tokenizers` 0.23.2, from the same files put together as transformers 4.57.6 does. */
const VOCABULARY_IDS = {
  GPT2Tokenizer:
    '51 257 314 136 223 361 6 284 592 46 45 6 51 220 16 17 18 19 20 198 198 220 285 7 337 77 8 ' +
    '220 702 701 324',
  Qwen2TokenizerFast:
    '51 257 220 127 102 361 6 284 592 46 45 6 51 220 16 17 18 19 20 198 198 220 285 7 337 77 8 ' +
    '220 702 701 324',
};

describe('a folder with vocab.json and merges.txt alone', () => {
  const { model, added_tokens: added } = goldenJson('bytes') as {
    model: { vocab: Record<string, number>; merges: [string, string][] };
    added_tokens: { id: number; content: string; special: boolean }[];
  };
  const folderOf = (config: object, files: Record<string, string> = {}): string => {
    const folder = mkdtempSync(join(tmpdir(), 'wafer-vocabulary-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const lines = model.merges.map((pair) => pair.join(' '));
    const contents = {
      'vocab.json': JSON.stringify(model.vocab),
      'merges.txt': ['#version: 0.2', ...lines, ''].join('\n'),
      'tokenizer_config.json': JSON.stringify(config),
      ...files,
    };
    for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, name), text);
    return folder;
  };
  const text = "The e\u0301 we'll DON'T 12345\n\n  and(then) <think><|end|> it";
  const options = { addBegin: false, allowSpecial: true };
  const decoder = Object.fromEntries(added.map(({ id, ...token }) => [id, token]));

  test.each(['GPT2Tokenizer', 'Qwen2TokenizerFast'] as const)('of %s', (tokenizer_class) => {
    const folder = folderOf({ tokenizer_class, added_tokens_decoder: decoder });
    const tokenizer = openTokenizer(folder);
    expect(tokenizer.encode(text, options).join(' ')).toBe(VOCABULARY_IDS[tokenizer_class]);
    expect(tokenizer.special.get('<|end|>')).toBe(701);
    // Older folders list the added tokens in a file of their own.
    const older = Object.fromEntries(added.map(({ id, content }) => [content, id]));
    const files = { 'added_tokens.json': JSON.stringify(older) };
    const again = openTokenizer(folderOf({ tokenizer_class }, files));
    expect(again.encode(text, options)).toEqual(tokenizer.encode(text, options));
  });

  test('with a space before a text where its config says so', () => {
    const config = { tokenizer_class: 'GPT2Tokenizer', add_prefix_space: true };
    const ids = openTokenizer(folderOf({ ...config, added_tokens_decoder: decoder })).encode(
      text,
      options,
    );
    expect(ids.slice(0, 3)).toEqual([480, 314, 136]);
  });

  test('of another class has no tokenizer here, and says where to get one', () => {
    for (const config of [{}, { tokenizer_class: 'CodeGenTokenizer' }]) {
      expect(() => openTokenizer(folderOf(config))).toThrow(/^TOKENIZER_MISSING.*save_pretrained/);
    }
    const config = { tokenizer_class: 'GPT2Tokenizer' };
    expect(() => openTokenizer(folderOf(config, { 'merges.txt': 'abc' }))).toThrow(
      /^TOKENIZER_INVALID.*merge abc is no pair/,
    );
  });
});
