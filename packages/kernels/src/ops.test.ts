import {
  add,
  addBias,
  addLowRank,
  argmax,
  expRow,
  expSums,
  LOW_RANK_PANEL,
  rmsNorm,
  rotate,
  type Rounding,
  swiglu,
  topK,
} from '@wafer/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, type Stretch } from './arena.ts';
import { randomFloats, wildFloats } from './random-weights.ts';
import { lowRankScratchBytes } from './scratch.ts';

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
    copies: fc.constantFrom(1, 9, 1500), // of several blocks
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

/** Panels of 16 outputs, [N / 16][K][16], of a matrix [N, K]; what is cut is zeros. */
function panelsOf(matrix: Float32Array, rows: number, panelRows: number): Float32Array {
  const columns = matrix.length / rows;
  const panels = new Float32Array(Math.ceil(rows / panelRows) * panelRows * columns);
  matrix.forEach((value, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const panel = Math.floor(row / panelRows) * panelRows * columns;
    panels[panel + column * panelRows + (row % panelRows)] = value;
  });
  return panels;
}

test.each(ROUNDINGS.flatMap((rounding) => [true, false].map((isWide) => ({ rounding, isWide }))))(
  'changes of low rank, $rounding, wide: $isWide, equal the reference',
  ({ rounding, isWide }) => {
    const arena = new Arena(rounding, ARENA_BYTES, { isWide });
    const shape = fc.record({
      tokenCount: fc.constantFrom(1, 2, 3, 4, 5, 9),
      rows: fc.constantFrom(1, 15, 16, 17, 40),
      columns: fc.constantFrom(1, 7, 64, 130),
      rank: fc.constantFrom(1, 5, 16, 20),
      seed: seeds,
    });
    check(shape, 12, ({ tokenCount, rows, columns, rank, seed }) => {
      arena.clear();
      const slotRank = Math.ceil(rank / LOW_RANK_PANEL) * LOW_RANK_PANEL;
      const [a, b] = [wildFloats(rank * columns, seed, 8), wildFloats(rows * rank, seed + 1, 8)];
      const values = wildFloats(tokenCount * columns, seed + 2, 8);
      const expected = randomFloats(tokenCount * rows, seed + 3);
      // Ranks of a slot that its adapter leaves empty are zeros.
      const wideB = new Float32Array(rows * slotRank);
      b.forEach((value, i) => (wideB[Math.floor(i / rank) * slotRank + (i % rank)] = value));
      const [y, x] = [arena.put(expected), arena.put(values)];
      const low = arena.put(panelsOf(a, rank, LOW_RANK_PANEL)).address;
      const high = arena.put(panelsOf(wideB, rows, LOW_RANK_PANEL)).address;
      const scratch = arena.add(lowRankScratchBytes(slotRank));
      const use = [
        y.address,
        rows,
        low,
        high,
        x.address,
        columns,
        tokenCount,
        rows,
        columns,
      ] as const;
      addLowRank(expected, { a, b, rank }, values, { tokenCount, rounding });
      const run = (): void => arena.kernels.lowRank(...use, slotRank, scratch.address);
      expectSame(arena, y, expected, run, [scratch]);
    });
  },
);
