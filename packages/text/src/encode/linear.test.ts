import { readFileSync } from 'node:fs';
import { WaferError } from '@wafer/core';
import { expect, test } from 'vitest';
import { readTokenizerFacts } from '../tokenizer/tokenizer-json.ts';
import { Encoder } from './encoder.ts';

const LENGTH = 2 ** 15;
const TEXTS: Readonly<Record<string, string>> = {
  'one letter': 'a'.repeat(LENGTH),
  'letters without a space': 'thewhalewashere'.repeat(LENGTH / 16),
  spaces: ' '.repeat(LENGTH),
  lines: '\n'.repeat(LENGTH),
  digits: '1234567890'.repeat(LENGTH / 10),
  emoji: '😀'.repeat(LENGTH / 4),
  'accents apart': 'e\u0301'.repeat(LENGTH / 2),
  signs: '='.repeat(LENGTH),
};

function encoderOf(name: string): Encoder {
  const path = new URL(`../../../../test/golden/tokenizers/${name}.json`, import.meta.url);
  const description = {
    tokenizerJson: JSON.parse(readFileSync(path, 'utf8')) as unknown,
    tokenizerConfig: {},
  };
  const fail = (reason: string): WaferError =>
    new WaferError('TOKENIZER_INVALID', { path: name, reason });
  return new Encoder(readTokenizerFacts(description, fail).encoder, fail);
}

/** Steps for each unit: merging sees each pair at most thrice, a trie each token's length. */
const STEPS_MAX: Readonly<Record<string, number>> = { bytes: 3, pieces: 3, unigram: 20 };

test.each(Object.keys(STEPS_MAX))(
  '%s: work grows with the text alone, whatever it holds',
  (name) => {
    const encoder = encoderOf(name);
    for (const [what, text] of Object.entries(TEXTS)) {
      const before = encoder.model.stepCount;
      const ids = encoder.encode(text, { allowSpecial: false, tokensMax: Infinity });
      const steps = encoder.model.stepCount - before;
      const size = new TextEncoder().encode(text).length;
      expect({ what, isLinear: steps <= STEPS_MAX[name]! * size }).toEqual({
        what,
        isLinear: true,
      });
      // Two spaces or lines are one to the unigram tokenizer.
      if (name !== 'unigram') expect(ids.length).toBeGreaterThan(size / 100);
    }
  },
);
