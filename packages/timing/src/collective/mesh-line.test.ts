import { expect, test } from 'vitest';
import {
  bestAllReduceCycles,
  broadcastCycles,
  chainReduceCycles,
  gridBroadcastCycles,
  reduceBoundCycles,
  ringAllReduceCycles,
  starReduceCycles,
  treeReduceCycles,
  twoPhaseReduceCycles,
} from './mesh-line.ts';

/** Values of the formulas as the paper's authors define them, 512 PEs, ramps of two cycles. */
test.each([
  [1, 516, 3067, 561, 729, 517, 7154],
  [16, 8181, 3082, 628, 759, 532, 7184],
  [256, 130_821, 3322, 2349, 1239, 772, 7663],
  [4096, 2_093_061, 7162, 36_909, 8919, 4612, 15_328],
])('%d wavelets over 512 PEs', (wavelets, star, chain, tree, two, broadcast, ring) => {
  const use = { pes: 512, wavelets };
  const found = [
    starReduceCycles(use),
    chainReduceCycles(use),
    treeReduceCycles(use),
    twoPhaseReduceCycles(use),
    broadcastCycles(use),
    ringAllReduceCycles(use),
  ].map(Math.round);
  expect(found).toEqual([star, chain, tree, two, broadcast, ring]);
});

test('the lower bound of a reduce lies below every algorithm of two wavelets and more', () => {
  expect([8, 64].map((pes) => Math.round(reduceBoundCycles({ pes, wavelets: 256 })))).toEqual([
    298, 584,
  ]);
  for (const wavelets of [2, 16, 256, 4096]) {
    const use = { pes: 64, wavelets };
    const bound = reduceBoundCycles(use);
    for (const reduce of [chainReduceCycles, starReduceCycles, treeReduceCycles]) {
      expect(reduce(use)).toBeGreaterThanOrEqual(bound);
    }
    expect(bestAllReduceCycles(use)).toBeGreaterThan(bound);
  }
});

test('slower ramps, more PEs and more wavelets never make a collective faster', () => {
  const use = { pes: 64, wavelets: 16 };
  for (const cycles of [bestAllReduceCycles, ringAllReduceCycles, twoPhaseReduceCycles]) {
    expect(cycles({ ...use, rampCycles: 7 })).toBeGreaterThan(cycles(use));
    expect(cycles({ ...use, pes: 128 })).toBeGreaterThan(cycles(use));
    expect(cycles({ ...use, wavelets: 32 })).toBeGreaterThan(cycles(use));
  }
  expect(gridBroadcastCycles({ across: 8, down: 8, wavelets: 16 })).toBe(16 + 14 + 5);
});
