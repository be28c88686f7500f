/**
 * A thread that touches every page of a fresh memory, from the same moment on as the others. Huge
 * pages come to it by the code and at the steps by which they come to weights.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { HugePages } from '@wafer/runtime/internal';
import type { TouchInput } from './touch-pages.ts';

const PAGE_BYTES = 4096;

const { memory, start } = workerData as TouchInput;
const bytes = new Uint8Array(memory.buffer);
const hugePages = HugePages.tryOpen(bytes.length)?.tryMemory(memory.buffer, [
  { address: 0, bytes: bytes.length },
]);
parentPort!.postMessage('ready');
Atomics.wait(start, 0, 0);
const startMs = performance.now();
for (let address = 0; address < bytes.length; address += PAGE_BYTES) {
  hugePages?.fill(address, PAGE_BYTES);
  bytes[address] = 1;
}
parentPort!.postMessage(performance.now() - startMs);
