/**
 * Files of a model, opened and read with every failure coded.
 *
 * Model files are hostile until checked: only regular files are opened (a pipe would block, a
 * device never ends), text files have a size limit, and a file that ends early says so.
 */
import { closeSync, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { reasonOf, systemCode, WaferError } from '@wafer/core';
import { refuseOtherFile } from './file-kinds.ts';

/** Longest JSON file that is read; tokenizer.json of a 256k vocabulary has about 35 MB. */
export const TEXT_BYTES_MAX: number = 128 * 1024 * 1024;

/** readSync takes at most 2^31 - 1 bytes; whole GiB keep reads aligned. */
const READ_BYTES_MAX = 1024 * 1024 * 1024;

/** A regular file that is open for reading. */
export interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
  readonly byteCount: number;
}

/** What lies at a path, or undefined where nothing does. */
export function tryStat(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  }
}

/** Opens a regular file. Throws: MODEL_UNREADABLE. */
export function openFile(path: string): OpenFile {
  const stats = tryStat(path);
  if (stats === undefined) throw unreadable(path, 'no such file');
  if (stats.isDirectory()) throw unreadable(path, 'it is a folder');
  if (!stats.isFile()) throw unreadable(path, 'it is no regular file');
  try {
    const descriptor = openSync(path, 'r');
    return { path, descriptor, byteCount: fstatSync(descriptor).size };
  } catch (error) {
    throw unreadable(path, error);
  }
}

export function closeFile(file: OpenFile): void {
  closeSync(file.descriptor);
}

/** Opens a file, hands it on and closes it whatever happens. */
export function withFile<T>(path: string, use: (file: OpenFile) => T): T {
  const file = openFile(path);
  try {
    return use(file);
  } finally {
    closeFile(file);
  }
}

/** Fills `target` from byte `offset` of the file on. Throws: MODEL_UNREADABLE. */
export function readFully(file: OpenFile, offset: number, target: Uint8Array): void {
  let filled = 0;
  while (filled < target.length) {
    const length = Math.min(target.length - filled, READ_BYTES_MAX);
    let count = 0;
    try {
      count = readSync(file.descriptor, target, filled, length, offset + filled);
    } catch (error) {
      throw unreadable(file.path, error);
    }
    if (count === 0) throw unreadable(file.path, `it ends at byte ${offset + filled}`);
    filled += count;
  }
}

/** Reads a whole text file. Throws: MODEL_UNREADABLE (empty, not UTF-8, too long), MODEL_KIND. */
export function readText(path: string): string {
  return withFile(path, (file) => {
    if (file.byteCount === 0) throw unreadable(path, 'it is empty');
    if (file.byteCount > TEXT_BYTES_MAX) {
      throw unreadable(path, `it has ${file.byteCount} bytes, more than ${TEXT_BYTES_MAX}`);
    }
    refuseOtherFile(file, 'JSON');
    const bytes = new Uint8Array(file.byteCount);
    readFully(file, 0, bytes);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (error) {
      throw unreadable(path, error);
    }
  });
}

/** The MODEL_UNREADABLE error of a path; `cause` is a reason or what a system call threw. */
export function unreadable(path: string, cause: unknown): WaferError {
  if (cause instanceof WaferError) return cause;
  return new WaferError('MODEL_UNREADABLE', { path, reason: reasonOf(cause) });
}
