import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diceGrid } from './dice.ts';
import { parseGrid, routeLinks, stageGroups, tilePosition } from './grid.ts';
import { splitEvenly, splitRows } from './shard.ts';

const sides = fc.integer({ min: 1, max: 9 });
const grids = fc.record({ width: sides, height: sides });

test('stages hold every tile once', () => {
  fc.assert(
    fc.property(grids, fc.integer({ min: 1, max: 9 }), (grid, stages) => {
      const tileCount = grid.width * grid.height;
      const stageCount = Math.min(stages, tileCount);
      const groups = stageGroups(grid, stageCount);
      expect(groups).toHaveLength(stageCount);
      const tiles = groups.flatMap((group) => group.tiles).sort((a, b) => a - b);
      expect(tiles).toEqual(Array.from({ length: tileCount }, (_, i) => i));
      for (const { tiles: own, columns, rows } of groups) expect(own.length).toBe(columns * rows);
    }),
  );
});

test('routes go along x, then y, over neighbors only, the shortest way', () => {
  fc.assert(
    fc.property(grids, fc.nat(), fc.nat(), (grid, a, b) => {
      const tileCount = grid.width * grid.height;
      const [source, target] = [a % tileCount, b % tileCount];
      const links = routeLinks(grid, source, target);
      const [from, to] = [tilePosition(grid, source), tilePosition(grid, target)];
      expect(links.length).toBe(Math.abs(from.x - to.x) + Math.abs(from.y - to.y));
      let place = source;
      let hasTurned = false;
      for (const link of links) {
        expect(link.from).toBe(place);
        const isAcross = Math.abs(link.to - link.from) === grid.width && grid.width > 1;
        expect(hasTurned && !isAcross).toBe(false);
        hasTurned ||= isAcross;
        place = link.to;
      }
      expect(place).toBe(target);
    }),
  );
});

test('splits cover the whole in order, in units, evenly', () => {
  fc.assert(
    fc.property(
      fc.nat(500),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 33 }),
      (count, parts, unit) => {
        let end = 0;
        for (const { start, count: own } of splitEvenly(count, parts, unit)) {
          expect(start).toBe(Math.min(end, count));
          end = start + own;
          expect(own % unit === 0 || end === count).toBe(true);
        }
        expect(end).toBe(count);
      },
    ),
  );
});

test('rows are shared by panels where there are enough, else every part gets its share', () => {
  expect(splitRows(288, 2, 32).map(({ count }) => count)).toEqual([160, 128]);
  expect(splitRows(288, 64, 32).every(({ count }) => count >= 4)).toBe(true);
  expect(splitRows(3, 4, 32).map(({ count }) => count)).toEqual([1, 1, 1, 0]);
});

test('dicing puts every tile on one chip, in rectangles', () => {
  expect(diceGrid({ width: 4, height: 2 }, '2x1').chipOf).toEqual([0, 0, 1, 1, 0, 0, 1, 1]);
  expect(diceGrid({ width: 3, height: 2 }, '3x2').chipOf).toEqual([0, 1, 2, 3, 4, 5]);
  expect(diceGrid({ width: 4, height: 2 }, 'x1,y1')).toEqual({
    chips: { width: 2, height: 2 },
    chipOf: [0, 1, 1, 1, 2, 3, 3, 3],
  });
  expect(() => diceGrid({ width: 2, height: 1 }, 'x2')).toThrow(
    /PLAN_OPTION.*kerfs of x from 1 to 1/,
  );
  expect(() => diceGrid({ width: 2, height: 1 }, '1x2')).toThrow(/PLAN_OPTION.*dice is 1x2/);
});

test.each(['', '0x1', '1x', 'x', '2', '2x-1', '1e1x1', '300x1', '2×1'])(
  'grid %j is refused',
  (text) => {
    expect(() => parseGrid(text)).toThrow(/PLAN_OPTION/);
  },
);

test('a side of a grid is 1 to 256', () => {
  expect(parseGrid(' 256x1 ')).toEqual({ width: 256, height: 1 });
  for (const text of ['257x1', '1x257', '0x1', '1x0', '-1x1', '1', '1x1x1']) {
    expect(() => parseGrid(text)).toThrow('PLAN_OPTION');
  }
});
