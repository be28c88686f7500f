import { KV_BLOCK_TOKENS } from '@wafer/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KvCache } from './kv-cache.ts';

function cacheOf(blockCount: number, reusePrefixes = true): KvCache {
  return new KvCache({ blockCount, reusePrefixes });
}

/** Computes and publishes the full blocks of `tokens`, as a sequence would. */
function fill(kv: KvCache, tokens: readonly number[]): number[] {
  const { blocks } = kv.match(tokens, tokens.length);
  for (let at = blocks.length * KV_BLOCK_TOKENS; at + KV_BLOCK_TOKENS <= tokens.length;) {
    const block = kv.tryAllocate();
    if (block === undefined) throw new Error('the cache is full');
    kv.publish(block, blocks.at(-1), tokens, at);
    blocks.push(block);
    at += KV_BLOCK_TOKENS;
  }
  return blocks;
}

const range = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, i) => i + from);

test('what was published is found again, by whole blocks and in order', () => {
  const kv = cacheOf(8);
  const tokens = range(50);
  const blocks = fill(kv, tokens);
  kv.release(blocks);
  expect(kv.match(tokens, 50)).toEqual({ blocks, tokenCount: 48 });
  kv.release(blocks);
  // The last token of a prompt of three blocks must be computed, so its block is not reused.
  expect(kv.match(tokens.slice(0, 48), 47)).toEqual({ blocks: blocks.slice(0, 2), tokenCount: 32 });
});

test('a block is found behind its own beginning only', () => {
  const kv = cacheOf(8);
  fill(kv, [...range(16), ...range(16, 100)]);
  expect(kv.match(range(16, 100), 16).tokenCount).toBe(0);
  expect(kv.match([...range(15), 99, ...range(16, 100)], 32).tokenCount).toBe(0);
  expect(kv.match([...range(16), ...range(15, 100), 0], 32).tokenCount).toBe(16);
});

test('a block whose parent was evicted is lost, though the parent’s room is filled again', () => {
  const kv = cacheOf(2);
  const [parent, child] = fill(kv, range(32)) as [number, number];
  kv.release([parent]); // idle first, hence evicted first
  kv.release([child]);
  const other = range(16, 500);
  expect(fill(kv, other)).toEqual([parent]);
  expect(kv.match([...other, ...range(16, 16)], 32).blocks).toEqual([parent]);
});

test('the least recently used block goes first, the end of a sequence before its beginning', () => {
  const kv = cacheOf(4);
  const old = fill(kv, range(32));
  const young = fill(kv, range(32, 100));
  kv.release(old);
  kv.release(young);
  kv.release(kv.match(range(32), 32).blocks); // now the old one is the more recent
  expect([1, 2, 3, 4].map(() => kv.tryAllocate())).toEqual([young[1], young[0], old[1], old[0]]);
  expect(kv.tryAllocate()).toBeUndefined();
  expect(kv.stats()).toMatchObject({ evictionCount: 4, freeCount: 0, idleCount: 0 });
});

test('a held block is never evicted, and counts as shared', () => {
  const kv = cacheOf(2);
  const [first] = fill(kv, range(16));
  expect(kv.match(range(17), 16).blocks).toEqual([first]);
  expect(kv.countShared(range(17), 16)).toBe(1);
  expect(kv.tryAllocate()).not.toBe(first);
  expect(kv.tryAllocate()).toBeUndefined();
});

test('a twin stays private and its children are found behind the known block', () => {
  const kv = cacheOf(4);
  const tokens = range(32);
  const [known] = fill(kv, tokens.slice(0, 16)) as [number];
  const twin = kv.tryAllocate()!;
  kv.publish(twin, undefined, tokens, 0);
  const child = kv.tryAllocate()!;
  kv.publish(child, twin, tokens, 16);
  kv.release([twin, child]);
  expect(kv.stats().freeCount).toBe(2); // the twin is free at once: no one can find it
  expect(kv.match(tokens, 32).blocks).toEqual([known, child]);
});

test('without reuse nothing is found and nothing is kept', () => {
  const kv = cacheOf(4, false);
  kv.release(fill(kv, range(32)));
  expect(kv.match(range(32), 32).tokenCount).toBe(0);
  expect(kv.stats()).toMatchObject({ freeCount: 4, hitCount: 0, missCount: 0 });
});

test('hits and misses count the full blocks that were looked for', () => {
  const kv = cacheOf(4);
  fill(kv, range(16));
  kv.match(range(48), 47);
  expect(kv.stats()).toMatchObject({ hitCount: 1, missCount: 2 });
});

test('releasing or publishing twice is a bug', () => {
  const kv = cacheOf(2);
  const [block] = fill(kv, range(16)) as [number];
  expect(() => kv.publish(block, undefined, range(16), 0)).toThrow('published once');
  kv.release([block]);
  expect(() => kv.release([block])).toThrow('only held blocks');
});

test('random traffic keeps every block in one place and finds only equal tokens', () => {
  const traffic = fc.array(
    fc.record({
      // Two tokens and whole runs, so that beginnings coincide often.
      runs: fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: 4 }),
      keepCount: fc.nat({ max: 3 }),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(traffic, fc.integer({ min: 4, max: 12 }), (requests, blockCount) => {
      const kv = cacheOf(blockCount);
      const contents = new Map<number, string>(); // block → all tokens up to its end
      const held: number[][] = [];
      for (const { runs, keepCount } of requests) {
        while (held.length > keepCount) kv.release(held.shift()!);
        const tokens = runs.flatMap((token) => new Array<number>(KV_BLOCK_TOKENS).fill(token));
        const { blocks } = kv.match(tokens, tokens.length);
        held.push(blocks);
        for (const [i, block] of blocks.entries()) {
          expect(contents.get(block)).toBe(runs.slice(0, i + 1).join());
        }
        while (blocks.length < runs.length) {
          const block = kv.tryAllocate();
          if (block === undefined) break;
          contents.set(block, runs.slice(0, blocks.length + 1).join());
          kv.publish(block, blocks.at(-1), tokens, blocks.length * KV_BLOCK_TOKENS);
          blocks.push(block);
        }
        const holders = new Int32Array(blockCount);
        for (const block of held.flat()) holders[block]! += 1;
        kv.assertSound(holders);
      }
      for (const blocks of held) kv.release(blocks);
      kv.assertSound(new Int32Array(blockCount));
      expect(kv.availableCount).toBe(blockCount);
    }),
    { numRuns: 400 },
  );
});

test('a block is found by all of its 16 tokens and its parent, whatever its bucket', () => {
  const tokens = range(32, 50);
  for (let position = 0; position < 32; position++) {
    // In a cache of two blocks, every fourth other prefix falls into the same bucket.
    for (let token = 1000; token < 1040; token++) {
      const kv = cacheOf(2);
      fill(kv, tokens);
      const other = tokens.with(position, token);
      expect(kv.match(other, 32).tokenCount).toBe(position < 16 ? 0 : 16);
    }
  }
});

test('equal tokens behind another beginning are another block, whatever bucket', () => {
  for (let token = 1000; token < 1200; token++) {
    const kv = cacheOf(3);
    kv.release(fill(kv, range(32, 50)));
    const other = [...range(15, 50), token, ...range(16, 66)];
    fill(kv, other.slice(0, 16));
    expect(kv.match(other, 32).tokenCount).toBe(16);
  }
});

test('tenants find their own prefixes only, whoever computed the same before', () => {
  const kv = cacheOf(8);
  const tokens = range(32);
  const [a, b] = [-2, -3];
  const block = kv.tryAllocate()!;
  kv.publish(block, undefined, tokens, 0, a);
  kv.release([block]);
  expect(kv.match(tokens, 32, undefined, b).tokenCount).toBe(0);
  expect(kv.match(tokens, 32).tokenCount).toBe(0);
  expect(kv.match(tokens, 32, undefined, a).blocks).toEqual([block]);
  // Now it is held, and shared with those of the same tenant alone.
  const shared = [a, b, 0].map((root) => kv.countShared(tokens, 32, undefined, root));
  expect(shared).toEqual([1, 0, 0]);
});
