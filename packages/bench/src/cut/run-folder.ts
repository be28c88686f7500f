/**
 * The folder that a bench leaves behind: `runs/<date>-<time>-<hash>/`.
 *
 * It is made, and written to, before anything is measured, so that minutes of work are not lost to
 * a full disk. A run that does not end well leaves no folder.
 */
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf, WaferError } from '@wafer/core';
import { makeFolder } from '@wafer/models';

export interface RunFolder extends Disposable {
  readonly id: string;
  readonly path: string;
  /** Writes a file. Throws: OUTPUT_FAILED. */
  write(file: string, text: string): void;
  /** The folder stays. */
  keep(): void;
}

/** Date, time and six digits of a hash of the settings, the date and the process. */
export function runId(date: Date, settings: unknown): string {
  const stamp = date.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const what = JSON.stringify([date.getTime(), process.pid, settings]);
  return `${stamp}-${createHash('sha256').update(what).digest('hex').slice(0, 6)}`;
}

/** Makes the folder of a run and proves that it can be written. Throws: OUTPUT_FAILED. */
export function createRunFolder(parent: string, id: string): RunFolder {
  const path = join(parent, id);
  let isKept = false;
  const write = (file: string, text: string): void =>
    attempt(join(path, file), () => writeFileSync(join(path, file), text));
  makeFolder(path);
  write('meta.json', '{}\n');
  return {
    id,
    path,
    write,
    keep: () => {
      isKept = true;
    },
    [Symbol.dispose]: () => {
      if (!isKept) rmSync(path, { recursive: true, force: true });
    },
  };
}

function attempt(path: string, action: () => unknown): void {
  try {
    action();
  } catch (error) {
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) }, { cause: error });
  }
}
