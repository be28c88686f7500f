/**
 * What a command leaves in files if asked: a log of its wafer, a trace of its tiles, a picture.
 */
import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { reasonOf, WaferError } from '@wafer/core';
import type { Logger, Wafer } from '@wafer/runtime';
import type pino from 'pino';

/** Newest records that each thread keeps for `--trace`. */
export const TRACE_RECORDS = 65_536;

/** Appends JSON lines to a file, each at once. Throws: OUTPUT_FAILED. */
export function fileLogger(path: string): Logger {
  // Loaded when asked for: a run without a log does not wait for it.
  const load = createRequire(import.meta.url)('pino') as typeof pino;
  return attempt(path, () =>
    load({ base: null }, load.destination({ dest: path, append: true, sync: true })),
  );
}

/** Refuses a path that cannot be written, before what is to be written is made. */
export function checkWritable(path: string): void {
  attempt(path, () => {
    const isThere = existsSync(path);
    accessSync(isThere ? path : dirname(resolve(path)), constants.W_OK);
    if (isThere && statSync(path).isDirectory()) throw new Error('it is a folder');
  });
}

/** Writes a whole file; of a new one nothing is left where that fails. Throws: OUTPUT_FAILED. */
export function writeOutput(path: string, text: string): void {
  attempt(path, () => {
    const isNew = !existsSync(path);
    try {
      writeFileSync(path, text);
    } catch (error) {
      if (isNew) rmSync(path, { force: true });
      throw error;
    }
  });
}

/** Writes a wafer's trace, to be opened in Perfetto or chrome://tracing. Throws: OUTPUT_FAILED. */
function writeTrace(path: string, wafer: Wafer): void {
  writeOutput(path, JSON.stringify(wafer.trace()));
}

/** Writes the files that flags ask for. Throws: OUTPUT_FAILED, PLAN_OPTION. */
export function writeRunFiles(
  { trace, expertProfile }: { trace?: string; expertProfile?: string },
  wafer: Wafer,
  model: string,
): void {
  if (trace !== undefined) writeTrace(trace, wafer);
  if (expertProfile !== undefined) writeExpertProfile(expertProfile, wafer, model);
}

/** Writes how many tokens met each expert. Throws: OUTPUT_FAILED, PLAN_OPTION without experts. */
function writeExpertProfile(path: string, wafer: Wafer, model: string): void {
  const tally = wafer.expertTally();
  if (tally === undefined) {
    const expected = 'a model with experts';
    throw new WaferError('PLAN_OPTION', { option: 'expert-profile', value: model, expected });
  }
  writeOutput(path, `${JSON.stringify({ model, ...tally })}\n`);
}

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) });
  }
}
