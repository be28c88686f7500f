/**
 * The log of a training run beside its checkpoints: what `--json` prints, a line a step, and how
 * long each process took.
 *
 *   {"step":1,"loss":…}   {"step":100,"validLoss":…}   {"step":100,"process":{"begunAt":0,…}}
 *
 * A run that goes on from a checkpoint keeps the lines up to its step, and makes those after it
 * anew: so the log is that of one run, however often it was cut. Nothing is written before the
 * first line. A line that a killed process left half written is passed over.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject, reasonOf, systemCode, tellOutput, WaferError } from '@wafer/core';
import { makeFolder } from '@wafer/models';

/** A line: a step, and whatever is said of it. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly step: number };

/** Its name in the folder of a run. */
export const STEPS_FILE = 'steps.jsonl';

export class TrainLog {
  readonly #path: string;
  /** What is kept of an earlier process. */
  readonly #kept: readonly LogLine[];
  #file: number | undefined;

  /** The log at a path, of a run that stands at a step. Throws: OUTPUT_FAILED. */
  constructor(path: string, step: number) {
    this.#path = path;
    this.#kept = step === 0 ? [] : readLog(path).filter((line) => line.step <= step);
  }

  /** Writes a line. Throws: OUTPUT_FAILED. */
  add(line: LogLine): void {
    this.#attempt(() => {
      this.#file ??= this.#begin();
      writeAll(this.#file, `${JSON.stringify(line)}\n`);
    });
  }

  /** Waits until all of it is on the disk, as a checkpoint is about to be. */
  sync(): void {
    const file = this.#file;
    if (file !== undefined) this.#attempt(() => fsyncSync(file));
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** The file with what is kept, aside until it is whole, open for more. */
  #begin(): number {
    const partial = `${this.#path}.partial`;
    makeFolder(dirname(this.#path));
    tellOutput(partial, true);
    const file = openSync(partial, 'w');
    writeAll(file, this.#kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
    renameSync(partial, this.#path);
    tellOutput(partial, false);
    return file;
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      throw new WaferError('OUTPUT_FAILED', { path: this.#path, reason: reasonOf(error) });
    }
  }
}

/** The lines of a log; none where there is none. */
export function readLog(path: string): LogLine[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const value = parsed(line);
    return isObject(value) && Number.isSafeInteger(value['step']) ? [value as LogLine] : [];
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}
