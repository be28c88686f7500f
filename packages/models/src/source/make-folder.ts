/**
 * Makes a folder, and those it lies in.
 *
 * Not by Node's own recursive way: where the system says ENOENT of a folder that is in one that is
 * there, as below /proc and on some mounts, that never returns.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { reasonOf, systemCode, WaferError } from '@wafer/core';

/** Makes it unless it is there; `mode` is that of all that are made. Throws: OUTPUT_FAILED. */
export function makeFolder(path: string, mode?: number): void {
  try {
    makeFolders(resolve(path), mode);
  } catch (error) {
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) }, { cause: error });
  }
}

function makeFolders(path: string, mode: number | undefined): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolders(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process was faster.
    if (systemCode(error) !== 'EEXIST' || !existsSync(path)) throw error;
  }
}
