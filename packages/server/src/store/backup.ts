/**
 * Copies of a store: made while a server reads and writes, and put back where none does.
 *
 *     backup    wafer.db ─ one read transaction ─▶ FILE.part ─ fsync, rename ─▶ FILE
 *     restore   FILE ─ checked ─▶ wafer.db.part ─ fsync, rename ─▶ wafer.db
 *
 * A copy holds what was committed when it began, sealed as it was; it opens with the same key. A
 * name appears when its contents are whole, or not at all.
 */
import { closeSync, copyFileSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reasonOf, WaferError } from '@wafer/core';
import { makeFolder } from '@wafer/runtime/internal';
import { Database } from './database.ts';
import { FOLDER_MODE, STORE_FILE } from './store.ts';

/**
 * Writes a copy of a folder's store to a file. Throws: OUTPUT_EXISTS, OUTPUT_FAILED, STORE_INVALID.
 */
export function backupStore(folder: string, file: string, isForced: boolean): void {
  const source = join(folder, STORE_FILE);
  if (!existsSync(source)) throw invalid(source, 'no such file');
  if (existsSync(file) && !isForced) throw new WaferError('OUTPUT_EXISTS', { path: file });
  const part = `${file}.part`;
  attempt(file, () => {
    rmSync(part, { force: true });
    // SQLite fills an empty file; one that it made would be open to whom the umask lets.
    closeSync(openSync(part, 'wx', 0o600));
  });
  try {
    using db = new Database(source, { isExclusive: false });
    db.copyTo(part);
  } catch (error) {
    // Of a damaged store something may be saved by hand; a full disk needs the room.
    if ((error as Partial<WaferError>).code === 'OUTPUT_FAILED') rmSync(part, { force: true });
    throw error;
  }
  attempt(file, () => place(part, file));
}

/**
 * Puts a copy into a folder as its store. Throws: OUTPUT_EXISTS if there is one, STORE_IN_USE if a
 * server has it, STORE_INVALID if the copy is not whole.
 */
export function restoreStore(file: string, folder: string, isForced: boolean): void {
  if (!existsSync(file)) throw invalid(file, 'no such file');
  const target = join(folder, STORE_FILE);
  if (existsSync(target) && !isForced) throw new WaferError('OUTPUT_EXISTS', { path: target });
  makeFolder(folder, FOLDER_MODE);
  const part = `${target}.part`;
  removeAll(part);
  copyFileSync(file, part);
  try {
    using copy = new Database(part, { isExclusive: false });
    copy.checkWhole();
    // A store has facts from its first moment on.
    if (copy.get('SELECT 1 FROM facts') === undefined) throw invalid(file, 'no store of a server');
  } catch (error) {
    removeAll(part);
    throw error;
  }
  using _lock = Database.lock(target);
  for (const ending of ['-wal', '-shm']) {
    rmSync(target + ending, { force: true });
    rmSync(part + ending, { force: true });
  }
  place(part, target);
}

/** Removes a store's file and what SQLite keeps beside it. */
function removeAll(path: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true });
}

/** Gives a whole file its name, for its owner alone, so that a crash leaves it or none. */
function place(part: string, path: string): void {
  chmodSync(part, 0o600);
  sync(part);
  renameSync(part, path);
  sync(dirname(path));
}

function attempt(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) }, { cause: error });
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

function invalid(path: string, reason: string): WaferError {
  return new WaferError('STORE_INVALID', { path, reason });
}
