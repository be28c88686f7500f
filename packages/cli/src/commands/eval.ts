/**
 * `wafer eval MODEL`: loss and perplexity on text or token files; right answers to questions.
 */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { fieldLines, untilAborted } from '@wafer/bench/common';
import { formatCount } from '@wafer/core';
import { detectRounding, enableRevectorization } from '@wafer/kernels';
import { createTokenizer, withRoleTemplate } from '@wafer/text';
import { evaluateModel, hasChats, openData, readQuestions } from '@wafer/train';
import type { TokenSource } from '@wafer/train';
import type { Model } from '@wafer/models';
import { answerAll } from '../accuracy.ts';
import { openNamedModel } from '../named-model.ts';
import { readCount } from '../option-values.ts';
import { startWafer } from '../session.ts';
import { watchSignals } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface EvalFlags {
  data: string[];
  context: number;
  rows?: number;
  separator?: string;
  accuracy?: true;
  revectorize?: true;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer eval stories --data story.txt
  wafer eval ./trained --data valid.u16 --context 512 --json
  wafer eval ./trained --data questions.jsonl --accuracy

Each row of --context tokens is read without what came before it. With --accuracy, the answers of
{"messages"} and {"prompt", "completion"} are to be met word for word, and of {"prompt", "choices",
"answer"} the likeliest choice counts.`;

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
    .option('--accuracy', 'the share of questions of .jsonl that are answered right')
    .option('--revectorize', "use V8's 256-bit vectors (x64)")
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: EvalFlags) => evaluate(model, flags, terminal));
}

async function evaluate(name: string, flags: EvalFlags, terminal: Terminal): Promise<void> {
  if (flags.revectorize) enableRevectorization();
  const given = await openNamedModel(name);
  // A model without a template of its own is asked as `wafer train` would teach it.
  const model = hasChats(flags.data) ? withRoleTemplate(given) : given;
  if (flags.accuracy) return tellAccuracy(model, flags, terminal);
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

async function tellAccuracy(model: Model, flags: EvalFlags, terminal: Terminal): Promise<void> {
  using watch = watchSignals();
  const { signal } = watch;
  const questions = flags.data.flatMap(readQuestions);
  await using wafer = await startWafer({ model }, { terminal, signal });
  const answers = await untilAborted(answerAll(wafer, questions), signal);
  const right = answers.filter(({ isRight }) => isRight).length;
  const found = { questions: answers.length, right, accuracy: right / answers.length };
  if (flags.json) return terminal.writeJson({ model: model.name, ...found, answers });
  const share = `${((100 * right) / answers.length).toFixed(1)} %`;
  return terminal.writeLines(
    fieldLines([
      ['questions', formatCount(answers.length)],
      ['right', `${formatCount(right)}, ${share}`],
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
