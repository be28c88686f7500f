import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GOLDEN_NAMES, goldenIds, goldenTokenizer } from './tokenizers.ts';

/** Text with what tokenizers trip over: markers, bytes spelt out, halves of characters. */
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
