/**
 * A thread that touches every page of a fresh memory, from the same moment on as the others.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { TouchInput } from './touch-pages.ts';

const PAGE_BYTES = 4096;

const { memory, start } = workerData as TouchInput;
const bytes = new Uint8Array(memory.buffer);
parentPort!.postMessage('ready');
Atomics.wait(start, 0, 0);
const startMs = performance.now();
for (let address = 0; address < bytes.length; address += PAGE_BYTES) bytes[address] = 1;
parentPort!.postMessage(performance.now() - startMs);
