/**
 * `wafer chat MODEL`: talk with a model, on a terminal or through a pipe.
 *
 * Answers go to standard output; prompts, thinking and speed to standard error.
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { WholeAnswer } from '@wafer/text';
import type { WaferSettings } from '@wafer/bench/common';
import type { AnswerFormat, Model, RequestOptions, Wafer } from '@wafer/runtime';
import { reasonOf } from '@wafer/core';
import { adaptedModel, loadAdapters, roomFor } from '../flags/adapter-flags.ts';
import { openOrPull } from '../models/pull-model.ts';
import { Answer } from '../answer.ts';
import { AnswerPrinter } from '../chat/answer-printer.ts';
import { openConversation, type Conversation } from '../chat/conversation.ts';
import { Session, speedLine } from '../chat/session.ts';
import { UsageError } from '../failures/failures.ts';
import { addFormatOptions, type FormatFlags, readFormat } from '../flags/format-flags.ts';
import { readText } from '../flags/input-text.ts';
import { collect, readCount, readWhole } from '../flags/option-values.ts';
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

interface ChatFlags extends WaferFlags, SamplingFlags, FormatFlags {
  file?: string;
  logprobs?: number;
  maxTokens?: number;
  system?: string;
  json?: true;
  yes?: true;
  adapter?: string;
  tools?: string;
  set?: string[];
}

/** Seeds that are drawn lie below. */
const SEEDS = 2 ** 32;

const EXAMPLES = `
Examples:
  wafer chat ./model
  wafer chat ./model --system "Answer in one sentence." --set enable_thinking=false
  wafer chat ./model "What is a wafer?"
  echo "Once upon a time" | wafer chat ./model.gguf --max-tokens 32`;

export function addChat(program: Command, terminal: Terminal): void {
  const command = program
    .command('chat')
    .summary('talk with a model')
    .description('Talks with a model, by its chat template; without one, text is continued.')
    .argument('<model>', 'folder, .gguf file, name or synthetic:15m')
    .argument('[question]', 'to be answered alone, without a chat; - reads standard input')
    .option('--file <file>', 'read the question from a file')
    .option('--max-tokens <n>', 'tokens of an answer at most (default: 256)', readCount)
    .option('--logprobs <n>', 'report the n likeliest beside each token; with --json', readWhole)
    .option('--json', 'print one JSON object; with a question')
    .option('--yes', 'fetch a model of a hub that is not there without asking')
    .option('--adapter <path>', 'merge an adapter at load; NAME=PATH keeps it beside the weights')
    .option('--system <text>', 'system message')
    .option('--tools <file>', 'functions the model may call: a JSON list')
    .option('--set <name=value>', 'variable of the template; may be given more than once', collect);
  addFormatOptions(addSamplingOptions(command));
  addFileOptions(addLinkOptions(addWaferOptions(command)))
    .addHelpText('after', EXAMPLES)
    .action((model: string, question: string | undefined, flags: ChatFlags) =>
      chat({ model, question, flags }, terminal),
    );
}

async function chat(
  given: { model: string; question: string | undefined; flags: ChatFlags },
  terminal: Terminal,
): Promise<void> {
  const { model: name, flags } = given;
  const question = await readQuestion(given.question, flags);
  const rendering = { tools: readTools(flags.tools), variables: readVariables(flags.set) };
  samplingOptions(flags);
  const format = await readFormat(flags);
  const named = { model: name, dtype: flags.dtype, yes: flags.yes };
  const base = await openOrPull(named, terminal);
  const { model, adapters } = adaptedModel(base, flags.adapter);
  const placed = await placeExperts(model, flags, terminal);
  const settings = waferSettings(model, placed, { adapters: roomFor(model, adapters) });
  const loading = watchSignals();
  const { signal } = loading;
  await using started = await startWafer(settings.options, { terminal, signal }).finally(() =>
    loading[Symbol.dispose](),
  );
  const wafer = await loadAdapters(started, adapters);
  if (wafer.quantization) terminal.say(`wafer: ${quantizationText(wafer.quantization)}`);
  const conversation = openConversation(wafer, rendering);
  if (flags.system !== undefined) conversation.setSystem(flags.system);
  if (!conversation.isTemplated) {
    terminal.say(`wafer: ${name} has no chat template: text is continued`);
  }
  const request = requestOptions(flags, model, format);
  const text = suggestedText(flags, model.sampling);
  if (text !== undefined) terminal.sayAside(text);
  if (question === undefined) {
    using session = new Session({ conversation, terminal, request, settings });
    await session.run();
  } else {
    using watch = watchSignals();
    const seeded = { ...request, seed: flags.seed ?? randomInt(SEEDS), signal: watch.signal };
    const asked = { question, options: seeded, isJson: flags.json === true };
    await answerOnce({ name, wafer, settings, conversation, ...asked }, terminal);
  }
  writeRunFiles(flags, wafer, model.name);
}

/** The one question, if it is one. Throws: UsageError. */
async function readQuestion(
  text: string | undefined,
  flags: ChatFlags,
): Promise<string | undefined> {
  const isAsked = text !== undefined || flags.file !== undefined;
  if (flags.json && !isAsked) throw new UsageError('--json needs a question');
  if (flags.logprobs !== undefined && !flags.json) throw new UsageError('--logprobs needs --json');
  return isAsked ? readText({ text, file: flags.file }) : undefined;
}

interface Question {
  name: string;
  wafer: Wafer;
  settings: WaferSettings;
  conversation: Conversation;
  question: string;
  options: RequestOptions & { seed: number };
  isJson: boolean;
}

/** Answers one question. Throws: coded errors, Interrupted. */
async function answerOnce(use: Question, terminal: Terminal): Promise<void> {
  const { wafer, settings, options } = use;
  const turn = await use.conversation.turn(use.question);
  const answer = new Answer(turn.promptCount);
  const whole = new WholeAnswer();
  const printer = new AnswerPrinter(terminal);
  for await (const piece of turn.answer(options)) {
    answer.add(piece.piece);
    whole.add(piece);
    if (!use.isJson) await printer.add(piece);
  }
  if (use.isJson) {
    const { seed, signal: _signal, format: _f, maxTokens: _m, logprobs: _l, ...sampling } = options;
    const { quantization, plan } = wafer;
    const figures = settings.resolved.virtual && (await wafer.metrics()).virtual;
    const hasExperts = plan.spec.experts !== undefined;
    const run = { model: use.name, settings, seed, sampling, figures, quantization, hasExperts };
    await terminal.writeJson({ message: whole.message, ...answer.toJson(run) });
  } else await printer.endLine();
  const end = answer.contextEnd(wafer.plan.options.contextMax);
  if (end !== undefined) terminal.say(`wafer: ${end}`);
  if (!use.isJson) terminal.sayAside(speedLine(answer, settings));
}

function requestOptions(
  flags: ChatFlags,
  model: Model,
  format: AnswerFormat | undefined,
): RequestOptions {
  const { maxTokens, seed, logprobs } = flags;
  return { ...samplingOptions(flags, model.sampling ?? {}), maxTokens, seed, logprobs, format };
}

function readTools(path: string | undefined): object[] | undefined {
  if (path === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--tools ${path}: ${reasonOf(error)}`, { cause: error });
  }
  const isList = Array.isArray(value) && value.every((tool) => typeof tool === 'object' && tool);
  if (!isList) throw new UsageError(`--tools ${path}: expected a JSON list of objects`);
  return value as object[];
}

/** `name=value` words; a value is JSON where it is JSON, else text. */
function readVariables(words: readonly string[] | undefined): Record<string, unknown> {
  const entries = (words ?? []).map((word): [string, unknown] => {
    const [, name, text = ''] = /^(\w+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined) throw new UsageError(`--set ${word}: expected name=value`);
    try {
      return [name, JSON.parse(text) as unknown];
    } catch {
      return [name, text];
    }
  });
  return Object.fromEntries(entries);
}
