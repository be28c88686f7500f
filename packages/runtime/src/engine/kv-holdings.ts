/**
 * The blocks that a sequence holds: of the KV cache, and of the pool of windows, if there is one.
 *
 *     KV cache      [0][1][2][3][4][5]      every block from the start on
 *     windows                [3][4][5]      from `windowFirst` on: what the next query sees
 *
 * Both grow together; windows give their oldest blocks up as positions advance.
 */
import { KV_BLOCK_TOKENS, assert } from '@wafer/core';
import type { KvCache, UsableCount } from './kv-cache.ts';
import { KvRoots } from './kv-roots.ts';
import type { Sequence } from './sequence.ts';
import type { WindowCache } from './window-cache.ts';

export class KvHoldings {
  readonly #kv: KvCache;
  readonly #windows: WindowCache | undefined;
  readonly #usableCount: UsableCount | undefined;
  readonly #roots = new KvRoots();

  constructor(kv: KvCache, windows: WindowCache | undefined) {
    this.#kv = kv;
    this.#windows = windows;
    this.#usableCount =
      windows && ((blocks) => windows.usableCount(blocks.map((block) => kv.serialOf(block)!)));
  }

  /**
   * The parent of a sequence's first blocks, by tenant and adapter: none finds, or is shown the
   * time of, another tenant's, and what an adapter had a part in is of no use to others. It stays
   * the sequence's own, whoever is forgotten meanwhile.
   */
  #rootOf(sequence: Sequence): number {
    sequence.root ??= this.#roots.of(sequence.adapterSerial, sequence.tenant);
    return sequence.root;
  }

  /** Holds the known blocks that a sequence begins with, `tokenCountMax` at most. */
  match(sequence: Sequence, tokenCountMax: number): void {
    const { blocks, tokenCount } = this.#kv.match(
      sequence.tokens,
      tokenCountMax,
      this.#usableCount,
      this.#rootOf(sequence),
    );
    for (const block of blocks) sequence.blocks.push(block);
    sequence.computedCount = tokenCount;
    sequence.publishedCount = blocks.length;
    if (this.#windows === undefined) return;
    sequence.windowFirst = this.#windows.firstNeeded(tokenCount);
    for (const block of blocks.slice(sequence.windowFirst)) {
      const known = this.#windows.find(this.#kv.serialOf(block)!)!;
      this.#windows.hold(known);
      sequence.windowBlocks.push(known);
    }
  }

  /** How many blocks `match` would find in the hands of others: those that cost no room. */
  countShared(sequence: Sequence, tokenCountMax: number): number {
    const root = this.#rootOf(sequence);
    return this.#kv.countShared(sequence.tokens, tokenCountMax, this.#usableCount, root);
  }

  /** Holds blocks for up to `rowCount` more rows; for how many there is room. */
  grow(sequence: Sequence, rowCount: number): number {
    const { blocks, windowBlocks, computedCount } = sequence;
    while (blocks.length * KV_BLOCK_TOKENS < computedCount + rowCount) {
      const block = this.#kv.tryAllocate();
      if (block === undefined) break;
      blocks.push(block);
    }
    const granted = Math.min(rowCount, blocks.length * KV_BLOCK_TOKENS - computedCount);
    if (this.#windows === undefined) return granted;
    const wanted = Math.ceil((computedCount + granted) / KV_BLOCK_TOKENS) - sequence.windowFirst;
    while (windowBlocks.length < wanted) windowBlocks.push(this.#windows.take());
    return granted;
  }

  /**
   * Makes full blocks known, gives up what no later query of the sequence sees, and what was held
   * for rows that were not accepted.
   */
  advance(sequence: Sequence): void {
    const { blocks, tokens, computedCount } = sequence;
    while ((sequence.publishedCount + 1) * KV_BLOCK_TOKENS <= computedCount) {
      const index = sequence.publishedCount;
      const root = this.#rootOf(sequence);
      this.#kv.publish(blocks[index]!, blocks[index - 1], tokens, index * KV_BLOCK_TOKENS, root);
      this.#publishWindow(sequence, index);
      sequence.publishedCount = index + 1;
    }
    this.#trim(sequence);
    if (this.#windows === undefined) return;
    const firstNeeded = this.#windows.firstNeeded(computedCount);
    while (sequence.windowFirst < firstNeeded) {
      const block = sequence.windowBlocks.shift();
      if (block !== undefined) this.#windows.release(block);
      sequence.windowFirst++;
    }
  }

  release(sequence: Sequence): void {
    this.#kv.release(sequence.blocks);
    sequence.blocks.length = 0;
    const { windowBlocks } = sequence;
    for (let i = windowBlocks.length - 1; i >= 0; i--) this.#windows!.release(windowBlocks[i]!);
    windowBlocks.length = 0;
    sequence.windowFirst = 0;
  }

  /** Rows that were not accepted leave blocks behind their last position. */
  #trim(sequence: Sequence): void {
    const { blocks, windowBlocks, windowFirst } = sequence;
    const needed = Math.ceil(sequence.computedCount / KV_BLOCK_TOKENS);
    if (needed < sequence.publishedCount) {
      assert(false, 'known blocks are accepted', { id: sequence.id, needed });
    }
    while (blocks.length > needed) this.#kv.giveUp(blocks.pop()!);
    while (windowBlocks.length > 0 && windowFirst + windowBlocks.length > needed) {
      this.#windows!.release(windowBlocks.pop()!);
    }
  }

  #publishWindow(sequence: Sequence, index: number): void {
    const block = sequence.windowBlocks[index - sequence.windowFirst];
    if (this.#windows === undefined || block === undefined) return;
    const serial = this.#kv.serialOf(sequence.blocks[index]!);
    if (serial !== undefined) this.#windows.publish(block, serial);
  }
}
