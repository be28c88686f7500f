/**
 * A thread of the calibration: does what it is told, from the same moment on as the others.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '@wafer/core';
import { CeilingThread } from './ceiling-thread.ts';
import type { CeilingThreadInput, ThreadOrder } from './ceiling-thread.ts';

assert(parentPort !== null, 'the calibration runs in a worker thread');
const port = parentPort;
const thread = new CeilingThread(workerData as CeilingThreadInput);
port.on('message', (order: ThreadOrder) => port.postMessage(thread.run(order)));
