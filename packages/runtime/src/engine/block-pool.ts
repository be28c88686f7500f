/**
 * Where the blocks of a KV cache are: free, held by sequences, or idle.
 *
 *     free ──tryTake──▶ held ──giveUp──▶ free, or idle if known (least recent first)
 *      ▲                 ▲ hold            │
 *      └──── evicted ────┴─────────────────┘
 *
 * What makes a block known is its owner's business, who is told when contents are given up.
 * Everything is O(1) per block, and nothing is allocated after construction.
 */
import { assert } from '@wafer/core';

export interface PoolStats {
  blockCount: number;
  /** Blocks without contents worth keeping. */
  freeCount: number;
  /** Known blocks that no sequence holds. */
  idleCount: number;
  evictionCount: number;
}

export class BlockPool {
  readonly blockCount: number;
  /** Told of a block whose contents are given up, while it still counts as known, if it was. */
  readonly #forget: (block: number) => void;
  readonly #holders: Int32Array;
  readonly #isKnown: Uint8Array;
  /** A stack. */
  readonly #free: Int32Array;
  #freeCount: number;
  // ---- idle blocks: a ring from least to most recent through a sentinel
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  #idleCount = 0;
  #evictionCount = 0;

  constructor(blockCount: number, forget: (block: number) => void) {
    assert(Number.isInteger(blockCount) && blockCount > 0, 'a cache has blocks', { blockCount });
    this.blockCount = blockCount;
    this.#forget = forget;
    this.#holders = new Int32Array(blockCount);
    this.#isKnown = new Uint8Array(blockCount);
    this.#free = Int32Array.from({ length: blockCount }, (_, i) => blockCount - 1 - i);
    this.#freeCount = blockCount;
    this.#older = new Int32Array(blockCount + 1).fill(blockCount);
    this.#newer = new Int32Array(blockCount + 1).fill(blockCount);
  }

  /** How many blocks `tryTake` can give. */
  get availableCount(): number {
    return this.#freeCount + this.#idleCount;
  }

  stats(): PoolStats {
    return {
      blockCount: this.blockCount,
      freeCount: this.#freeCount,
      idleCount: this.#idleCount,
      evictionCount: this.#evictionCount,
    };
  }

  holderCount(block: number): number {
    return this.#holders[block]!;
  }

  isKnown(block: number): boolean {
    return this.#isKnown[block]! === 1;
  }

  /** Holds a block for new contents, at need the least recent idle one; undefined if all are. */
  tryTake(): number | undefined {
    if (this.#freeCount === 0) {
      if (this.#idleCount === 0) return undefined;
      const evicted = this.#newer[this.blockCount]!;
      this.#unlinkIdle(evicted);
      this.#evictionCount++;
      this.#pushFree(evicted);
    }
    this.#freeCount--;
    const block = this.#free[this.#freeCount]!;
    if (this.#holders[block] !== 0) assert(false, 'a free block has no holder', { block });
    this.#holders[block] = 1;
    return block;
  }

  /** One more holder for a block that is held or idle. */
  hold(block: number): void {
    if (this.#holders[block]! === 0) this.#unlinkIdle(block);
    this.#holders[block]! += 1;
  }

  /** Makes a held block outlive its holders. */
  markKnown(block: number): void {
    this.#isKnown[block] = 1;
  }

  /** One holder less. */
  giveUp(block: number): void {
    if (this.#holders[block]! <= 0) assert(false, 'only held blocks are released', { block });
    this.#holders[block]! -= 1;
    if (this.#holders[block]! > 0) return;
    if (this.#isKnown[block]! === 1) this.#linkIdle(block);
    else this.#pushFree(block);
  }

  /**
   * Stops unless every block is in one place only, and `holders` counts who holds it. O(blocks).
   */
  assertSound(holders: ArrayLike<number>): void {
    const places = new Uint8Array(this.blockCount);
    for (let i = 0; i < this.#freeCount; i++) places[this.#free[i]!]! += 1;
    let idleCount = 0;
    const sentinel = this.blockCount;
    for (let block = this.#newer[sentinel]!; block !== sentinel; block = this.#newer[block]!) {
      places[block]! += 1;
      idleCount++;
      assert(this.#isKnown[block] === 1, 'idle blocks are known', { block });
    }
    assert(idleCount === this.#idleCount, 'idle blocks are counted', { idleCount });
    for (let block = 0; block < this.blockCount; block++) {
      const holderCount = this.#holders[block]!;
      assert(holderCount === holders[block], 'holders are counted', { block, holderCount });
      if (holderCount > 0) places[block]! += 1;
      assert(places[block] === 1, 'a block is in one place', { block, places: places[block] });
    }
  }

  #pushFree(block: number): void {
    this.#forget(block);
    this.#isKnown[block] = 0;
    this.#free[this.#freeCount] = block;
    this.#freeCount++;
  }

  #linkIdle(block: number): void {
    const sentinel = this.blockCount;
    const newest = this.#older[sentinel]!;
    this.#older[block] = newest;
    this.#newer[block] = sentinel;
    this.#newer[newest] = block;
    this.#older[sentinel] = block;
    this.#idleCount++;
  }

  #unlinkIdle(block: number): void {
    const older = this.#older[block]!;
    const newer = this.#newer[block]!;
    this.#newer[older] = newer;
    this.#older[newer] = older;
    this.#idleCount--;
  }
}
