/**
 * A file that is written front to back and appears under its name only when it is complete.
 *
 * What is written goes to `NAME.partial`; `finish` renames it, `discard` removes it, so that a
 * full disk or a stopped run never leaves half a model behind.
 */
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { reasonOf, tellOutput, WaferError } from '@wafer/core';

export class OutputFile {
  readonly path: string;
  readonly #partial: string;
  readonly #descriptor: number;
  #byteCount = 0;

  /** Throws: OUTPUT_FAILED. */
  constructor(path: string) {
    this.path = path;
    this.#partial = `${path}.partial`;
    tellOutput(this.#partial, true);
    this.#descriptor = attempt(path, () => openSync(this.#partial, 'w'));
  }

  /** Bytes written so far. */
  get byteCount(): number {
    return this.#byteCount;
  }

  write(bytes: Uint8Array): void {
    attempt(this.path, () => {
      let written = 0;
      while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written);
    });
    this.#byteCount += bytes.length;
  }

  /** Writes zeros up to a multiple of `alignment`. */
  pad(alignment: number): void {
    const rest = this.#byteCount % alignment;
    if (rest > 0) this.write(new Uint8Array(alignment - rest));
  }

  finish(): void {
    attempt(this.path, () => {
      closeSync(this.#descriptor);
      renameSync(this.#partial, this.path);
    });
    tellOutput(this.#partial, false);
  }

  discard(): void {
    closeSync(this.#descriptor);
    rmSync(this.#partial, { force: true });
    tellOutput(this.#partial, false);
  }
}

/** Writes a file through `use`, whole or not at all. Throws: OUTPUT_FAILED. */
export function writeFile(path: string, use: (file: OutputFile) => void): void {
  const file = new OutputFile(path);
  try {
    use(file);
  } catch (error) {
    file.discard();
    throw error;
  }
  file.finish();
}

/** Writes a value as indented JSON. */
export function writeJson(path: string, value: unknown): void {
  writeFile(path, (file) => {
    file.write(new TextEncoder().encode(`${JSON.stringify(value, undefined, 1)}\n`));
  });
}

/** Removes a file, if it is there. Throws: OUTPUT_FAILED. */
export function removeFile(path: string): void {
  attempt(path, () => rmSync(path, { force: true }));
}

/** Stops where something lies at the path already. Throws: OUTPUT_EXISTS. */
export function checkFree(path: string): void {
  if (existsSync(path)) throw new WaferError('OUTPUT_EXISTS', { path });
}

/** The error of an output that cannot be made. */
export function outputFailed(path: string, reason: string): WaferError {
  return new WaferError('OUTPUT_FAILED', { path, reason });
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw outputFailed(path, reasonOf(error));
  }
}
