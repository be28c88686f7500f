/**
 * `wafer run [MODEL] PROMPT`: text to standard output as it is made, how fast to standard error.
 *
 * Greedy unless asked otherwise. The seed is drawn here if none is given, and reported, so that
 * every answer can be had again.
 */
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { KV_BLOCK_TOKENS } from '@wafer/core';
import { STORIES_NAME } from '@wafer/stories';
import type { RequestOptions, Wafer } from '@wafer/runtime';
import { adaptedModel, loadAdapters, roomFor } from '../flags/adapter-flags.ts';
import { openOrPull } from '../models/pull-model.ts';
import { Answer } from '../answer.ts';
import { UsageError } from '../failures/failures.ts';
import { addFormatOptions, type FormatFlags, readFormat } from '../flags/format-flags.ts';
import { readCount, readWhole } from '../flags/option-values.ts';
import { readText } from '../flags/input-text.ts';
import { quantizationText } from '../texts/quantization-text.ts';
import { writeRunFiles } from '../run-files.ts';
import { addSamplingOptions, samplingOptions, suggestedText } from '../flags/sampling-flags.ts';
import type { SamplingFlags } from '../flags/sampling-flags.ts';
import { startWafer } from '../terminal/session.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';
import {
  addFileOptions,
  addLinkOptions,
  addWaferOptions,
  placeExperts,
  waferSettings,
} from '../wafer-options.ts';
import type { WaferFlags } from '../wafer-options.ts';

interface RunFlags extends WaferFlags, SamplingFlags, FormatFlags {
  file?: string;
  maxTokens?: number;
  logprobs?: number;
  json?: true;
  yes?: true;
  adapter?: string;
}

const MAX_TOKENS_DEFAULT = 128;
const SEEDS = 2 ** 32;

const EXAMPLES = `
Examples:
  wafer run "Once upon a time"
  wafer run ./model "Once upon a time"
  wafer run ./model "Once upon a time" --temperature 0.8 --top-p 0.95 --seed 7
  echo "Once upon a time" | wafer run ./model.gguf - --max-tokens 32 --json
  wafer run ./model "Once upon a time" --grid 2x2 --stages 2 --dice 2x1
  wafer run ./model "Once upon a time" --grid 2x1 --dice 2x1 --as h100 --link nvlink4`;

export function addRun(program: Command, terminal: Terminal): void {
  const command = program
    .command('run')
    .summary('write text')
    .description('Continues a prompt, token by token.')
    .usage('[options] [model] [prompt]')
    .argument('[model]', 'folder, .gguf file, name or synthetic:15m; without one: stories')
    .argument('[prompt]', 'text to continue; - reads standard input (a last line end is left out)')
    .option(
      '--max-tokens <n>',
      `tokens to write at most (default: ${MAX_TOKENS_DEFAULT})`,
      readCount,
    )
    .option('--file <file>', 'read the prompt from a file')
    .option('--logprobs <n>', 'report the n likeliest beside each token; with --json', readWhole)
    .option('--json', 'print one JSON object instead of text')
    .option('--adapter <path>', 'merge an adapter at load; NAME=PATH keeps it beside the weights')
    .option('--yes', 'fetch a model of a hub that is not there without asking');
  addFormatOptions(addSamplingOptions(command));
  addFileOptions(addLinkOptions(addWaferOptions(command)))
    .addHelpText('after', EXAMPLES)
    .action((first: string | undefined, second: string | undefined, flags: RunFlags) =>
      run({ ...modelAndPrompt(first, second, flags.file), flags }, terminal),
    );
}

/** One word alone is a prompt for the model that comes along, unless it names a model. */
function modelAndPrompt(
  first: string | undefined,
  second: string | undefined,
  file: string | undefined,
): { model: string; prompt: string | undefined } {
  if (file !== undefined) return { model: first ?? STORIES_NAME, prompt: second };
  if (first === undefined) {
    throw new UsageError('the prompt is missing, as in wafer run "Once upon a time"');
  }
  if (second !== undefined) return { model: first, prompt: second };
  const isModel = first === STORIES_NAME || /^synthetic:|\.gguf$/.test(first) || existsSync(first);
  if (isModel) throw new UsageError(`the prompt is missing: wafer run ${first} "Once upon a time"`);
  return { model: STORIES_NAME, prompt: first };
}

async function run(
  given: { model: string; prompt: string | undefined; flags: RunFlags },
  terminal: Terminal,
): Promise<void> {
  const { flags } = given;
  const isJson = flags.json ?? false;
  if (flags.logprobs !== undefined && !isJson) throw new UsageError('--logprobs needs --json');
  const prompt = await readText({ text: given.prompt, file: flags.file });
  using watch = watchSignals();
  const { signal } = watch;
  samplingOptions(flags);
  const format = await readFormat(flags);
  const named = { model: given.model, dtype: flags.dtype, yes: flags.yes };
  const base = await openOrPull(named, terminal);
  const { model: opened, adapters } = adaptedModel(base, flags.adapter);
  const sampling = samplingOptions(flags, opened.sampling ?? {});
  const placed = await placeExperts(opened, flags, terminal);
  const settings = waferSettings(opened, placed, { adapters: roomFor(opened, adapters) });
  await using started = await startWafer(settings.options, { terminal, signal });
  const wafer = await loadAdapters(started, adapters);
  const tokens = wafer.encode(prompt);
  const seed = flags.seed ?? randomInt(SEEDS);
  const answer = new Answer(tokens.length);
  const options = {
    ...requestOptions(flags, wafer, tokens.length),
    ...sampling,
    format,
    seed,
    signal,
  };
  for await (const piece of wafer.generate(tokens, options)) {
    answer.add(piece);
    if (!isJson && piece.text !== '') await terminal.writeText(piece.text);
  }
  const figures = settings.resolved.virtual && (await wafer.metrics()).virtual;
  const { model } = given;
  const { quantization } = wafer;
  if (isJson) {
    const hasExperts = wafer.plan.spec.experts !== undefined;
    const run = { model, settings, seed, sampling, figures, quantization, hasExperts };
    await terminal.writeJson(answer.toJson(run));
  } else await terminal.write('\n');
  const end = answer.contextEnd(wafer.plan.options.contextMax);
  if (end !== undefined) terminal.say(`wafer: ${end}`);
  writeRunFiles(flags, wafer, model);
  if (quantization) terminal.sayAside(quantizationText(quantization));
  const drawn = (sampling.temperature ?? 0) > 0 ? ` · seed ${seed}` : '';
  const text = suggestedText(flags, opened.sampling);
  if (text !== undefined) terminal.sayAside(text);
  terminal.sayAside(answer.speedLine(settings, figures) + drawn);
}

function requestOptions(flags: RunFlags, { plan }: Wafer, promptCount: number): RequestOptions {
  const kvLeft = plan.options.kvBlockCount * KV_BLOCK_TOKENS - promptCount;
  return {
    // The default makes do with a small cache; a number that was asked for does not.
    maxTokens: flags.maxTokens ?? Math.max(1, Math.min(MAX_TOKENS_DEFAULT, kvLeft)),
    logprobs: flags.logprobs,
  };
}
