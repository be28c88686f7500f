/**
 * `wafer chat MODEL`: talk with a model, on a terminal or through a pipe.
 *
 * Answers go to standard output; prompts, thinking and speed to standard error. Ctrl-C ends the
 * answer that is being written; where none is, it drops the line, or ends the command.
 */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { formatRate, WaferError } from '@wafer/core';
import { WholeAnswer } from '@wafer/text';
import type { Model, RequestOptions } from '@wafer/runtime';
import { openOrPull } from '../pull-model.ts';
import { Answer } from '../answer.ts';
import { historyPath, readHistory, writeHistory } from '../chat/chat-history.ts';
import { AnswerPrinter } from '../chat/answer-printer.ts';
import { ChatInput } from '../chat/chat-input.ts';
import { openConversation, type Conversation } from '../chat/conversation.ts';
import { Interrupted, UsageError } from '../failures.ts';
import { collect, readCount } from '../option-values.ts';
import { quantizationText } from '../quantization-text.ts';
import { addSamplingOptions, samplingOptions, suggestedText } from '../sampling-flags.ts';
import type { SamplingFlags } from '../sampling-flags.ts';
import { startWafer } from '../session.ts';
import { takeSignals, watchSignals } from '../signals.ts';
import type { Terminal } from '../terminal.ts';
import {
  addFileOptions,
  addLinkOptions,
  addWaferOptions,
  waferSettings,
} from '../wafer-options.ts';
import type { WaferFlags } from '../wafer-options.ts';

interface ChatFlags extends WaferFlags, SamplingFlags {
  maxTokens?: number;
  system?: string;
  json?: true;
  yes?: true;
  tools?: string;
  set?: string[];
}

const HELP = `/help            this list
/reset           forget what was said
"""             begins and ends a message of several lines; a paste needs none
/system [TEXT]   set the system message, or take it away; forgets what was said
/exit            end, as Ctrl-D does; Ctrl-C ends an answer`;

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
    .argument('<model>', 'folder, .gguf file or synthetic:15m')
    .argument('[question]', 'to be answered alone, without a chat')
    .option('--max-tokens <n>', 'tokens of an answer at most (default: 256)', readCount)
    .option('--json', 'print one JSON object; with a question')
    .option('--yes', 'fetch a model of a hub that is not there without asking')
    .option('--system <text>', 'system message')
    .option('--tools <file>', 'functions the model may call: a JSON list')
    .option('--set <name=value>', 'variable of the template; may be given more than once', collect);
  addSamplingOptions(command);
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
  const { model: name, question, flags } = given;
  if (flags.json && question === undefined) throw new UsageError('--json needs a question');
  const rendering = { tools: readTools(flags.tools), variables: readVariables(flags.set) };
  samplingOptions(flags);
  const named = { model: name, dtype: flags.dtype, yes: flags.yes };
  const model = await openOrPull(named, terminal);
  const settings = waferSettings(model, flags);
  const loading = watchSignals();
  const { signal } = loading;
  await using wafer = await startWafer(settings.options, { terminal, signal }).finally(() =>
    loading[Symbol.dispose](),
  );
  if (wafer.quantization) terminal.say(`wafer: ${quantizationText(wafer.quantization)}`);
  const conversation = openConversation(wafer, rendering);
  if (flags.system !== undefined) conversation.setSystem(flags.system);
  if (!conversation.isTemplated) {
    terminal.say(`wafer: ${name} has no chat template: text is continued`);
  }
  const request = requestOptions(flags, model);
  const text = suggestedText(flags, model.sampling);
  if (text !== undefined) terminal.say(terminal.styleSaid('dim', text));
  if (question !== undefined) {
    using watch = watchSignals();
    const options = { ...request, signal: watch.signal };
    return await answerOnce(
      { conversation, question, options, isJson: flags.json === true },
      terminal,
    );
  }
  using session = new Session({ conversation, terminal, request });
  await session.run();
}

/** Answers one question. Throws: coded errors, Interrupted. */
async function answerOnce(
  use: { conversation: Conversation; question: string; options: RequestOptions; isJson: boolean },
  terminal: Terminal,
): Promise<void> {
  const turn = await use.conversation.turn(use.question);
  const answer = new Answer(turn.promptCount);
  const whole = new WholeAnswer();
  const printer = new AnswerPrinter(terminal);
  for await (const piece of turn.answer(use.options)) {
    answer.add(piece.piece);
    whole.add(piece);
    if (!use.isJson) await printer.add(piece);
  }
  if (use.isJson) {
    const { message } = whole;
    const { finish, tokens } = answer;
    const counts = { promptTokens: turn.promptCount, generatedTokens: tokens.length };
    return terminal.writeJson({ message, finish, ...counts });
  }
  await printer.endLine();
  terminal.say(terminal.styleSaid('dim', speedLine(answer, turn.promptCount)));
}

const COMMANDS: readonly string[] = ['/help', '/reset', '/system', '/exit'];

/** Errors after which no answer can come. */
const ENDINGS: readonly string[] = [
  'TILE_CRASHED',
  'TILE_STUCK',
  'CHIP_DIED',
  'LINK_BROKEN',
  'WAFER_CLOSED',
];

class Session implements Disposable {
  readonly #conversation: Conversation;
  readonly #terminal: Terminal;
  readonly #request: RequestOptions;
  readonly #input: ChatInput;
  /** Ends the command. */
  readonly #end = new AbortController();
  /** Ends the answer that is being written. */
  #answering: AbortController | undefined;
  readonly #interrupt = (): void => {
    if (this.#answering !== undefined) this.#answering.abort(new Interrupted('interrupted'));
    else if (!this.#input.clearLine()) this.#end.abort(new Interrupted('interrupted'));
  };
  readonly #signals: Disposable;

  constructor(use: { conversation: Conversation; terminal: Terminal; request: RequestOptions }) {
    this.#conversation = use.conversation;
    this.#terminal = use.terminal;
    this.#request = use.request;
    const path = historyPath(process.env);
    const streams = {
      input: process.stdin,
      echo: process.stderr,
      history: readHistory(path),
      onHistory: (entries: string[]) => writeHistory(path, entries),
    };
    this.#input = new ChatInput(streams, this.#interrupt);
    this.#signals = takeSignals((reason) => {
      if (reason.kind === 'interrupted') this.#interrupt();
      else {
        this.#end.abort(reason);
        this.#answering?.abort(reason);
      }
      return this.#end.signal.aborted;
    });
  }

  /** Reads lines until they end. Throws: Interrupted, and coded errors where nobody watches. */
  async run(): Promise<void> {
    if (this.#input.isTerminal) this.#terminal.say('/help lists what else you can type.');
    for (;;) {
      const line = await this.#input.read(this.#end.signal);
      if (line === undefined || line.trim() === '/exit') return;
      try {
        if (this.#isCommand(line)) this.#obey(line.trim());
        else if (line.trim() !== '') await this.#answer(line);
      } catch (error) {
        // A person may ask otherwise, unless the wafer is gone; a script must learn of it.
        const isOver = !(error instanceof WaferError) || ENDINGS.includes(error.code);
        if (isOver || !this.#input.isTerminal) throw error;
        this.#terminal.say(`${this.#terminal.styleSaid('red', 'wafer:')} ${error.message}`);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#input[Symbol.dispose]();
    this.#signals[Symbol.dispose]();
  }

  /** Through a pipe, a line that only looks like a command is said to the model. */
  #isCommand(line: string): boolean {
    if (!line.startsWith('/')) return false;
    return this.#input.isTerminal || COMMANDS.includes(line.trim().split(' ', 1)[0]!);
  }

  #obey(line: string): void {
    const [word = '', ...rest] = line.split(' ');
    const text = rest.join(' ').trim();
    if (word === '/help') this.#terminal.say(HELP);
    else if (word === '/reset') {
      this.#conversation.reset();
      this.#terminal.say('What was said is forgotten.');
    } else if (word === '/system') {
      this.#conversation.setSystem(text === '' ? undefined : text);
      const what = text === '' ? 'There is no system message now' : 'The system message is set';
      this.#terminal.say(`${what}; what was said is forgotten.`);
    } else this.#terminal.say(`wafer: there is no ${word}; /help lists what there is`);
  }

  async #answer(line: string): Promise<void> {
    const printer = new AnswerPrinter(this.#terminal);
    const controller = new AbortController();
    this.#answering = controller;
    try {
      const turn = await this.#conversation.turn(line);
      controller.signal.throwIfAborted();
      if (turn.forgotten !== undefined) {
        const text = `the context is full: the oldest ${turn.forgotten} of this chat are forgotten`;
        this.#terminal.say(`wafer: ${text}; /reset forgets all`);
      }
      const answer = new Answer(turn.promptCount);
      const options = { ...this.#request, signal: controller.signal };
      for await (const piece of turn.answer(options)) {
        answer.add(piece.piece);
        await printer.add(piece);
      }
      await printer.endLine();
      this.#terminal.say(this.#terminal.styleSaid('dim', speedLine(answer, turn.promptCount)));
    } catch (error) {
      await printer.endLine();
      const isInterrupted = error instanceof Interrupted && !this.#end.signal.aborted;
      if (!isInterrupted) throw error;
      this.#terminal.say(this.#terminal.styleSaid('dim', 'interrupted'));
    } finally {
      this.#answering = undefined;
    }
  }
}

/** Tokens that a turn before has left in the KV cache cost nothing, so no rate of the prompt. */
function speedLine(answer: Answer, promptCount: number): string {
  return [
    `prompt ${promptCount} tokens, the first after ${Math.round(answer.prefillMs)} ms`,
    `generated ${answer.tokens.length} tokens, ${formatRate(answer.decodeRate)}/s`,
  ].join(' · ');
}

function requestOptions(flags: ChatFlags, model: Model): RequestOptions {
  const { maxTokens, seed } = flags;
  return { ...samplingOptions(flags, model.sampling ?? {}), maxTokens, seed };
}

function readTools(path: string | undefined): object[] | undefined {
  if (path === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--tools ${path}: ${(error as Error).message}`, { cause: error });
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
