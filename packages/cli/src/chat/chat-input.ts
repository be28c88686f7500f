/**
 * What a person types into a chat, message by message; from a pipe just as well.
 *
 * A message is a line, all that was pasted at once, or what stands between three quotes. On a
 * terminal, lines are edited and remembered, and what is typed while an answer runs is not
 * echoed into it, but read as the next line. Ctrl-C is handed on with whether a line was begun.
 */
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import type { OutputStream } from '../terminal/terminal.ts';
import { LineAssembler } from './line-assembler.ts';

export interface ChatStreams {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  /** Where prompts and the echo go. */
  echo: OutputStream;
  /** Whether the terminal may be asked to mark where a paste begins and ends. */
  marksPastes?: boolean;
  /** What was typed in earlier chats, the newest first. */
  history?: string[];
  /** Told the history when it grows. */
  onHistory?: (entries: string[]) => void;
}

const PROMPT = '> ';
/** Within quotes. */
const PROMPT_MORE = '… ';
/** Terminals that know how mark where a paste begins and ends. */
const PASTE_ON = '\u001b[?2004h';
const PASTE_OFF = '\u001b[?2004l';
const COLUMNS_DEFAULT = 80;
const HISTORY_SIZE = 500;

export class ChatInput implements Disposable {
  readonly isTerminal: boolean;
  readonly #reader: Interface;
  readonly #lines: string[] = [];
  readonly #assembler = new LineAssembler();
  readonly #echo: OutputStream;
  readonly #marksPastes: boolean;
  #isPasting = false;
  #isEnded = false;
  #isMuted = false;
  #wake: (() => void) | undefined;

  /** `onInterrupt` is called on Ctrl-C. */
  constructor(
    { input, echo, marksPastes = true, history = [], onHistory = () => undefined }: ChatStreams,
    onInterrupt: () => void,
  ) {
    this.#echo = echo;
    this.#marksPastes = marksPastes;
    this.isTerminal = input.isTTY === true && echo.isTTY === true;
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!this.#isMuted) echo.write(chunk);
        done();
      },
    });
    Object.defineProperty(output, 'columns', { get: () => echo.columns ?? COLUMNS_DEFAULT });
    this.#reader = createInterface({
      input,
      ...(this.isTerminal ? { output } : {}),
      terminal: this.isTerminal,
      prompt: PROMPT,
      history: [...history],
      historySize: HISTORY_SIZE,
    });
    this.#reader.on('line', (line) => this.#take(line));
    this.#reader.on('history', onHistory);
    if (this.isTerminal) {
      echo.on('resize', () => output.emit('resize'));
      if (marksPastes) echo.write(PASTE_ON);
      input.on('keypress', (_text: unknown, key: { name?: string } | undefined) => {
        if (key?.name === 'paste-start') this.#isPasting = true;
        if (key?.name === 'paste-end') this.#isPasting = false;
      });
    }
    this.#reader.on('close', () => {
      const left = this.#assembler.end();
      if (left !== undefined) this.#lines.push(left);
      this.#isEnded = true;
      this.#wake?.();
    });
    this.#reader.on('SIGINT', onInterrupt);
    // The shell had the terminal; readline pauses its input until it is told to go on.
    this.#reader.on('SIGCONT', () => {
      if (marksPastes) echo.write(PASTE_ON);
      this.#reader.resume();
    });
  }

  #take(line: string): void {
    if (this.#isPasting) return this.#assembler.addPasted(line);
    const message = this.#assembler.add(line);
    if (message !== undefined) this.#lines.push(message);
    this.#reader.setPrompt(this.#assembler.isOpen ? PROMPT_MORE : PROMPT);
    if (message === undefined && this.isTerminal) this.#reader.prompt();
    else this.#wake?.();
  }

  /** The next message; undefined at the end of the input. Throws: the signal's reason. */
  async read(signal: AbortSignal): Promise<string | undefined> {
    this.#isMuted = false;
    const isPrompted = this.isTerminal && this.#lines.length === 0 && !this.#isEnded;
    if (isPrompted) this.#reader.prompt();
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake);
    try {
      while (this.#lines.length === 0 && !this.#isEnded && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
    // What is said next does not stand behind the prompt.
    if (isPrompted && this.#lines.length === 0) this.#echo.write('\n');
    signal.throwIfAborted();
    this.#isMuted = true;
    return this.#lines.shift();
  }

  /** Drops a line, or a message of several, that was begun; whether there was one. */
  clearLine(): boolean {
    if (!this.isTerminal) return false;
    const isLineBegun = this.#reader.line !== '';
    if (isLineBegun) {
      this.#reader.write(null, { ctrl: true, name: 'e' });
      this.#reader.write(null, { ctrl: true, name: 'u' });
    }
    if (!this.#assembler.drop()) return isLineBegun;
    this.#echo.write('\n');
    this.#reader.setPrompt(PROMPT);
    this.#reader.prompt();
    return true;
  }

  [Symbol.dispose](): void {
    this.#reader.close();
    if (this.isTerminal && this.#marksPastes) this.#echo.write(PASTE_OFF);
  }
}
