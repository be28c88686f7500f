/**
 * The program of the thread that writes checkpoints beside the steps.
 */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { assert, reasonOf, WaferError } from '@wafer/core';
import { HeldValues } from '../engine/values.ts';
import type { WriteAnswer, WriteOrder, WriterJob } from './aside.ts';
import { writeCheckpoint } from './checkpoint.ts';

const { program, places, model, buffer } = workerData as WriterJob;
const values = new HeldValues(program, places, buffer);
assert(parentPort !== null, 'checkpoints are written in a thread', {});
const port = parentPort;
port.on('message', (order: WriteOrder) => port.postMessage(answerTo(order)));

function answerTo({ folder, use, log }: WriteOrder): WriteAnswer {
  const startMs = performance.now();
  try {
    if (log !== undefined) syncFile(log);
    const path = writeCheckpoint(folder, values, { model, ...use });
    return { path, writeMs: performance.now() - startMs };
  } catch (error) {
    if (error instanceof WaferError) return { error: error.toJSON() };
    throw error;
  }
}

/** What is written to a file, by whatever thread, is on the disk. Throws: OUTPUT_FAILED. */
function syncFile(path: string): void {
  try {
    const file = openSync(path, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) });
  }
}
