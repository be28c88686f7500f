/**
 * Bookkeeping of the KV blocks of layers that see a window or a chunk, which have a pool apart.
 *
 * A sequence holds blocks only as long as a later query may see them. A full block is known by the
 * serial number that the KV cache gave to the same 16 positions, so that whoever finds those there
 * finds the block here, unless it was evicted meanwhile.
 */
import { KV_BLOCK_TOKENS, assert, firstSeen } from '@wafer/core';
import type { AttentionMask } from '@wafer/core';
import { BlockPool } from './block-pool.ts';
import type { PoolStats } from './block-pool.ts';

export interface WindowCacheSpec {
  /** Enough for all sequences at once: `windows.blockCount` of the plan. */
  blockCount: number;
  /** What the layers see. */
  mask: AttentionMask;
}

const NO_SERIAL = -1;

export class WindowCache {
  readonly #mask: AttentionMask;
  readonly #pool: BlockPool;
  readonly #serials: Float64Array;
  /** Known blocks by serial number. */
  readonly #blocks = new Map<number, number>();

  constructor(spec: WindowCacheSpec) {
    this.#mask = spec.mask;
    this.#serials = new Float64Array(spec.blockCount).fill(NO_SERIAL);
    this.#pool = new BlockPool(spec.blockCount, (block) => this.#forget(block));
  }

  get blockCount(): number {
    return this.#pool.blockCount;
  }

  stats(): PoolStats {
    return this.#pool.stats();
  }

  /** Index of the first block that queries from `position` on need. */
  firstNeeded(position: number): number {
    return Math.floor(firstSeen(position, this.#mask) / KV_BLOCK_TOKENS);
  }

  /** The block of a serial number, if it is known. */
  find(serial: number): number | undefined {
    return this.#blocks.get(serial);
  }

  /**
   * How many of the blocks that a sequence begins with can be reused: as many as leave the next
   * query all that it sees.
   */
  usableCount(serials: readonly number[]): number {
    let usableCount = 0;
    let knownCount = 0; // in a row, up to the block at hand
    for (let count = 1; count <= serials.length; count++) {
      knownCount = this.#blocks.has(serials[count - 1]!) ? knownCount + 1 : 0;
      const neededCount = count - this.firstNeeded(count * KV_BLOCK_TOKENS);
      if (neededCount <= knownCount) usableCount = count;
    }
    return usableCount;
  }

  hold(block: number): void {
    this.#pool.hold(block);
  }

  /** Holds a block for new contents; the pool is large enough for all that can be held. */
  take(): number {
    const block = this.#pool.tryTake();
    if (block === undefined) assert(false, 'windows have room', { ...this.#pool.stats() });
    return block;
  }

  /** Makes a full block known; a twin of known contents stays private. */
  publish(block: number, serial: number): void {
    if (this.#blocks.has(serial)) return;
    this.#serials[block] = serial;
    this.#blocks.set(serial, block);
    this.#pool.markKnown(block);
  }

  /** Gives a block up; a known one stays until its room is needed. */
  release(block: number): void {
    this.#pool.giveUp(block);
  }

  assertSound(holders: ArrayLike<number>): void {
    this.#pool.assertSound(holders);
  }

  #forget(block: number): void {
    const serial = this.#serials[block]!;
    if (serial === NO_SERIAL) return;
    this.#blocks.delete(serial);
    this.#serials[block] = NO_SERIAL;
  }
}
