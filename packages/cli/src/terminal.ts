/**
 * Standard output and standard error of a command.
 *
 * Results go to standard output and nothing else does; a write that fails ends the command
 * (`OutputClosed` for a reader that went away). Everything said to a person goes to standard error,
 * where a failure to write is ignored. Colors appear on terminals only, and not with NO_COLOR.
 */
import { styleText } from 'node:util';
import { linesOf } from '@wafer/bench/common';
import type { Line } from '@wafer/bench/common';
import { reasonOf, WaferError } from '@wafer/core';
import { OutputClosed } from './failures.ts';

/** What a command writes to: `process.stdout`, `process.stderr`, or any stream like them. */
export type OutputStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

type Style = Parameters<typeof styleText>[0];

const COLUMNS_DEFAULT = 80;

export class Terminal {
  readonly #out: OutputStream;
  readonly #errors: OutputStream;
  readonly #isPlain: boolean;
  /** Whether the cursor is on a line that is replaced in place. */
  #isInPlace = false;

  /** `isPlain`: a terminal that takes control codes for text, as TERM=dumb says. */
  constructor(streams: { out: OutputStream; errors: OutputStream; isPlain?: boolean }) {
    this.#out = streams.out;
    this.#errors = streams.errors;
    this.#isPlain = streams.isPlain ?? false;
    // Failures reach the callback of the write; without a listener they would end the process.
    this.#out.on('error', () => undefined);
    this.#errors.on('error', () => undefined);
  }

  /** Writes a result and waits until it is out. Throws: OutputClosed, OUTPUT_FAILED. */
  write(text: string): Promise<void> {
    this.clearLine();
    return new Promise((resolve, reject) => {
      this.#out.write(text, (error) => {
        if (error) reject(writeError(error));
        else resolve();
      });
    });
  }

  /** Writes lines and tables; on a terminal none is wider than it. */
  writeLines(lines: readonly Line[]): Promise<void> {
    return this.write(`${linesOf(lines, this.width).join('\n')}\n`);
  }

  /** Writes one JSON value on a line of its own. */
  writeJson(value: unknown): Promise<void> {
    return this.write(`${JSON.stringify(value)}\n`);
  }

  /** Says something to whoever watches; on a terminal it breaks at spaces. */
  say(line: string): void {
    this.clearLine();
    this.#errors.write(`${linesOf(line.split('\n'), this.widthSaid).join('\n')}\n`);
  }

  /** Says a part of a line. */
  sayPart(text: string): void {
    this.#errors.write(text);
  }

  /** Replaces the line under the cursor, cut to its width; only where `isWatched`. */
  sayInPlace(line: string): void {
    this.#isInPlace = line !== '';
    // In the last column some terminals go to the next line.
    this.#errors.write(`\r\u001b[2K${line.slice(0, this.columnsSaid - 1)}`);
  }

  /** Takes a line away that was said in place. */
  clearLine(): void {
    if (this.#isInPlace) this.sayInPlace('');
  }

  /** Whether a person watches standard error, and lines can be replaced in place. */
  get isWatched(): boolean {
    return this.#errors.isTTY === true && !this.#isPlain;
  }

  /** What lines of standard output must fit in: nothing where it is no terminal. */
  get width(): number {
    return this.#out.isTTY === true ? this.columns : Infinity;
  }

  /** The same of standard error. */
  get widthSaid(): number {
    return this.#errors.isTTY === true ? this.columnsSaid : Infinity;
  }

  /** Width of standard output, if it is a terminal that says one (some say 0); 80 otherwise. */
  get columns(): number {
    return this.#out.columns || COLUMNS_DEFAULT;
  }

  /** Width of standard error, where the bar is. */
  get columnsSaid(): number {
    return this.#errors.columns || COLUMNS_DEFAULT;
  }

  /** Styles text for standard output. */
  style(style: Style, text: string): string {
    return styled(this.#out, style, text);
  }

  /** Styles text for standard error. */
  styleSaid(style: Style, text: string): string {
    return styled(this.#errors, style, text);
  }
}

function styled(stream: OutputStream, style: Style, text: string): string {
  // Asked first: beside FORCE_COLOR, Node would take it for nothing and warn.
  const isPlain = (process.env['NO_COLOR'] ?? '') !== '';
  if (stream.isTTY !== true || isPlain) return text;
  return styleText(style, text, { stream, validateStream: true });
}

function writeError(error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') {
    return new OutputClosed('the reader of the output went away', { cause: error });
  }
  const details = { path: 'standard output', reason: reasonOf(error) };
  return new WaferError('OUTPUT_FAILED', details, { cause: error });
}
