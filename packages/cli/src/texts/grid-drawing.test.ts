import { expect, test } from 'vitest';
import { diceGrid } from '@wafer/core';
import { drawGrid } from './grid-drawing.ts';

function draw(
  [width, height]: [number, number],
  use: { chips?: string; columns?: number; stageOf?: (tile: number) => number } = {},
): string[] {
  const grid = { width, height };
  const { chips = '1x1', columns = 80, stageOf = () => 0 } = use;
  const stages = Array.from({ length: width * height }, (_, tile) => stageOf(tile));
  return drawGrid({ grid, stageOf: stages, chipOf: diceGrid(grid, chips).chipOf, columns });
}

test('kerfs are double lines in both directions', () => {
  const stageOf = (tile: number): number => Math.floor(tile / 6);
  expect(draw([3, 3], { chips: '2x3', stageOf })).toEqual([
    '┌────┬────╥────┐',
    '│ s0 │ s0 ║ s0 │',
    '╞════╪════╬════╡',
    '│ s0 │ s0 ║ s0 │',
    '╞════╪════╬════╡',
    '│ s1 │ s1 ║ s1 │',
    '└────┴────╨────┘',
  ]);
});

test('one tile is a box', () => {
  expect(draw([1, 1])).toEqual(['┌────┐', '│ s0 │', '└────┘']);
});

test('cells widen with the number of stages', () => {
  const lines = draw([12, 1], { stageOf: (tile) => tile });
  expect(lines[1]).toMatch(/^│ s0 {2}│ s1 {2}│.*│ s11 │$/);
  expect(new Set(lines.map((line) => line.length))).toEqual(new Set([12 * 6 + 1]));
});

test('a wide grid takes one character per tile, and keeps its kerfs', () => {
  const lines = draw([32, 2], { chips: '2x2', stageOf: (tile) => tile % 32 });
  expect(lines).toEqual([
    '0123456789abcdef║ghijklmnopqrstuv',
    '════════════════╬════════════════',
    '0123456789abcdef║ghijklmnopqrstuv',
  ]);
});

test('what does not fit is cut off, and the last line says so', () => {
  const lines = draw([256, 64], { columns: 40 });
  expect(lines).toHaveLength(33);
  expect(lines.at(-1)).toBe('… of 256x64 the first 39x32');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
});
