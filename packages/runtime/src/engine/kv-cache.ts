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
import { assert, KV_BLOCK_TOKENS } from '@wafer/core';
import { BlockPool } from './block-pool.ts';
import type { PoolStats } from './block-pool.ts';

export interface KvCacheSpec {
  blockCount: number;
  /** Whether blocks outlive their sequence for others that begin alike. */
  reusePrefixes: boolean;
}

export interface KvMatch {
  /** Held for the caller, in ascending position. */
  blocks: number[];
  /** Positions they cover. */
  tokenCount: number;
}

export interface KvStats extends PoolStats {
  /** Full prompt blocks that were found, and that were not. */
  hitCount: number;
  missCount: number;
}

const NONE = -1;
const ROOT_SERIAL = 0;
/** Serial of a block that was not published. */
const UNPUBLISHED = -1;

/** Of the blocks found at the beginning of a sequence, how many its caller can use. */
export type UsableCount = (blocks: readonly number[]) => number;

export class KvCache {
  readonly blockCount: number;
  readonly #reusePrefixes: boolean;
  readonly #pool: BlockPool;
  /** Never reused names of published contents, [blockCount]; twins share one. */
  readonly #serials: Float64Array;
  readonly #parentSerials: Float64Array;
  readonly #tokens: Int32Array; // [blockCount, 16]
  #nextSerial = ROOT_SERIAL + 1;
  // ---- index of known blocks: chains of equal hash
  readonly #buckets: Int32Array; // [a power of two]
  readonly #nextInBucket: Int32Array;
  #hitCount = 0;
  #missCount = 0;

  constructor(spec: KvCacheSpec) {
    const { blockCount } = spec;
    this.blockCount = blockCount;
    this.#reusePrefixes = spec.reusePrefixes;
    this.#pool = new BlockPool(blockCount, (block) => this.#forget(block));
    this.#serials = new Float64Array(blockCount).fill(UNPUBLISHED);
    this.#parentSerials = new Float64Array(blockCount);
    this.#tokens = new Int32Array(blockCount * KV_BLOCK_TOKENS);
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(blockCount * 2))).fill(NONE);
    this.#nextInBucket = new Int32Array(blockCount).fill(NONE);
  }

  /** How many blocks `tryAllocate` can give. */
  get availableCount(): number {
    return this.#pool.availableCount;
  }

  stats(): KvStats {
    return {
      ...this.#pool.stats(),
      hitCount: this.#hitCount,
      missCount: this.#missCount,
    };
  }

  /**
   * Holds the known blocks that a sequence of `tokens` begins with, `countMax` tokens at most, and
   * no more than are usable.
   */
  match(tokens: ArrayLike<number>, countMax: number, usable?: UsableCount, root = 0): KvMatch {
    if (!this.#reusePrefixes) return { blocks: [], tokenCount: 0 };
    const blocks = this.#find(tokens, countMax, usable, root);
    for (const block of blocks) this.#pool.hold(block);
    this.#hitCount += blocks.length;
    this.#missCount += Math.floor(countMax / KV_BLOCK_TOKENS) - blocks.length;
    return { blocks, tokenCount: blocks.length * KV_BLOCK_TOKENS };
  }

  /** How many blocks `match` would find in the hands of others: those that cost no room. */
  countShared(tokens: ArrayLike<number>, max: number, usable?: UsableCount, root = 0): number {
    if (!this.#reusePrefixes) return 0;
    const blocks = this.#find(tokens, max, usable, root);
    return blocks.filter((block) => this.#pool.holderCount(block) > 0).length;
  }

  /** The name of a published block's contents, which twins share; undefined before. */
  serialOf(block: number): number | undefined {
    const serial = this.#serials[block]!;
    return serial === UNPUBLISHED ? undefined : serial;
  }

  /**
   * Holds a block for new contents, evicting the least recent idle one; undefined if all are held.
   */
  tryAllocate(): number | undefined {
    return this.#pool.tryTake();
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
    root = 0,
  ): void {
    if (!this.#reusePrefixes) return;
    const parentSerial = parent === undefined ? root : this.#serials[parent]!;
    if (this.#pool.holderCount(block) !== 1 || this.#serials[block] !== UNPUBLISHED) {
      assert(false, 'a block is published once, by its only holder', { block });
    }
    if (parentSerial === UNPUBLISHED) assert(false, 'parents are published first', { block });
    const twin = this.#child(parentSerial, tokens, offset);
    if (twin !== NONE) {
      this.#serials[block] = this.#serials[twin]!;
      return;
    }
    this.#serials[block] = this.#nextSerial++;
    this.#parentSerials[block] = parentSerial;
    for (let i = 0; i < KV_BLOCK_TOKENS; i++) {
      this.#tokens[block * KV_BLOCK_TOKENS + i] = tokens[offset + i]!;
    }
    const bucket = this.#bucketOf(parentSerial, tokens, offset);
    this.#nextInBucket[block] = this.#buckets[bucket]!;
    this.#buckets[bucket] = block;
    this.#pool.markKnown(block);
  }

  /**
   * Gives up a sequence's blocks; known ones stay until their room is needed, the first longest.
   */
  release(blocks: readonly number[]): void {
    for (let i = blocks.length - 1; i >= 0; i--) this.#pool.giveUp(blocks[i]!);
  }

  /** Gives up one block. */
  giveUp(block: number): void {
    this.#pool.giveUp(block);
  }

  /**
   * Stops unless every block is in one place only, and `holders` counts who holds it. O(blocks).
   */
  assertSound(holders: ArrayLike<number>): void {
    this.#pool.assertSound(holders);
  }

  // ---- index

  /** Known blocks that tokens begin with, in order. */
  #find(
    tokens: ArrayLike<number>,
    tokenCountMax: number,
    usable: UsableCount | undefined,
    root: number,
  ): number[] {
    const blocks: number[] = [];
    let parentSerial = root;
    for (let end = KV_BLOCK_TOKENS; end <= tokenCountMax; end += KV_BLOCK_TOKENS) {
      const block = this.#child(parentSerial, tokens, end - KV_BLOCK_TOKENS);
      if (block === NONE) break;
      blocks.push(block);
      parentSerial = this.#serials[block]!;
    }
    return usable === undefined ? blocks : blocks.slice(0, usable(blocks));
  }

  /** The known block after a parent. */
  #child(parentSerial: number, tokens: ArrayLike<number>, offset: number): number {
    let block = this.#buckets[this.#bucketOf(parentSerial, tokens, offset)]!;
    while (block !== NONE && !this.#isSame(block, parentSerial, tokens, offset)) {
      block = this.#nextInBucket[block]!;
    }
    return block;
  }

  #isSame(block: number, parentSerial: number, tokens: ArrayLike<number>, offset: number): boolean {
    if (this.#parentSerials[block] !== parentSerial) return false;
    for (let i = 0; i < KV_BLOCK_TOKENS; i++) {
      if (this.#tokens[block * KV_BLOCK_TOKENS + i] !== tokens[offset + i]) return false;
    }
    return true;
  }

  /** Multiplies and mixes as MurmurHash3 does. Source: Appleby, public domain. */
  #bucketOf(parentSerial: number, tokens: ArrayLike<number>, offset: number): number {
    let hash = Math.imul((parentSerial % 2 ** 32) | 0, 0x9e3779b1);
    for (let i = 0; i < KV_BLOCK_TOKENS; i++) {
      hash ^= Math.imul(tokens[offset + i]!, 0xcc9e2d51);
      hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
    }
    hash ^= hash >>> 16;
    hash = Math.imul(hash, 0x85ebca6b);
    hash ^= hash >>> 13;
    return (hash & (this.#buckets.length - 1)) >>> 0;
  }

  /** Takes a block whose contents are given up out of the index. */
  #forget(block: number): void {
    if (this.#pool.isKnown(block)) this.#unindex(block);
    this.#serials[block] = UNPUBLISHED;
  }

  #unindex(block: number): void {
    const at = block * KV_BLOCK_TOKENS;
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
  }
}
