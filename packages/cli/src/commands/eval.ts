/**
 * `wafer eval MODEL`: loss and perplexity on text or token files; right answers to questions.
 */
import type { Command } from 'commander';
import { fieldLines, untilAborted } from '@wafer/bench/common';
import { formatCount, plural } from '@wafer/core';
import { createTokenizer, withRoleTemplate } from '@wafer/text';
import type { Tokenizer } from '@wafer/text';
import { hasChats, openData, readQuestions, TrainRows } from '@wafer/train';
import type { Model } from '@wafer/models';
import { answerAll } from '../accuracy.ts';
import { openNamedModel } from '../models/named-model.ts';
import { readCount } from '../flags/option-values.ts';
import { startWafer } from '../terminal/session.ts';
import { watchSignals } from '../failures/signals.ts';
import { surpriseOf } from '../terminal/surprise.ts';
import type { Excerpt, Surprise } from '../terminal/surprise.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface EvalFlags {
  data: string[];
  context: number;
  rows?: number;
  separator?: string;
  accuracy?: true;
  revectorize: boolean;
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
    .description('Measures loss and perplexity per token, and per byte of text.')
    .argument('<model>', 'folder, .gguf file or name')
    .requiredOption('--data <file...>', 'a .u16 or .u32 token file, or .txt and .jsonl, also .gz')
    .option('--context <n>', 'tokens of a row', readCount, 256)
    .option('--rows <n>', 'at most so many rows', readCount)
    .option('--separator <text>', 'what stands between documents of .txt')
    .option('--accuracy', 'the share of questions of .jsonl that are answered right')
    .option('--no-revectorize', 'leave kernels at 128 bits; the same bits, slower on x64')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: EvalFlags) => evaluate(model, flags, terminal));
}

async function evaluate(name: string, flags: EvalFlags, terminal: Terminal): Promise<void> {
  const given = await openNamedModel(name);
  // A model without a template of its own is asked as `wafer train` would teach it.
  const model = hasChats(flags.data) ? withRoleTemplate(given) : given;
  if (flags.accuracy) return tellAccuracy(model, flags, terminal);
  const data = openData(flags.data, { model, separator: flags.separator });
  const all = new TrainRows(data, { context: flags.context, order: 'sequential', seed: 0 });
  const rows = Math.min(all.rowCount, flags.rows ?? Infinity);
  const bytes = model.tokenizer && new TextBytes(createTokenizer(model.tokenizer, model.name));
  const use = { rows, bytes, flags, terminal };
  const { nats, targets } = await surpriseOfRows(model, all, use).finally(() => data.close());
  const found = { rows, tokens: targets, nats, natsPerToken: nats / targets };
  const perplexity = Math.exp(found.natsPerToken);
  const natsPerByte = bytes && nats / bytes.count;
  const { context } = flags;
  if (flags.json) {
    const perByte = { bytes: bytes?.count, natsPerByte };
    return terminal.writeJson({ model: name, context, ...found, perplexity, ...perByte });
  }
  const perByte =
    natsPerByte === undefined
      ? 'unknown: no tokenizer'
      : `${natsPerByte.toFixed(4)} nats, ${(natsPerByte / Math.LN2).toFixed(4)} bits`;
  return terminal.writeLines(
    fieldLines([
      ['rows', `${formatCount(rows)} of ${plural(context, 'token')}`],
      ['targets', formatCount(targets)],
      ['loss', `${found.natsPerToken.toFixed(4)} nats a token`],
      ['perplexity', perplexity.toFixed(3)],
      ['per byte', perByte],
    ]),
  );
}

async function surpriseOfRows(
  model: Model,
  all: TrainRows,
  use: { rows: number; bytes: TextBytes | undefined; flags: EvalFlags; terminal: Terminal },
): Promise<Surprise> {
  const { rows, bytes, flags, terminal } = use;
  using watch = watchSignals();
  const { signal } = watch;
  const options = { model, contextTokens: flags.context, revectorize: flags.revectorize };
  await using wafer = await startWafer(options, { terminal, signal });
  const tokenCount = rows * flags.context;
  const found = surpriseOf(wafer, readRows(all, rows, bytes), { tokenCount, terminal, signal });
  return await untilAborted(found, signal);
}

async function tellAccuracy(model: Model, flags: EvalFlags, terminal: Terminal): Promise<void> {
  const { revectorize } = flags;
  using watch = watchSignals();
  const { signal } = watch;
  const questions = flags.data.flatMap(readQuestions);
  await using wafer = await startWafer({ model, revectorize }, { terminal, signal });
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

/** What rows hold, document by document, as `wafer train` reads them. */
function* readRows(
  all: TrainRows,
  rows: number,
  bytes: TextBytes | undefined,
): Generator<Excerpt, void> {
  const row = all.create();
  for (let index = 0; index < rows; index++) {
    all.read(index, row);
    for (let first = 0, end = 0; first < all.context; first = end) {
      for (end = first + 1; end < all.context && row.firsts[end] === row.firsts[first];) end++;
      const targets = row.targets.subarray(first, end);
      const counts = new Uint8Array(end - first + 1);
      counts.set(row.counts.subarray(first, end), 1);
      if (!counts.includes(1)) continue;
      targets.forEach((token, i) => {
        if (counts[i + 1] === 1) bytes?.add(token);
      });
      yield { tokens: [row.tokens[first]!, ...targets], counts };
    }
  }
}

/** Bytes of the text of tokens. */
class TextBytes {
  count = 0;
  readonly #tokenizer: Tokenizer;
  readonly #lengths = new Map<number, number>();

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  add(token: number): void {
    const length = this.#lengths.get(token) ?? this.#tokenizer.decodeToken(token).length;
    this.#lengths.set(token, length);
    this.count += length;
  }
}
