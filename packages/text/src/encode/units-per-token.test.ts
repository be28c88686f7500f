import { readFileSync } from 'node:fs';
import { WaferError } from '@wafer/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTokenizerFacts } from '../tokenizer/tokenizer-json.ts';
import { Encoder } from './encoder.ts';

/** A tokenizer of test/golden, some of it replaced. */
function encoderOf(name: string, changed: object = {}): Encoder {
  const path = new URL(`../../../../test/golden/tokenizers/${name}.json`, import.meta.url);
  const json = JSON.parse(readFileSync(path, 'utf8')) as object;
  const fail = (reason: string): WaferError =>
    new WaferError('TOKENIZER_INVALID', { path: name, reason });
  const description = { tokenizerJson: { ...json, ...changed }, tokenizerConfig: {} };
  return new Encoder(readTokenizerFacts(description, fail).encoder, fail);
}

const all = { allowSpecial: true, tokensMax: Infinity };
const bytes = encoderOf('bytes');
const pieces = encoderOf('pieces');
const composed = encoderOf('bytes', { normalizer: { type: 'NFC' } });

test.each([
  ['bytes', bytes],
  ['pieces', pieces],
  ['bytes of composed text', composed],
  ['unigram', encoderOf('unigram')],
])('%s: no text has fewer ids than are certain', (_, encoder) => {
  const unit = fc.constantFrom('a', ' ', 'the', '\n', 'é', 'e\u0301', 'α\u0313\u0300\u0345', '😀');
  const text = fc.oneof(fc.string({ unit, maxLength: 80 }), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(text, (given) => {
      const { length } = encoder.encode(given.toWellFormed(), all);
      expect(length).toBeGreaterThanOrEqual(encoder.leastCount(given.length));
    }),
    { numRuns: 60, seed: 11 },
  );
});

test('a text that is far too long is known by its length', () => {
  for (const encoder of [bytes, pieces, composed]) {
    expect(encoder.leastCount(4_000_000)).toBeGreaterThan(512);
  }
});

test.each([
  ['a normalizer drops text', 'pieces', { normalizer: { type: 'StripAccents' } }],
  ['text is cut away', 'pieces', { pre_tokenizer: { type: 'WhitespaceSplit' } }],
  ['unknown characters are joined', 'unigram', {}],
])('nothing is certain where %s', (_, name, changed) => {
  expect(encoderOf(name, changed).leastCount(4_000_000)).toBe(0);
});

test.each([
  ['words', 'the whale was here '],
  ['one word', 'thewhalewashere'],
])('%s: with a limit, work ends soon behind it', (_, part) => {
  const text = part.repeat(20_000);
  const limited = { allowSpecial: false, tokensMax: 100 };
  const first = bytes.encode(part, all).at(0);
  const before = bytes.model.stepCount;
  const ids = bytes.encode(text, limited);
  expect(ids.length).toBeGreaterThan(100);
  expect(ids.at(0)).toBe(first);
  expect(bytes.model.stepCount - before).toBeLessThan(text.length / 4);
});

test('within a limit, a text has all its ids', () => {
  const text = 'the whale was here, é and 😀';
  const ids = pieces.encode(text, all);
  expect(pieces.encode(text, { allowSpecial: true, tokensMax: ids.length })).toEqual(ids);
});
