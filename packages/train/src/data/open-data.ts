/**
 * Training data by the ends of file names: token files, text, JSONL, gzip.
 */
import { WaferError } from '@wafer/core';
import type { Model } from '@wafer/models';
import { createTokenizer } from '@wafer/text';
import { openText } from './text-data.ts';
import type { PairLimit } from './text-data.ts';
import { openTokens } from './token-source.ts';
import type { TokenSource } from './token-source.ts';

/**
 * Opens one token file, or any number of texts; with `pairs`, JSONL of preferences.
 * Throws: DATA_INVALID, DATA_UNREADABLE,
 * TOKENIZER_MISSING where a model has none for its texts, TEMPLATE_MISSING where it has none for
 * its chats.
 */
export function openData(
  paths: readonly string[],
  use: { model: Model; separator: string | undefined; pairs?: PairLimit | undefined },
): TokenSource {
  const [first = '', ...others] = paths;
  const noPairs = use.pairs && paths.find((path) => !/\.jsonl(\.gz)?$/.test(path));
  if (noPairs !== undefined) {
    const reason = 'preferences are read from .jsonl and .jsonl.gz';
    throw new WaferError('DATA_UNREADABLE', { path: noPairs, reason });
  }
  const idBytes = first.endsWith('.u16') ? 2 : first.endsWith('.u32') ? 4 : undefined;
  if (idBytes !== undefined) {
    if (others.length === 0) return openTokens(first, idBytes);
    const reason = 'token files come one at a time; join them first';
    throw new WaferError('DATA_INVALID', { path: others[0], line: 0, reason });
  }
  const strange = paths.find((path) => !/\.(txt|jsonl)(\.gz)?$/.test(path));
  if (strange !== undefined) {
    const reason = 'its name ends in none of .u16, .u32, .txt, .jsonl, .txt.gz, .jsonl.gz';
    throw new WaferError('DATA_UNREADABLE', { path: strange, reason });
  }
  const { model, separator, pairs } = use;
  if (model.tokenizer === undefined)
    throw new WaferError('TOKENIZER_MISSING', { path: model.name });
  const tokenizer = createTokenizer(model.tokenizer, model.name);
  const end = model.special.ends[0];
  return openText(paths, { tokenizer, end, separator, chat: model, pairs });
}
