/**
 * Standard output and standard error of a command.
 *
 * Results go to standard output and nothing else does; a write that fails ends the command
 * (`OutputClosed` for a reader that went away). Everything said to a person goes to standard error,
 * where a failure to write is ignored. Styles appear on terminals and with FORCE_COLOR, and never
 * with NO_COLOR.
 */
import { styleText } from 'node:util';
import { cellsOf, fitting, linesOf } from '@wafer/bench/common';
import type { Line } from '@wafer/bench/common';
import { reasonOf, WaferError } from '@wafer/core';
import { OutputClosed } from '../failures/failures.ts';
import { asciiMarks } from './kind.ts';
import type { TerminalKind } from './kind.ts';
import { WordWrap } from './word-wrap.ts';

/** What a command writes to: `process.stdout`, `process.stderr`, or any stream like them. */
export type OutputStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/**
 * All that letters say beside their words. The one color is told by its number, so that the
 * reader's palette says what it is. Of the others yellow, green, cyan and bright letters cannot be
 * read on many a light ground, blue ones on a dark one, dim ones on either.
 */
export const STYLES = { failure: 'red', strong: 'bold', aside: 'italic' } as const;

export type Style = keyof typeof STYLES;

const COLUMNS_DEFAULT = 80;

export class Terminal {
  readonly #out: OutputStream;
  readonly #errors: OutputStream;
  readonly #isPlain: boolean;
  readonly #isAscii: boolean;
  /** Of text that is not ours, and comes in pieces. */
  readonly #wrap = new WordWrap();
  /** Whether the cursor is on a line that is replaced in place. */
  #isInPlace = false;

  constructor(streams: { out: OutputStream; errors: OutputStream } & Partial<TerminalKind>) {
    this.#out = streams.out;
    this.#errors = streams.errors;
    this.#isPlain = streams.isPlain ?? false;
    this.#isAscii = streams.isAscii ?? false;
    // Failures reach the callback of the write; without a listener they would end the process.
    this.#out.on('error', () => undefined);
    this.#errors.on('error', () => undefined);
  }

  /** Writes a result and waits until it is out. Throws: OutputClosed, OUTPUT_FAILED. */
  write(text: string): Promise<void> {
    this.#wrap.reset();
    return this.#send(this.#marks(this.#out, text));
  }

  #send(text: string): Promise<void> {
    this.clearLine();
    return new Promise((resolve, reject) => {
      this.#out.write(text, (error) => {
        if (error) reject(writeError(error));
        else resolve();
      });
    });
  }

  /** Writes text that is not ours; on a terminal it is wrapped, and what would steer it drawn. */
  writeText(text: string): Promise<void> {
    if (this.#out.isTTY !== true) return this.#send(text);
    const drawn = drawControls(text);
    return this.#send(this.#isPlain ? drawn : this.#wrap.add(drawn, this.columns));
  }

  /** Writes lines and tables; on a terminal none is wider than it. */
  writeLines(lines: readonly Line[]): Promise<void> {
    return this.write(`${linesOf(lines, this.width).join('\n')}\n`);
  }

  /** Writes one JSON value on a line of its own. */
  writeJson(value: unknown): Promise<void> {
    return this.#send(`${JSON.stringify(value)}\n`);
  }

  /** Says something to whoever watches; on a terminal it breaks at spaces. */
  say(line: string): void {
    this.clearLine();
    const text = `${linesOf(line.split('\n'), this.widthSaid).join('\n')}\n`;
    this.#errors.write(this.#marks(this.#errors, text));
  }

  /** The same, beside a result. */
  sayAside(line: string): void {
    this.say(this.styleSaid('aside', line));
  }

  /** Says a part of a line of such. */
  sayPart(text: string): void {
    const shown = this.#errors.isTTY === true ? drawControls(text) : text;
    this.#errors.write(this.styleSaid('aside', shown));
  }

  /** Ends such a line. */
  endParts(): void {
    this.#errors.write('\n');
  }

  /** Replaces the line under the cursor, as much as fits of it; only where `isWatched`. */
  sayInPlace(line: string): void {
    this.#isInPlace = line !== '';
    // In the last column some terminals go to the next line.
    const shown = this.#marks(this.#errors, cutLine(line, this.columnsSaid - 1));
    this.#errors.write(`\r\u001b[2K${shown}`);
  }

  /** Takes a line away that was said in place. */
  clearLine(): void {
    if (this.#isInPlace) this.sayInPlace('');
  }

  /** Text of ours as the terminal can show it; a pipe gets it as it is. */
  #marks(stream: OutputStream, text: string): string {
    return this.#isAscii && stream.isTTY === true ? asciiMarks(text) : text;
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

/** What fits of a line: whole parts ` · ` of it, else whole words, so that no number is cut. */
function cutLine(line: string, columns: number): string {
  if (cellsOf(line) <= columns) return line;
  const { length } = fitting(line, columns);
  const ends = [' · ', ' '].map((mark) => line.lastIndexOf(mark, length));
  return line.slice(0, ends.find((end) => end > 0) ?? length);
}

/** Where pictures of the control characters begin. */
const PICTURES = 0x24_00;
const DELETE = 0x7f;

/**
 * Text whose control characters are pictures: what a model of random weights says would else ring,
 * move the cursor or change the letters. Line ends and tabs stay.
 */
export function drawControls(text: string): string {
  return text.replaceAll(/\r(?!\n)|(?![\r\n\t])\p{Cc}/gu, (each) => {
    const code = each.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(PICTURES + code);
    return code === DELETE ? '\u2421' : '\ufffd';
  });
}

function styled(stream: OutputStream, style: Style, text: string): string {
  const { NO_COLOR: plain = '', FORCE_COLOR: forced } = process.env;
  // Asked first: beside FORCE_COLOR, Node would take it for nothing and warn.
  if (plain !== '' || (stream.isTTY !== true && forced === undefined)) return text;
  return styleText(STYLES[style], text, { stream, validateStream: true });
}

function writeError(error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') {
    return new OutputClosed('the reader of the output went away', { cause: error });
  }
  const details = { path: 'standard output', reason: reasonOf(error) };
  return new WaferError('OUTPUT_FAILED', details, { cause: error });
}
