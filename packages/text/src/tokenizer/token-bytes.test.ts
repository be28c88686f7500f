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
