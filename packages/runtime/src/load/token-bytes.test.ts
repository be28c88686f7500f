import { expect, test } from 'vitest';
import { openSynthetic } from './synthetic.ts';
import { collectTokenBytes, tokenDecoder } from './token-bytes.ts';
import { createTokenizer } from './tokenizer.ts';

test('the table holds what the tokenizer says of every token, and nothing beyond', () => {
  const { tokenizer, spec } = openSynthetic('synthetic:tiny');
  const made = createTokenizer(tokenizer!);
  const decode = tokenDecoder(collectTokenBytes(made, spec.vocabCount + 3));
  for (let id = 0; id < spec.vocabCount; id++) {
    expect([...decode(id)]).toEqual([...made.decodeToken(id)]);
  }
  expect(decode(spec.vocabCount + 2)).toHaveLength(0);
});
