import {
  add,
  addBias,
  argmax,
  attention,
  expRow,
  expSums,
  firstSeen,
  kvAppend,
  kvBlockFloats,
  type PagedKv,
  rmsNorm,
  rotate,
  type Rounding,
  swiglu,
  topK,
} from '@wafer/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, type Stretch } from './arena.ts';
import { randomFloats, RandomWords, wildFloats } from './random-weights.ts';
import { attentionScratchBytes } from './scratch.ts';

const ROUNDINGS: Rounding[] = ['fused', 'plain'];
const ARENA_BYTES = 2 ** 21;
const seeds = fc.integer({ min: 1, max: 1e6 });

function bits(values: Float32Array): number[] {
  return Array.from(new Uint32Array(values.slice().buffer));
}

/** Runs a kernel that may write `y` (and scratch) alone, and compares y with the reference. */
function expectSame(
  arena: Arena,
  y: Stretch,
  expected: Float32Array,
  run: () => void,
  scratch: Stretch[] = [],
): void {
  const stray = arena.strayWrite([y, ...scratch], run);
  expect(bits(arena.floats(y))).toEqual(bits(expected));
  expect(stray).toBe(-1);
}

function check<T>(arbitrary: fc.Arbitrary<T>, numRuns: number, predicate: (of: T) => void): void {
  fc.assert(fc.property(arbitrary, predicate), { seed: 2, numRuns });
}

test.each(ROUNDINGS)('rmsNorm, %s, equals the reference', (rounding) => {
  const arena = new Arena(rounding, ARENA_BYTES);
  const shape = fc.record({
    tokenCount: fc.integer({ min: 1, max: 3 }),
    width: fc.constantFrom(1, 4, 15, 16, 20, 64, 77, 288, 768),
    seed: seeds,
  });
  check(shape, 40, ({ tokenCount, width, seed }) => {
    arena.clear();
    const values = wildFloats(tokenCount * width, seed, 40);
    const gains = wildFloats(width, seed + 1, 10);
    const [x, gain, y] = [arena.put(values), arena.put(gains), arena.add(values.byteLength)];
    const expected = new Float32Array(values.length);
    rmsNorm(expected, values, gains, { tokenCount, epsilon: 1e-5, rounding });
    expectSame(arena, y, expected, () =>
      arena.kernels.rmsNorm(y.address, x.address, gain.address, tokenCount, width, 1e-5),
    );
  });
});

test('residual and bias sums equal the reference', () => {
  const arena = new Arena('fused', ARENA_BYTES);
  const shape = fc.record({
    tokenCount: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 1, max: 40 }),
    seed: seeds,
  });
  check(shape, 40, ({ tokenCount, width, seed }) => {
    arena.clear();
    const stride = width + (-width & 3) + 4;
    const values = wildFloats(tokenCount * stride, seed, 100);
    const others = wildFloats(values.length, seed + 1, 100);
    const [x, y, bias] = [arena.put(values), arena.put(others), arena.put(others.slice(0, width))];
    const summed = values.slice();
    add(summed, others);
    expectSame(arena, x, summed, () => arena.kernels.add(x.address, y.address, summed.length));
    for (let t = 0; t < tokenCount; t++) {
      addBias(summed.subarray(t * stride, t * stride + width), others.subarray(0, width));
    }
    expectSame(arena, x, summed, () =>
      arena.kernels.addBias(x.address, stride, bias.address, tokenCount, width),
    );
  });
});

test.each(['halves', 'pairs'] as const)('rope in %s equals the reference', (layout) => {
  const arena = new Arena('fused', ARENA_BYTES);
  const shape = fc.record({
    tokenCount: fc.integer({ min: 1, max: 3 }),
    headCount: fc.integer({ min: 1, max: 3 }),
    headWidth: fc.constantFrom(8, 20, 64),
    unrotated: fc.constantFrom(0, 2, 4),
    seed: seeds,
  });
  check(shape, 40, ({ unrotated, seed, ...heads }) => {
    arena.clear();
    const { tokenCount, headCount, headWidth } = heads;
    const rotaryWidth = headWidth - unrotated;
    const values = wildFloats(tokenCount * headCount * headWidth, seed, 60);
    const angles = randomFloats(tokenCount * rotaryWidth, seed + 1);
    const [x, table] = [arena.put(values), arena.put(angles)];
    rotate(values, angles, heads, { layout, rotaryWidth });
    const stride = headCount * headWidth;
    const isPairs = layout === 'pairs' ? 1 : 0;
    expectSame(arena, x, values, () => {
      const { rope } = arena.kernels;
      const sizes = [tokenCount, headCount, headWidth, rotaryWidth] as const;
      rope(x.address, stride, table.address, ...sizes, isPairs);
    });
  });
});

test.each(ROUNDINGS)('swiglu, %s, equals the reference from -∞ to ∞', (rounding) => {
  const arena = new Arena(rounding, ARENA_BYTES);
  const shape = fc.record({
    tokenCount: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 1, max: 70 }),
    seed: seeds,
  });
  check(shape, 60, ({ tokenCount, width, seed }) => {
    arena.clear();
    const gates = randomFloats(tokenCount * width, seed).map((g, i) => g * 2 ** (i % 9));
    gates.set([-Infinity, -0, 88.4, -88.4].slice(0, width));
    const ups = wildFloats(tokenCount * width, seed + 1, 20);
    const stride = width + (-width & 3) + 4;
    const [gate, up] = [arena.put(gates), arena.put(ups)];
    const y = arena.add(tokenCount * stride * 4);
    const expected = arena.floats(y).slice();
    for (let t = 0; t < tokenCount; t++) {
      const row = [t * width, (t + 1) * width] as const;
      const target = expected.subarray(t * stride, t * stride + width);
      swiglu(target, gates.subarray(...row), ups.subarray(...row), rounding);
    }
    expectSame(arena, y, expected, () =>
      arena.kernels.swiglu(y.address, stride, gate.address, up.address, tokenCount, width),
    );
  });
});

const attentionShapes = fc.record({
  tokenCount: fc.constantFrom(1, 2, 3, 5, 17),
  startPosition: fc.constantFrom(0, 1, 14, 15, 16, 31, 40),
  kvHeadCount: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 3 }),
  headWidth: fc.constantFrom(8, 12, 20, 48, 64),
  sees: fc.constantFrom('all' as const, 'window' as const, 'chunk' as const),
  windowTokens: fc.constantFrom(1, 2, 7, 15, 16, 17, 24, 32, 100),
  hasSinks: fc.boolean(),
  seed: seeds,
});

/** A cache of shuffled blocks, with NaN wherever nothing was appended. */
function filledCache(positions: number, block: number, seed: number): PagedKv {
  const words = new RandomWords(seed);
  const blockCount = Math.ceil(positions / 16) + 2;
  const order = Array.from({ length: blockCount }, (_, i) => ({ i, key: words.next() }));
  order.sort((a, b) => a.key - b.key);
  return {
    kv: new Float32Array(blockCount * (block + 16)).fill(NaN),
    blockTable: Int32Array.from(order, ({ i }) => i).subarray(0, Math.ceil(positions / 16)),
    blockStride: block + 16,
  };
}

test.each([
  ['fused', 'narrow'],
  ['plain', 'narrow'],
  ['fused', 'wide'],
] as const)('kvAppend and attention, %s, %s blocks, equal the reference', (rounding, blocks) => {
  const arena = new Arena(rounding, ARENA_BYTES, { isWide: blocks === 'wide' });
  check(attentionShapes, 60, ({ seed, group, sees, windowTokens, hasSinks, ...shape }) => {
    arena.clear();
    const { tokenCount, startPosition, kvHeadCount, headWidth } = shape;
    const headCount = kvHeadCount * group;
    const positions = startPosition + tokenCount;
    const stride = kvHeadCount * headWidth + 4;
    const cache = filledCache(positions, kvBlockFloats(shape), seed);
    const kv = arena.put(cache.kv);
    const table = arena.put(cache.blockTable);
    const rows = wildFloats(positions * stride, seed + 1, 3);
    const packed = new Float32Array(positions * (stride - 4));
    for (let t = 0; t < positions; t++) {
      packed.set(rows.subarray(t * stride, (t + 1) * stride - 4), t * (stride - 4));
    }
    const source = arena.put(rows);
    kvAppend(cache, packed, packed, { ...shape, startPosition: 0, tokenCount: positions });
    const strideBytes = cache.blockStride * 4;
    expectSame(arena, kv, cache.kv, () => {
      const append = arena.kernels.kvAppend;
      const k = source.address;
      append(
        kv.address,
        strideBytes,
        table.address,
        k,
        k,
        stride,
        0,
        positions,
        kvHeadCount,
        headWidth,
      );
    });
    // Blocks that no query sees are gone.
    const goneCount = firstSeen(startPosition, { sees, windowTokens }) >> 4;
    cache.blockTable.fill(-(2 ** 24), 0, goneCount);
    arena.integers(table).set(cache.blockTable);
    const queries = wildFloats(tokenCount * headCount * headWidth, seed + 2, 3);
    const sinks = wildFloats(headCount, seed + 3, 3);
    const sinksAddress = arena.put(sinks).address;
    const [q, y] = [arena.put(queries), arena.add(queries.byteLength)];
    const scratch = arena.add(attentionScratchBytes(headWidth));
    const scale = 1 / Math.sqrt(headWidth);
    const expected = new Float32Array(queries.length);
    const options = { scale, rounding, sight: { sees, windowTokens } };
    const ofHeads = hasSinks ? sinks : undefined;
    attention(expected, queries, cache, { ...shape, headCount }, { ...options, sinks: ofHeads });
    expect(expected.every(Number.isFinite)).toBe(true);
    const run = (): void => {
      const width = headCount * headWidth;
      const sizes = [startPosition, tokenCount, headCount, kvHeadCount, headWidth] as const;
      const blocks = [kv.address, strideBytes, table.address] as const;
      const { attention: attend } = arena.kernels;
      const seen = [sees === 'all' ? 0 : windowTokens, sees === 'chunk' ? 1 : 0] as const;
      const more = [scale, ...seen, hasSinks ? sinksAddress : 0, scratch.address] as const;
      attend(y.address, width, q.address, width, ...blocks, ...sizes, ...more);
    };
    expectSame(arena, y, expected, run, [scratch]);
  });
});

test.each(ROUNDINGS)('exponentials of logits, %s, equal the reference', (rounding) => {
  const arena = new Arena(rounding, ARENA_BYTES);
  const counts = fc.constantFrom(1, 3, 16, 31, 1023, 1024, 1025, 1039, 2500);
  check(fc.record({ count: counts, seed: seeds }), 30, ({ count, seed }) => {
    arena.clear();
    const logits = wildFloats(count, seed, 6);
    logits[0] = -Infinity;
    const options = { max: 0.9, scale: 1.25, rounding };
    const sums = expSums(logits, options);
    const [x, y] = [arena.put(logits), arena.add(logits.byteLength)];
    const z = arena.add(sums.byteLength);
    const { kernels } = arena;
    expectSame(arena, y, expRow(logits, options), () =>
      kernels.expRow(y.address, x.address, count, options.max, options.scale),
    );
    expectSame(arena, z, sums, () =>
      kernels.expSums(z.address, x.address, count, options.max, options.scale),
    );
  });
});

test('argmax and topK agree with a sort; ties go to the lower id, NaN is never chosen', () => {
  const arena = new Arena('fused', ARENA_BYTES);
  const shape = fc.record({
    logits: fc.array(fc.constantFrom(-Infinity, -2, -0, 0, 1, 1.5, NaN), { minLength: 1 }),
    copies: fc.constantFrom(1, 9),
    k: fc.integer({ min: 1, max: 40 }),
  });
  check(shape, 120, ({ logits, copies, k }) => {
    arena.clear();
    const values = Float32Array.from({ length: logits.length * copies }, (_, i) => {
      return logits[i % logits.length] as number;
    });
    const [x, ids, largest] = [arena.put(values), arena.add(k * 4), arena.add(k * 4)];
    const { kernels } = arena;
    expect(kernels.argmax(x.address, values.length)).toBe(argmax(values));
    const expected = topK(values, k);
    let found = 0;
    const stray = arena.strayWrite([ids, largest], () => {
      found = kernels.topK(ids.address, largest.address, x.address, values.length, k);
    });
    expect(found).toBe(expected.ids.length);
    expect([...arena.integers(ids).subarray(0, found)]).toEqual([...expected.ids]);
    expect([...arena.floats(largest).subarray(0, found)]).toEqual([...expected.values]);
    expect(stray).toBe(-1);
  });
});
