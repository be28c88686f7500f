import { expect, test } from 'vitest';
import { formatFigure, formatRate, plural } from './format.ts';

test.each([
  [0, '0'],
  [0.00004123, '0.0000412'],
  [0.00412, '0.00412'],
  [0.0951, '0.0951'],
  [1, '1.00'],
  [98.34, '98.3'],
  [125.7, '126'],
  [15_300.4, '15300'],
  [-0.25, '-0.250'],
])('a figure of %d is %s', (value, text) => {
  expect(formatFigure(value)).toBe(text);
});

test.each([
  [0, '0.0'],
  [0.0417, '0.0417'],
  [98.34, '98.3'],
  [1530.6, '1531'],
])('a rate of %d is %s: never 0 unless nothing came', (value, text) => {
  expect(formatRate(value)).toBe(text);
});

test('one thing is one thing', () => {
  expect([plural(0, 'round'), plural(1, 'round'), plural(1000, 'round')]).toEqual([
    '0 rounds',
    '1 round',
    '1,000 rounds',
  ]);
});
