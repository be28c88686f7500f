/**
 * The program of a fine-tuning process: below all that serves, and gone when its parent is.
 *
 * The texts come over the channel and are nowhere on the disk. One process works in a folder: the
 * next one waits for the lock, which ends with its process.
 */
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { reasonOf, WaferError } from '@wafer/core';
import { makeFolder } from '@wafer/models';
import type { FineTuneCommand, FineTuneEvent, FineTuneFile, FineTuneOrder } from './order.ts';
import { runFineTune } from './run-order.ts';

const LOCK_MS = 60_000;

// Threads that are started later have it, too.
setPriority(constants.priority.PRIORITY_LOW);

const texts: Partial<Record<FineTuneFile, Uint8Array[]>> = {};
let isStopping = false;

/** Until the last event is sent. */
let told: Promise<unknown> = Promise.resolve();

function tell(event: FineTuneEvent): void {
  told = new Promise((resolve) => {
    process.send?.(event, undefined, undefined, resolve);
  });
}

function textOf(file: FineTuneFile): string | undefined {
  const parts = texts[file];
  return parts && Buffer.concat(parts).toString('utf8');
}

async function work(order: FineTuneOrder): Promise<void> {
  makeFolder(order.folder, 0o700);
  const lock = new DatabaseSync(join(order.folder, 'lock'), { timeout: LOCK_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    const files = { training_file: textOf('training_file') ?? '' };
    const validation_file = textOf('validation_file');
    await runFineTune(order, { ...files, validation_file }, { tell, isStopping: () => isStopping });
  } catch (error) {
    const isOurs = error instanceof WaferError;
    tell({ kind: 'failed', code: isOurs ? error.code : 'INTERNAL', message: reasonOf(error) });
  } finally {
    lock.close();
    await told;
    process.off('disconnect', end);
    if (process.connected) process.disconnect?.();
  }
}

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

process.on('message', (command: FineTuneCommand) => {
  if (command.kind === 'data') (texts[command.file] ??= []).push(command.bytes);
  else if (command.kind === 'begin') void work(command.order);
  else isStopping = true;
});
// Whoever would be told is gone, and another server may be about to go on here.
process.on('disconnect', end);
// Ctrl-C in a terminal is told to the whole group; the parent says what becomes of it.
process.on('SIGINT', () => undefined);
