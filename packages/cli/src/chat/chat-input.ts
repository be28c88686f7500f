/**
 * What a person types into a chat, line by line; from a pipe just as well.
 *
 * On a terminal, lines are edited and remembered, and what is typed while an answer runs is not
 * echoed into it, but read as the next line. Ctrl-C is handed on with whether a line was begun.
 */
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import type { OutputStream } from '../terminal.ts';

export interface ChatStreams {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  /** Where prompts and the echo go. */
  echo: OutputStream;
}

const PROMPT = '> ';
const COLUMNS_DEFAULT = 80;

export class ChatInput implements Disposable {
  readonly isTerminal: boolean;
  readonly #reader: Interface;
  readonly #lines: string[] = [];
  #isEnded = false;
  #isMuted = false;
  #wake: (() => void) | undefined;

  /** `onInterrupt` is called on Ctrl-C. */
  constructor({ input, echo }: ChatStreams, onInterrupt: () => void) {
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
    });
    this.#reader.on('line', (line) => {
      this.#lines.push(line);
      this.#wake?.();
    });
    this.#reader.on('close', () => {
      this.#isEnded = true;
      this.#wake?.();
    });
    this.#reader.on('SIGINT', onInterrupt);
  }

  /** The next line; undefined at the end of the input. Throws: the signal's reason. */
  async read(signal: AbortSignal): Promise<string | undefined> {
    this.#isMuted = false;
    if (this.isTerminal && this.#lines.length === 0 && !this.#isEnded) this.#reader.prompt();
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
    signal.throwIfAborted();
    this.#isMuted = true;
    return this.#lines.shift();
  }

  /** Drops a line that was begun; whether there was one. */
  clearLine(): boolean {
    if (!this.isTerminal || this.#reader.line === '') return false;
    this.#reader.write(null, { ctrl: true, name: 'e' });
    this.#reader.write(null, { ctrl: true, name: 'u' });
    return true;
  }

  [Symbol.dispose](): void {
    this.#reader.close();
  }
}
