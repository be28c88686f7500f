/**
 * The kernels of the KV cache and of attention against their reference, in every type and mask.
 */
import {
  attention,
  firstSeen,
  KV_BLOCK_TOKENS,
  KV_TYPES,
  kvAppend,
  kvBlockFloats,
  kvRowBytes,
  type KvType,
  type PagedKv,
  roundKv,
} from '@wafer/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, type Stretch } from './arena.ts';
import { RandomWords, wildFloats } from './random-weights.ts';
import { attentionScratchBytes } from './scratch.ts';

const ARENA_BYTES = 2 ** 19;

interface Heads {
  kvHeadCount: number;
  headWidth: number;
}

/** A cache in the arena and the same in the reference, blocks shuffled, NaN before any append. */
class TwinCache {
  readonly reference: PagedKv;
  readonly kv: Stretch;
  readonly table: Stretch;
  readonly strideBytes: number;
  readonly #arena: Arena;
  readonly #type: KvType;

  constructor(arena: Arena, type: KvType, of: Heads & { positions: number; seed: number }) {
    const { positions, seed, kvHeadCount, headWidth } = of;
    const words = new RandomWords(seed);
    const blockCount = Math.ceil(positions / KV_BLOCK_TOKENS) + 2;
    const order = Array.from({ length: blockCount }, (_, i) => ({ i, key: words.next() }));
    order.sort((a, b) => a.key - b.key);
    const blockStride = kvBlockFloats(of) + 16;
    this.reference = {
      kv: new Float32Array(blockCount * blockStride).fill(NaN),
      blockTable: Int32Array.from(order, ({ i }) => i).subarray(0, blockCount - 2),
      blockStride,
    };
    this.strideBytes = 2 * KV_BLOCK_TOKENS * kvHeadCount * kvRowBytes(type, headWidth) + 64;
    this.#arena = arena;
    this.#type = type;
    this.kv = arena.put(new Uint8Array(blockCount * this.strideBytes).fill(255));
    this.table = arena.put(this.reference.blockTable);
  }

  /**
   * Appends [positions, stride] of k and v from position 0 on; a row ends in 4 of padding.
   * Returns the first address changed outside of the cache, or -1.
   */
  append(k: Float32Array, v: Float32Array, shape: Heads & { positions: number }): number {
    const { kvHeadCount, headWidth, positions } = shape;
    const width = kvHeadCount * headWidth;
    const [source, sourceV] = [this.#arena.put(k), this.#arena.put(v)];
    const at = { startPosition: 0, tokenCount: positions, kvHeadCount, headWidth };
    const [packedK, packedV] = [unpadded(k, width), unpadded(v, width)];
    kvAppend(this.reference, packedK, packedV, at, this.#type);
    return this.#arena.strayWrite([this.kv], () => {
      const cache = [this.kv.address, this.strideBytes, this.table.address] as const;
      const rows = [source.address, sourceV.address, width + 4, 0, positions] as const;
      const type = KV_TYPES.indexOf(this.#type);
      this.#arena.kernels.kvAppend(...cache, ...rows, kvHeadCount, headWidth, type);
    });
  }

  /** Forgets where the first blocks are. */
  drop(blockCount: number): void {
    this.reference.blockTable.fill(-(2 ** 24), 0, blockCount);
    this.#arena.integers(this.table).set(this.reference.blockTable);
  }
}

function unpadded(rows: Float32Array, width: number): Float32Array {
  return rows.filter((_, i) => i % (width + 4) < width);
}

function bits(values: Float32Array): number[] {
  return Array.from(new Uint32Array(values.slice().buffer));
}

const shapes = fc.record({
  tokenCount: fc.constantFrom(1, 2, 3, 5, 17),
  startPosition: fc.constantFrom(0, 1, 14, 15, 16, 31, 40),
  kvHeadCount: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 3 }),
  headWidth: fc.constantFrom(8, 12, 20, 48, 64),
  sees: fc.constantFrom('all' as const, 'window' as const, 'chunk' as const),
  windowTokens: fc.constantFrom(1, 2, 7, 15, 16, 17, 24, 32, 100),
  hasSinks: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

type ShapeOf = typeof shapes extends fc.Arbitrary<infer Value> ? Value : never;

const cases = KV_TYPES.flatMap((type) => [
  { type, rounding: 'fused' as const, blocks: 'narrow' },
  { type, rounding: 'plain' as const, blocks: 'narrow' },
  { type, rounding: 'fused' as const, blocks: 'wide' },
]);

test.each(cases)(
  'attention over $type, $rounding, $blocks blocks',
  ({ type, rounding, blocks }) => {
    const arena = new Arena(rounding, ARENA_BYTES, { isWide: blocks === 'wide' });
    const predicate = (of: ShapeOf): void => {
      const { seed, group, sees, windowTokens, hasSinks, ...shape } = of;
      arena.clear();
      const { tokenCount, startPosition, kvHeadCount, headWidth } = shape;
      const headCount = kvHeadCount * group;
      const positions = startPosition + tokenCount;
      const cache = new TwinCache(arena, type, { ...shape, positions, seed });
      const count = positions * (kvHeadCount * headWidth + 4);
      const [k, v] = [wildFloats(count, seed + 1, 3), wildFloats(count, seed + 2, 3)];
      expect(cache.append(k, v, { ...shape, positions })).toBe(-1);
      if (type === 'f32') {
        expect(arena.floats(cache.kv).slice()).toEqual(cache.reference.kv);
      }
      cache.drop(firstSeen(startPosition, { sees, windowTokens }) >> 4);
      const queries = wildFloats(tokenCount * headCount * headWidth, seed + 3, 3);
      const sinks = wildFloats(headCount, seed + 4, 3);
      const [q, y] = [arena.put(queries), arena.add(queries.byteLength)];
      const sinksAddress = arena.put(sinks).address;
      const scratch = arena.add(attentionScratchBytes(headWidth, type));
      const scale = 1 / Math.sqrt(headWidth);
      const expected = new Float32Array(queries.length);
      attention(
        expected,
        queries,
        cache.reference,
        { ...shape, headCount },
        {
          ...{ scale, rounding, mask: { sees, windowTokens } },
          sinks: hasSinks ? sinks : undefined,
        },
      );
      expect(expected.every(Number.isFinite)).toBe(true);
      const stray = arena.strayWrite([y, scratch], () => {
        const width = headCount * headWidth;
        const { kv, strideBytes, table } = cache;
        arena.kernels.attention(
          ...([
            y.address,
            width,
            q.address,
            width,
            kv.address,
            strideBytes,
            table.address,
          ] as const),
          ...([startPosition, tokenCount, headCount, kvHeadCount, headWidth, scale] as const),
          ...([sees === 'all' ? 0 : windowTokens, sees === 'chunk' ? 1 : 0] as const),
          ...([hasSinks ? sinksAddress : 0, KV_TYPES.indexOf(type), scratch.address] as const),
        );
      });
      expect(bits(arena.floats(y))).toEqual(bits(expected));
      expect(stray).toBe(-1);
    };
    fc.assert(fc.property(shapes, predicate), { seed: 2, numRuns: type === 'f32' ? 40 : 20 });
  },
);

/** Values at the edges of f16, and of blocks of 8 bits. */
function edges(count: number, seed: number): Float32Array {
  const words = new RandomWords(seed);
  const bases = [0, 1, 2 ** -14, 2 ** -24, 2 ** -25, 65504, 65520, 1e6, 0.5, 127, 2 ** -40];
  return Float32Array.from({ length: count }, () => {
    const base = bases[words.next() % bases.length] as number;
    const nudge = 1 + ((words.next() % 64) - 32) * 2 ** -(8 + (words.next() % 16));
    return base * nudge * (words.next() % 2 === 0 ? 1 : -1);
  });
}

test.each(['f16', 'q8_0'] as const)(
  'what %s keeps of a value is what the reference says',
  (type) => {
    const arena = new Arena('fused', ARENA_BYTES);
    for (const [index, headWidth] of [4, 12, 64, 80, 128].entries()) {
      for (let seed = 1; seed < 12; seed++) {
        arena.clear();
        const shape = { kvHeadCount: 1, headWidth, positions: 1 };
        const cache = new TwinCache(arena, type, { ...shape, seed });
        const values = edges(headWidth + 4, 100 * seed + index);
        cache.append(new Float32Array(headWidth + 4), values, shape);
        const kept = values.slice(0, headWidth);
        roundKv(type, kept, headWidth);
        expect(kept).not.toEqual(values.slice(0, headWidth));
        // A query that sees one position gets its value as it is kept; -0 is added to 0.
        const [q, y] = [arena.put(kept), arena.add(4 * headWidth)];
        const scratch = arena.add(attentionScratchBytes(headWidth, type));
        arena.kernels.attention(
          ...([y.address, headWidth, q.address, headWidth, cache.kv.address] as const),
          ...([cache.strideBytes, cache.table.address, 0, 1, 1, 1, headWidth, 1] as const),
          ...([0, 0, 0, KV_TYPES.indexOf(type), scratch.address] as const),
        );
        expect(bits(arena.floats(y)), `${headWidth}, seed ${seed}`).toEqual(
          bits(kept.map((value) => value + 0)),
        );
      }
    }
  },
);
