/**
 * The memory that engine and tiles share beside the tiles' own: logits and progress.
 *
 *   0    i32 headReports   steps × head tiles that handed their logits over (wraps)
 *   4    i32 loadedKib     KiB of packed weights in place, over all tiles
 *   8    i32 commands      commands posted to the engine (wraps)
 *   64   f32 [logitRowsMax, V]   logits of the step
 *   …    step record under construction, and the sampler's scratch
 *
 * It is a WebAssembly memory, so that the sampler's kernels run on the logits where they are.
 */
import type { Plan } from '@wafer/core';

const PAGE_BYTES = 65_536;
const LINE_BYTES = 64;

/** Where things are in the host memory, in bytes. */
export interface HostLayout {
  headReports: number;
  loadedKib: number;
  commands: number;
  logits: number;
  record: number;
  /** ids, values and sums of the vocabulary kernels: three rows of V. */
  vocabScratch: number;
  bytes: number;
}

export function hostLayout(plan: Plan): HostLayout {
  const { vocabCount } = plan.spec;
  const align = (bytes: number): number => Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;
  const logits = LINE_BYTES;
  const record = align(logits + plan.options.logitRowsMax * vocabCount * 4);
  const vocabScratch = align(record + plan.recordBytes);
  const bytes = align(vocabScratch + 3 * align(vocabCount * 4));
  return { headReports: 0, loadedKib: 4, commands: 8, logits, record, vocabScratch, bytes };
}

/** A shared memory of at least `bytes`, all there from the start. */
export function createSharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** Memories of some tiles, by tile. Pages that nobody writes to take no room. */
export function createMemories(
  plan: Plan,
  tiles: readonly number[],
): Map<number, WebAssembly.Memory> {
  return new Map(tiles.map((tile) => [tile, createSharedMemory(plan.tiles[tile]!.sramBytes)]));
}
