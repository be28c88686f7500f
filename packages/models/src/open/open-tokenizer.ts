/** Opens a tokenizer alone: a GGUF file, with or without weights, or a folder. */
import { WaferError } from '@wafer/core';
import { createTokenizer } from '@wafer/text';
import type { Tokenizer, TokenizerDescription } from '@wafer/text';
import { Fields } from '../source/fields.ts';
import { tryStat, withFile } from '../source/files.ts';
import { tokenizerOfGguf } from './gguf-tokenizer.ts';
import { GgufArray } from '../gguf/gguf-values.ts';
import { GgufHead } from '../gguf/gguf.ts';
import { readTokenizer } from './tokenizer-files.ts';

/**
 * Opens the tokenizer of a model. Throws: MODEL_NOT_FOUND, GGUF_INVALID, TOKENIZER_MISSING,
 * TOKENIZER_INVALID.
 */
export function openTokenizer(path: string): Tokenizer {
  const stats = path === '' || path.includes('\0') ? undefined : tryStat(path);
  if (stats === undefined) throw new WaferError('MODEL_NOT_FOUND', { path });
  const description = stats.isDirectory() ? readTokenizer(path) : readGguf(path);
  if (description === undefined) throw new WaferError('TOKENIZER_MISSING', { path });
  return createTokenizer(description, path);
}

function readGguf(path: string): TokenizerDescription | undefined {
  return withFile(path, (file) => {
    const head = new GgufHead(file);
    const fields = new Fields(path, Object.fromEntries(head.metadata));
    const tokens = head.metadata.get('tokenizer.ggml.tokens');
    const count = tokens instanceof GgufArray ? tokens.count : 0;
    return tokenizerOfGguf(head, fields, count).tokenizer;
  });
}
