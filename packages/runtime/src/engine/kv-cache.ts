/**
 * Bookkeeping of the paged KV cache: which block of 16 positions belongs to whom.
 *
 *     free ──tryAllocate──▶ held ──publish──▶ held, known ──release──▶ idle (known, oldest first)
 *      ▲                     │ release             ▲                     │ match        │ evicted
 *      └─────────────────────┴─────────────────────┴─────────────────────┘ ◀────────────┘
 *
 * A full block is known by its parent and its 16 tokens, compared token by token. Parents are named
 * by serial numbers that are never reused, so a block whose parent was evicted can no longer be
 * found and simply grows old. Known blocks are never written again, so sequences share them.
 * Everything is O(1) per block, and nothing is allocated after construction but match results.
 * The contents live in the tiles, at the same block ids.
 */
import { assert } from '@wafer/core';

export const BLOCK_TOKENS = 16;

export interface KvCacheSpec {
  blockCount: number;
  /** Positions per block; the kernels know only 16. */
  blockTokens: typeof BLOCK_TOKENS;
  /** Whether blocks outlive their sequence for others that begin alike. */
  reusePrefixes: boolean;
}

export interface KvMatch {
  /** Held for the caller, in ascending position. */
  blocks: number[];
  /** Positions they cover. */
  tokenCount: number;
}

export interface KvStats {
  blockCount: number;
  /** Blocks without contents worth keeping. */
  freeCount: number;
  /** Known blocks that no sequence holds. */
  idleCount: number;
  /** Full prompt blocks that were found, and that were not. */
  hitCount: number;
  missCount: number;
  evictionCount: number;
}

const NONE = -1;
const ROOT_SERIAL = 0;
/** Serial of a block that was not published. */
const UNPUBLISHED = -1;

export class KvCache {
  readonly blockCount: number;
  readonly blockTokens: number = BLOCK_TOKENS;
  readonly #reusePrefixes: boolean;
  /** Sequences that hold a block, [blockCount]. */
  readonly #holders: Int32Array;
  /** Never reused names of published contents, [blockCount]; twins share one. */
  readonly #serials: Float64Array;
  readonly #parentSerials: Float64Array;
  readonly #tokens: Int32Array; // [blockCount, 16]
  readonly #isKnown: Uint8Array;
  #nextSerial = ROOT_SERIAL + 1;
  // ---- index of known blocks: chains of equal hash
  readonly #buckets: Int32Array; // [a power of two]
  readonly #nextInBucket: Int32Array;
  // ---- free blocks, a stack; idle blocks, a ring from least to most recent through a sentinel
  readonly #free: Int32Array;
  #freeCount: number;
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  #idleCount = 0;
  #hitCount = 0;
  #missCount = 0;
  #evictionCount = 0;

  constructor(spec: KvCacheSpec) {
    const { blockCount } = spec;
    assert(Number.isInteger(blockCount) && blockCount > 0, 'a cache has blocks', { blockCount });
    assert(spec.blockTokens === BLOCK_TOKENS, 'kernels fold blocks of 16 tokens', { ...spec });
    this.blockCount = blockCount;
    this.#reusePrefixes = spec.reusePrefixes;
    this.#holders = new Int32Array(blockCount);
    this.#serials = new Float64Array(blockCount).fill(UNPUBLISHED);
    this.#parentSerials = new Float64Array(blockCount);
    this.#tokens = new Int32Array(blockCount * BLOCK_TOKENS);
    this.#isKnown = new Uint8Array(blockCount);
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(blockCount * 2))).fill(NONE);
    this.#nextInBucket = new Int32Array(blockCount).fill(NONE);
    this.#free = Int32Array.from({ length: blockCount }, (_, i) => blockCount - 1 - i);
    this.#freeCount = blockCount;
    this.#older = new Int32Array(blockCount + 1).fill(blockCount);
    this.#newer = new Int32Array(blockCount + 1).fill(blockCount);
  }

  /** How many blocks `tryAllocate` can give. */
  get availableCount(): number {
    return this.#freeCount + this.#idleCount;
  }

  stats(): KvStats {
    return {
      blockCount: this.blockCount,
      freeCount: this.#freeCount,
      idleCount: this.#idleCount,
      hitCount: this.#hitCount,
      missCount: this.#missCount,
      evictionCount: this.#evictionCount,
    };
  }

  /** Holds the known blocks that a sequence of `tokens` begins with, `tokenCountMax` at most. */
  match(tokens: ArrayLike<number>, tokenCountMax: number): KvMatch {
    const blocks: number[] = [];
    if (!this.#reusePrefixes) return { blocks, tokenCount: 0 };
    const wantedCount = Math.floor(tokenCountMax / BLOCK_TOKENS);
    let parentSerial = ROOT_SERIAL;
    while (blocks.length < wantedCount) {
      const block = this.#find(parentSerial, tokens, blocks.length * BLOCK_TOKENS);
      if (block === NONE) break;
      if (this.#holders[block]! === 0) this.#unlinkIdle(block);
      this.#holders[block]! += 1;
      blocks.push(block);
      parentSerial = this.#serials[block]!;
    }
    this.#hitCount += blocks.length;
    this.#missCount += wantedCount - blocks.length;
    return { blocks, tokenCount: blocks.length * BLOCK_TOKENS };
  }

  /** How many blocks `match` would find in the hands of others: those that cost no room. */
  countShared(tokens: ArrayLike<number>, tokenCountMax: number): number {
    if (!this.#reusePrefixes) return 0;
    let sharedCount = 0;
    let parentSerial = ROOT_SERIAL;
    for (let end = BLOCK_TOKENS; end <= tokenCountMax; end += BLOCK_TOKENS) {
      const block = this.#find(parentSerial, tokens, end - BLOCK_TOKENS);
      if (block === NONE) break;
      if (this.#holders[block]! > 0) sharedCount++;
      parentSerial = this.#serials[block]!;
    }
    return sharedCount;
  }

  /**
   * Holds a block for new contents, evicting the least recent idle one; undefined if all are held.
   */
  tryAllocate(): number | undefined {
    if (this.#freeCount === 0) {
      if (this.#idleCount === 0) return undefined;
      this.#evict(this.#newer[this.blockCount]!);
    }
    this.#freeCount--;
    const block = this.#free[this.#freeCount]!;
    if (this.#holders[block] !== 0) assert(false, 'a free block has no holder', { block });
    this.#holders[block] = 1;
    return block;
  }

  /**
   * Makes a full, computed block known as the one that follows `parent` (undefined: the first) with
   * the 16 tokens at `offset`. A twin of known contents stays private, but its children are found.
   */
  publish(
    block: number,
    parent: number | undefined,
    tokens: ArrayLike<number>,
    offset: number,
  ): void {
    if (!this.#reusePrefixes) return;
    const parentSerial = parent === undefined ? ROOT_SERIAL : this.#serials[parent]!;
    if (this.#holders[block] !== 1 || this.#serials[block] !== UNPUBLISHED) {
      assert(false, 'a block is published once, by its only holder', { block });
    }
    if (parentSerial === UNPUBLISHED) assert(false, 'parents are published first', { block });
    const twin = this.#find(parentSerial, tokens, offset);
    if (twin !== NONE) {
      this.#serials[block] = this.#serials[twin]!;
      return;
    }
    this.#serials[block] = this.#nextSerial++;
    this.#parentSerials[block] = parentSerial;
    for (let i = 0; i < BLOCK_TOKENS; i++) {
      this.#tokens[block * BLOCK_TOKENS + i] = tokens[offset + i]!;
    }
    const bucket = this.#bucketOf(parentSerial, tokens, offset);
    this.#nextInBucket[block] = this.#buckets[bucket]!;
    this.#buckets[bucket] = block;
    this.#isKnown[block] = 1;
  }

  /**
   * Gives up a sequence's blocks; known ones stay until their room is needed, the first longest.
   */
  release(blocks: readonly number[]): void {
    for (let i = blocks.length - 1; i >= 0; i--) {
      const block = blocks[i]!;
      if (this.#holders[block]! <= 0) assert(false, 'only held blocks are released', { block });
      this.#holders[block]! -= 1;
      if (this.#holders[block]! > 0) continue;
      if (this.#isKnown[block]! === 1) this.#linkIdle(block);
      else this.#pushFree(block);
    }
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

  // ---- index

  #find(parentSerial: number, tokens: ArrayLike<number>, offset: number): number {
    let block = this.#buckets[this.#bucketOf(parentSerial, tokens, offset)]!;
    while (block !== NONE && !this.#isSame(block, parentSerial, tokens, offset)) {
      block = this.#nextInBucket[block]!;
    }
    return block;
  }

  #isSame(block: number, parentSerial: number, tokens: ArrayLike<number>, offset: number): boolean {
    if (this.#parentSerials[block] !== parentSerial) return false;
    for (let i = 0; i < BLOCK_TOKENS; i++) {
      if (this.#tokens[block * BLOCK_TOKENS + i] !== tokens[offset + i]) return false;
    }
    return true;
  }

  /** Multiplies and mixes as MurmurHash3 does. Source: Appleby, public domain. */
  #bucketOf(parentSerial: number, tokens: ArrayLike<number>, offset: number): number {
    let hash = Math.imul((parentSerial % 2 ** 32) | 0, 0x9e3779b1);
    for (let i = 0; i < BLOCK_TOKENS; i++) {
      hash ^= Math.imul(tokens[offset + i]!, 0xcc9e2d51);
      hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
    }
    hash ^= hash >>> 16;
    hash = Math.imul(hash, 0x85ebca6b);
    hash ^= hash >>> 13;
    return (hash & (this.#buckets.length - 1)) >>> 0;
  }

  #evict(block: number): void {
    this.#unlinkIdle(block);
    this.#isKnown[block] = 0;
    this.#evictionCount++;
    const at = block * BLOCK_TOKENS;
    const bucket = this.#bucketOf(this.#parentSerials[block]!, this.#tokens, at);
    let before = NONE;
    let current = this.#buckets[bucket]!;
    while (current !== block) {
      if (current === NONE) assert(false, 'known blocks are in the index', { block });
      before = current;
      current = this.#nextInBucket[current]!;
    }
    if (before === NONE) this.#buckets[bucket] = this.#nextInBucket[block]!;
    else this.#nextInBucket[before] = this.#nextInBucket[block]!;
    this.#pushFree(block);
  }

  // ---- places of blocks that no one holds

  #pushFree(block: number): void {
    this.#serials[block] = UNPUBLISHED;
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
