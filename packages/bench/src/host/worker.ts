/**
 * A thread that times kernels; told what to do by whoever started it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '@wafer/core';
import { KernelThread } from './kernel-thread.ts';
import type { KernelOrder, KernelThreadInput } from './kernel-thread.ts';

assert(parentPort !== null, 'kernels are timed in a worker thread');
const port = parentPort;
const thread = new KernelThread(workerData as KernelThreadInput);
port.postMessage('ready');
port.on('message', (order: KernelOrder) => port.postMessage(thread.run(order)));
