import { spread } from '@wafer/bench';
import { expect, test } from 'vitest';
import { readDurationNs, readDurationRange, readRate, readRateRange } from './quantities.ts';

test('times and rates are read with their units', () => {
  expect(readDurationNs('500ns')).toBe(500);
  expect(readDurationNs('1.5us')).toBe(1500);
  expect(readDurationNs('2 ms')).toBe(2e6);
  expect(readRate('450GB/s')).toBe(450e9);
  expect(readRate('1.2TB/s')).toBe(1.2e12);
});

test.each(['5', 'us', '-1us', '1s', '1e3us', '5GB/s', '1us2us', ''])(
  "the time '%s' is refused",
  (text) => {
    expect(() => readDurationNs(text)).toThrow(/Expected a time/);
  },
);

test('a range may leave its first unit to the second', () => {
  expect(readDurationRange('0..100us')).toEqual({ low: 0, high: 100_000 });
  expect(readDurationRange('500ns..2us')).toEqual({ low: 500, high: 2000 });
  expect(readRateRange('1..900GB/s')).toEqual({ low: 1e9, high: 900e9 });
});

test.each(['100us', '..100us', '2us..1us', '0..0us', '1us..2us..3us', '1..2'])(
  "the range '%s' is refused",
  (text) => {
    expect(() => readDurationRange(text)).toThrow(/Expected/);
  },
);

test('rates of 0 are refused', () => {
  expect(() => readRateRange('0..5GB/s')).toThrow(/above 0/);
});

test('values are spread by equal factors between exact ends', () => {
  expect(spread({ low: 1e9, high: 1e12 }, 4)).toEqual([
    1e9,
    expect.closeTo(1e10, -3),
    expect.closeTo(1e11, -2),
    1e12,
  ]);
  const fromZero = spread({ low: 0, high: 1000 }, 5);
  expect(fromZero[0]).toBe(0);
  expect(fromZero.at(-1)).toBe(1000);
  expect(fromZero).toHaveLength(5);
  expect(spread({ low: 0, high: 7 }, 2)).toEqual([0, 7]);
  expect(spread({ low: 5, high: 5 }, 8)).toEqual([5]);
  expect(spread({ low: 5, high: 9 }, 1)).toEqual([9]);
  for (const count of [1, 2, 3, 8]) {
    const values = spread({ low: 2, high: 9 }, count);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  }
});
