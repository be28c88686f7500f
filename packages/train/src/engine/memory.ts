/**
 * The shared memory of a run, or of one chip of it; pages that nobody touches take no room.
 */
import { MEMORY_PAGES_MAX } from '@wafer/kernels';

const PAGE_BYTES = 65536;

/** A memory of at least so many bytes. */
export function createTrainMemory(bytes: number): WebAssembly.Memory {
  const initial = Math.ceil(bytes / PAGE_BYTES);
  return new WebAssembly.Memory({ initial, maximum: MEMORY_PAGES_MAX, shared: true });
}
