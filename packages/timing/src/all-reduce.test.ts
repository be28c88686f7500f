import { customLink, NVLINK4 } from '@wafer/core';
import { expect, test } from 'vitest';
import { allReduce, partsNs } from './all-reduce.ts';
import type { AllReduceKind } from './all-reduce.ts';

const link = customLink({ latencyNs: 300, bandwidthBytesPerS: 1e9, overheadNs: 700 });
const time = (kind: AllReduceKind, chipCount: number, bytes: number): number =>
  partsNs(allReduce({ link, kind, chipCount, bytes }));
const KIB = 1024;

test('the closed forms are those of the textbook, on a link of 1 us and 1 byte per ns', () => {
  expect(time('custom', 8, 1000)).toBeCloseTo(1000 + 7 * 1000, 6); // one-shot
  expect(time('custom', 8, 256 * KIB)).toBeCloseTo(2000 + (14 / 8) * 256 * KIB, 6); // two-shot
  expect(time('custom', 4, 256 * KIB)).toBeCloseTo(1000 + 3 * 256 * KIB, 6);
  expect(time('nccl', 8, 1000)).toBeCloseTo(6 * 1000 + 2 * 1000, 6); // tree
  expect(time('nccl', 8, 4096 * KIB)).toBeCloseTo(14 * 1000 + (14 / 8) * 4096 * KIB, 6); // ring
  expect(time('nccl', 2, 1000)).toBeCloseTo(2 * 1000 + 2 * 1000, 6);
});

test('one chip has nothing to reduce', () => {
  expect(time('custom', 1, 1e6)).toBe(0);
  expect(time('nccl', 1, 1e6)).toBe(0);
});

test('more chips and more bytes never take less time within an algorithm', () => {
  for (const kind of ['custom', 'nccl'] as const) {
    for (const bytes of [1, 2048, 16_384]) {
      for (let chips = 2; chips < 8; chips++) {
        expect(time(kind, chips + 1, bytes)).toBeGreaterThanOrEqual(time(kind, chips, bytes));
        expect(time(kind, chips, bytes * 2)).toBeGreaterThan(time(kind, chips, bytes));
      }
    }
  }
});

test('on 8 chips a serving kernel takes a fraction of what NCCL takes', () => {
  const at = (kind: AllReduceKind): number =>
    partsNs(allReduce({ link: NVLINK4, kind, chipCount: 8, bytes: 16 * KIB }));
  expect(at('nccl') / at('custom')).toBeGreaterThan(4);
});
