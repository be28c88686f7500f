import { diceGrid, H100, NVLINK4 } from '@wafer/core';
import { expect, test } from 'vitest';
import { LLAMA_3_8B, planShape } from './shapes.ts';
import { decodeStep } from './step.ts';
import { sweepLinks } from './sweep.ts';
import { PARTS } from './walk.ts';

const grid = { width: 2, height: 1 };
const plan = planShape(
  { ...LLAMA_3_8B, layerCount: 2 },
  { grid, type: 'bf16', tensor: 'megatron' },
);
const options = {
  machine: H100,
  step: decodeStep({ batch: 1, contextTokens: 256 }),
  dice: diceGrid(grid, '2x1'),
  link: NVLINK4,
  elementBytes: 2 as const,
};
const latenciesNs = [0, 1000, 10_000, 100_000];
const bandwidthsBytesPerS = [1e6, 1e9, 30e9, 900e9];

test('tokens kept fall with latency and rise with bandwidth; the ends name their reason', () => {
  const { cells } = sweepLinks(plan, options, { latenciesNs, bandwidthsBytesPerS });
  expect(cells).toHaveLength(16);
  const at = (row: number, column: number): (typeof cells)[number] => cells[row * 4 + column]!;
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      const cell = at(row, column);
      expect(cell.kept).toBeLessThan(1);
      expect(PARTS).toContain(cell.bottleneck);
      if (row > 0) expect(cell.kept).toBeLessThan(at(row - 1, column).kept);
      if (column > 0) expect(cell.kept).toBeGreaterThan(at(row, column - 1).kept);
    }
  }
  expect(at(0, 0).bottleneck).toBe('bandwidth');
  expect(at(3, 3).bottleneck).toBe('latency');
  expect(at(0, 3).bottleneck).toBe('memory');
});
