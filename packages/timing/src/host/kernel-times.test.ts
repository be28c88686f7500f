import { expect, test } from 'vitest';
import type { KernelShape } from './kernel-shape.ts';
import { KernelTimes } from './kernel-times.ts';

const linear = (rows: number, tokens: number): Extract<KernelShape, { op: 'linear' }> => ({
  ...({ op: 'linear', type: 'q8_0', columns: 100 } as const),
  ...{ rows, tokens },
});
const LIST = [
  { shape: linear(10, 1), aloneNs: 100, togetherNs: 150 },
  { shape: linear(1000, 1), aloneNs: 5000, togetherNs: 9000 },
  { shape: linear(10, 64), aloneNs: 800, togetherNs: 800 },
];
const alone = new KernelTimes(LIST, { isTogether: false });

test('a measured shape takes what was measured, alone or together', () => {
  expect(alone.nsOf(linear(1000, 1))).toBe(5000);
  expect(new KernelTimes(LIST, { isTogether: true }).nsOf(linear(1000, 1))).toBe(9000);
});

test('another shape grows from the nearest one of its tokens', () => {
  expect(alone.nsOf(linear(20, 1))).toBeCloseTo(200, 9);
  expect(alone.nsOf(linear(500, 1))).toBeCloseTo(2500, 9);
  // Nearer in work is the matrix of one token; as many tokens weigh more.
  expect(alone.nsOf(linear(20, 60))).toBeCloseTo((800 * 20 * 60) / (10 * 64), 9);
});

test('other weights are other kernels', () => {
  expect(() => alone.nsOf({ ...linear(10, 1), type: 'f32' })).toThrow(/lacks linear f32/);
});

test('each kind of kernel has times of its own, however alike the sizes', () => {
  const sizes = { width: 100, tokens: 1 };
  const kinds = (['norm', 'swiglu', 'add'] as const).map((op, i) => ({
    ...{ shape: { op, ...sizes }, aloneNs: 10 ** (i + 1), togetherNs: 1 },
  }));
  const times = new KernelTimes(kinds, { isTogether: false });
  const nsOf = (op: 'norm' | 'swiglu' | 'add'): number => times.nsOf({ op, ...sizes, width: 200 });
  expect([nsOf('norm'), nsOf('swiglu'), nsOf('add')]).toEqual([20, 200, 2000]);
  expect(() => times.nsOf(linear(10, 1))).toThrow(/lacks linear q8_0/);
});
