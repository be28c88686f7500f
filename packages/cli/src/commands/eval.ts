/**
 * `wafer eval MODEL`: loss and perplexity on text or token files.
 */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { fieldLines } from '@wafer/bench';
import { formatCount } from '@wafer/core';
import { detectRounding, enableRevectorization } from '@wafer/kernels';
import { createTokenizer } from '@wafer/text';
import { evaluateModel, openData } from '@wafer/train';
import type { TokenSource } from '@wafer/train';
import type { Model } from '@wafer/models';
import { openNamedModel } from '../named-model.ts';
import { readCount } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

interface EvalFlags {
  data: string[];
  context: number;
  rows?: number;
  separator?: string;
  revectorize?: true;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer eval stories --data story.txt
  wafer eval ./trained --data valid.u16 --context 512 --json

Each row of --context tokens is read without what came before it.`;

export function addEval(program: Command, terminal: Terminal): void {
  program
    .command('eval')
    .summary("a model's loss and perplexity on data")
    .description('Measures loss and perplexity per token, and per byte of text, in f32.')
    .argument('<model>', 'folder, .gguf file or name')
    .requiredOption('--data <file...>', 'a .u16 or .u32 token file, or .txt and .jsonl, also .gz')
    .option('--context <n>', 'tokens of a row', readCount, 256)
    .option('--rows <n>', 'at most so many rows', readCount)
    .option('--separator <text>', 'what stands between documents of .txt')
    .option('--revectorize', "use V8's 256-bit vectors (x64)")
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: EvalFlags) => evaluate(model, flags, terminal));
}

async function evaluate(name: string, flags: EvalFlags, terminal: Terminal): Promise<void> {
  if (flags.revectorize) enableRevectorization();
  const model = await openNamedModel(name);
  const data = openData(flags.data, { model, separator: flags.separator });
  const { context } = flags;
  const found = await evaluateModel(model, data, {
    context,
    rounding: detectRounding(),
    replicas: availableParallelism(),
    ...(flags.rows === undefined ? {} : { rowsMax: flags.rows }),
  });
  const bytes = bytesOfRows(model, data, { context, rows: found.rows });
  data.close();
  const natsPerByte = bytes === undefined ? undefined : found.nats / bytes;
  if (flags.json) return terminal.writeJson({ model: name, context, ...found, bytes, natsPerByte });
  const perByte =
    natsPerByte === undefined
      ? 'unknown: no tokenizer'
      : `${natsPerByte.toFixed(4)} nats, ${(natsPerByte / Math.LN2).toFixed(4)} bits`;
  return terminal.writeLines(
    fieldLines([
      ['rows', `${formatCount(found.rows)} of ${formatCount(context)} tokens`],
      ['targets', formatCount(found.tokens)],
      ['loss', `${found.natsPerToken.toFixed(4)} nats a token`],
      ['perplexity', found.perplexity.toFixed(3)],
      ['per byte', perByte],
    ]),
  );
}

/** Bytes of the text of all targets that count; undefined where there is no tokenizer. */
function bytesOfRows(
  model: Model,
  data: TokenSource,
  { context, rows }: { context: number; rows: number },
): number | undefined {
  if (model.tokenizer === undefined) return undefined;
  const tokenizer = createTokenizer(model.tokenizer, model.name);
  const lengths = new Map<number, number>();
  const lengthOf = (token: number): number => {
    const known = lengths.get(token);
    if (known !== undefined) return known;
    const length = tokenizer.decodeToken(token).length;
    lengths.set(token, length);
    return length;
  };
  const starts = new Set(data.starts);
  const ids = new Uint32Array(context);
  let bytes = 0;
  for (let row = 0; row < rows; row++) {
    data.read(row * context + 1, ids);
    ids.forEach((token, t) => {
      const at = row * context + 1 + t;
      if (!starts.has(at) && data.counts?.[at] !== 0) bytes += lengthOf(token);
    });
  }
  return bytes;
}
