import { expect, test } from 'vitest';
import { syntheticTokenizer } from './synthetic-tokenizer.ts';
import { collectTokenBytes, tokenDecoder } from './token-bytes.ts';
import { createTokenizer } from './tokenizer.ts';

test('the table holds what the tokenizer says of every token, and nothing beyond', () => {
  const vocabCount = 512;
  const made = createTokenizer(syntheticTokenizer(vocabCount));
  const decode = tokenDecoder(collectTokenBytes(made, vocabCount + 3));
  for (let id = 0; id < vocabCount; id++) {
    expect([...decode(id)]).toEqual([...made.decodeToken(id)]);
  }
  expect(decode(vocabCount + 2)).toHaveLength(0);
});

test('pieces of any bytes stand in the table, more of them than it has room for at first', () => {
  const pieces = ['<unk>', '<0x0A>', '<0xZZ>', 'abcdef', '\u2581a\u2581', 'é\u2581', '\u{1f600}'];
  pieces.push('x'.repeat(1000), 'y');
  const made = createTokenizer({
    tokenizerJson: {
      added_tokens: [{ id: 0, content: '<unk>', special: true }],
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
          { type: 'ByteFallback' },
        ],
      },
      model: {
        type: 'BPE',
        unk_token: '<unk>',
        byte_fallback: true,
        vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
        merges: [],
      },
    },
    tokenizerConfig: {},
  });
  const decode = tokenDecoder(collectTokenBytes(made, pieces.length));
  const texts = pieces.map((_, id) => Buffer.from(decode(id)).toString());
  const expected = ['', '\n', '<0xZZ>', 'abcdef', ' a ', 'é ', '\u{1f600}', 'x'.repeat(1000), 'y'];
  expect(texts).toEqual(expected);
});
