/**
 * A chat: messages in, answers out, until the input ends.
 *
 * Ctrl-C ends the answer that is being written; where none is, it drops the line, or ends the chat.
 */
import type { WaferSettings } from '@wafer/bench/common';
import { formatRate, plural, WaferError } from '@wafer/core';
import type { RequestOptions } from '@wafer/runtime';
import { Answer } from '../answer.ts';
import { clockText, virtualSpeed } from '../described/virtual-flags.ts';
import { Interrupted } from '../failures/failures.ts';
import { takeSignals } from '../failures/signals.ts';
import { drawControls } from '../terminal/terminal.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { AnswerPrinter } from './answer-printer.ts';
import { historyPath, readHistory, writeHistory } from './chat-history.ts';
import { ChatInput } from './chat-input.ts';
import type { Conversation } from './conversation.ts';

const HELP = `/help            this list
/reset           forget what was said
"""              begins and ends a message of several lines; a paste needs none
/system [TEXT]   set the system message, or take it away; forgets what was said
/exit            end, as Ctrl-D does; Ctrl-C ends an answer`;

const COMMANDS: readonly string[] = ['/help', '/reset', '/system', '/exit'];

/** Errors after which no answer can come. */
const ENDINGS: readonly string[] = [
  'TILE_CRASHED',
  'TILE_STUCK',
  'CHIP_DIED',
  'LINK_BROKEN',
  'WAFER_CLOSED',
];

export class Session implements Disposable {
  readonly #conversation: Conversation;
  readonly #terminal: Terminal;
  readonly #request: RequestOptions;
  readonly #settings: WaferSettings;
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

  constructor(use: {
    conversation: Conversation;
    terminal: Terminal;
    request: RequestOptions;
    settings: WaferSettings;
  }) {
    this.#settings = use.settings;
    this.#conversation = use.conversation;
    this.#terminal = use.terminal;
    this.#request = use.request;
    const path = historyPath(process.env);
    const streams = {
      input: process.stdin,
      echo: process.stderr,
      marksPastes: process.env['TERM'] !== 'dumb',
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
        const message = drawControls(error.message);
        this.#terminal.say(`${this.#terminal.styleSaid('failure', 'wafer:')} ${message}`);
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
      const end = answer.contextEnd(this.#settings.resolved.plan.contextMax);
      if (end !== undefined) this.#terminal.say(`wafer: ${end}`);
      this.#terminal.sayAside(speedLine(answer, this.#settings));
    } catch (error) {
      await printer.endLine();
      const isInterrupted = error instanceof Interrupted && !this.#end.signal.aborted;
      if (!isInterrupted) throw error;
      this.#terminal.sayAside('interrupted');
    } finally {
      this.#answering = undefined;
    }
  }
}

/** Tokens that a turn before has left in the KV cache cost nothing, so no rate of the prompt. */
export function speedLine(answer: Answer, { resolved: { virtual, dice } }: WaferSettings): string {
  const { pieces, promptCount } = answer;
  const { decodeTokensPerSecond } = virtualSpeed(pieces, promptCount);
  const rate = `generated ${formatRate(decodeTokensPerSecond)}/s`;
  return [
    `prompt ${plural(promptCount, 'token')}, the first after ${Math.round(answer.prefillMs)} ms`,
    `generated ${plural(pieces.length, 'token')}, ${formatRate(answer.decodeRate)}/s`,
    ...(virtual ? [`virtual clock: ${clockText(virtual.clock, dice)}: ${rate}`] : []),
  ].join(' · ');
}
