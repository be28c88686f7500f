/**
 * `wafer tokenizer train FILE…`: learns a byte-level BPE tokenizer from text.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { plural, reasonOf, WaferError } from '@wafer/core';
import { makeFolder } from '@wafer/models';
import { createTokenizer } from '@wafer/text';
import { trainTokenizer } from '@wafer/train';
import { readCount } from '../flags/option-values.ts';
import { isSystemError } from '../failures/system-error.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface TokenizerFlags {
  vocab: number;
  out: string;
  end?: string;
  force?: true;
}

const EXAMPLES = `
Examples:
  wafer tokenizer train stories.txt --vocab 4096 --out ./tokenizer
  wafer train --tokenizer ./tokenizer --layers 6 --width 192 --heads 6 --data a.txt --out ./new`;

export function addTokenizer(program: Command, terminal: Terminal): void {
  const command = program
    .command('tokenizer')
    .summary('learn a tokenizer')
    .description('Learns tokenizers from texts.')
    .addHelpText('after', EXAMPLES);
  command
    .command('train')
    .summary('learn byte-level BPE from texts')
    .description('Learns a byte-level BPE tokenizer: tokenizer.json, which others read alike.')
    .argument('<file...>', 'text, also .gz')
    .option('--vocab <n>', 'tokens, 256 bytes and the end among them', readCount, 4096)
    .requiredOption('--out <dir>', 'a new folder')
    .option('--end <text>', 'what ends a text, in the files and as a token (<|endoftext|>)')
    .option('--force', 'write over what is there')
    .addHelpText('after', EXAMPLES)
    .action((files: string[], flags: TokenizerFlags) => learn(files, flags, terminal));
}

async function learn(files: string[], flags: TokenizerFlags, terminal: Terminal): Promise<void> {
  const { vocab, out, end, force } = flags;
  const path = join(out, 'tokenizer.json');
  if (existsSync(path) && force !== true) throw new WaferError('OUTPUT_EXISTS', { path });
  const texts = files.map(readText);
  const use = { vocab, ...(end === undefined ? {} : { endText: end }) };
  const description = trainTokenizer(texts, use);
  makeFolder(out);
  try {
    writeFileSync(path, `${JSON.stringify(description.tokenizerJson)}\n`);
    const config = JSON.stringify(description.tokenizerConfig, null, 2);
    writeFileSync(join(out, 'tokenizer_config.json'), `${config}\n`);
  } catch (error) {
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) });
  }
  const { vocabCount } = createTokenizer(description, path);
  await terminal.writeLines([`${path}: ${plural(vocabCount, 'token')}`]);
  if (vocabCount < vocab) {
    terminal.say(`wafer: the texts have no more pairs to merge: fewer than --vocab ${vocab}`);
  }
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    const reason = reasonOf(error);
    if (isSystemError(error)) throw new WaferError('DATA_UNREADABLE', { path, reason });
    throw new WaferError('DATA_INVALID', { path, line: 0, reason });
  }
}
