/**
 * The program of the thread that writes checkpoints beside the steps.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert, reasonOf, WaferError } from '@wafer/core';
import { HeldValues } from '../engine/values.ts';
import type { WriteAnswer, WriteOrder, WriterJob } from './aside.ts';
import { sync, writeCheckpoint } from './checkpoint.ts';

const { program, places, model, buffer } = workerData as WriterJob;
const values = new HeldValues(program, places, buffer);
assert(parentPort !== null, 'checkpoints are written in a thread', {});
const port = parentPort;
port.on('message', (order: WriteOrder) => port.postMessage(answerTo(order)));

function answerTo({ folder, use, log }: WriteOrder): WriteAnswer {
  const startMs = performance.now();
  try {
    if (log !== undefined) syncLog(log);
    const path = writeCheckpoint(folder, values, { model, ...use });
    return { path, writeMs: performance.now() - startMs };
  } catch (error) {
    if (error instanceof WaferError) return { error: error.toJSON() };
    throw error;
  }
}

/** The log is on the disk. Throws: OUTPUT_FAILED. */
function syncLog(path: string): void {
  try {
    sync(path);
  } catch (error) {
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) });
  }
}
