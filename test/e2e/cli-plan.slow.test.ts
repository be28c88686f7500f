import { expect, test } from 'vitest';
import { runCliJson, runCliWell } from './cli-process.ts';

interface Tile {
  x: number;
  y: number;
  stage: number;
  chip: number;
  weightBytes: number;
  paddingBytes: number;
  kvBytes: number;
  sramBytes: number;
  matrices: Record<string, { rows: { start: number; count: number } }>;
}

test('plan draws stages and kerfs, and says who owns what', async () => {
  const words = ['plan', 'synthetic:15m', '--grid', '4x2', '--stages', '2', '--dice', '2x1'];
  const text = await runCliWell(words);
  expect(text.split('\n').slice(0, 5)).toEqual([
    '┌────┬────╥────┬────┐',
    '│ s0 │ s0 ║ s0 │ s0 │',
    '├────┼────╫────┼────┤',
    '│ s1 │ s1 ║ s1 │ s1 │',
    '└────┴────╨────┴────┘',
  ]);
  expect(text).toMatch(/^\(1,1\) +1 +3-5 +2-3 +2-3 +96-159 +192-383 +96-159 +8000-15999 /m);
  expect(text).toMatch(/^channels +\d+; a decoded token sends /m);
  expect(text).toMatch(/^host +a decoded token takes up to [\d,]+ bytes of step records/m);
  expect(text).toMatch(/^chip 0 > chip 1 +\d+ +\d+ +[\d,]+$/m);
});

test('plan maps experts to tiles, whole or by rows', async () => {
  const words = ['plan', 'synthetic:moe-tiny', '--grid', '3x1', '--experts'];
  const whole = await runCliWell([...words, 'whole']);
  expect(whole).toMatch(/^\(0,0\) +0-1 +0-2 +0-31 +0-63 +72\.0 KiB +144\.0 KiB$/m);
  expect(whole).toMatch(/^\(2,0\) +0-1 +6-7 +0-31 +0-63 +48\.0 KiB +96\.0 KiB$/m);
  expect(whole).toMatch(/^grid .*column plan, experts whole, /m);
  const rows = await runCliJson([...words, 'rows', '--json']);
  const tiles = rows['tiles'] as { experts: { layer: number; bytes: number }[] }[];
  expect(rows['experts']).toBe('rows');
  for (const { experts } of tiles) {
    expect(experts.map(({ layer }) => layer)).toEqual([0, 1]);
    expect(experts[0]).toMatchObject({ experts: { start: 0, count: 8 } });
  }
  const { experts } = await runCliJson([...words, 'auto', '--as', 'h100', '--json']);
  expect(['whole', 'rows']).toContain(experts);
  const dense = await runCliJson(['plan', 'synthetic:tiny', '--json']);
  expect(dense).not.toHaveProperty('experts');
});

test('plan --json gives shares that cover each matrix, and bytes that add up', async () => {
  const words = ['plan', 'synthetic:tiny:q8_0', '--grid', '3x1', '--dice', '3x1', '--json'];
  const plan = await runCliJson(words);
  const tiles = plan['tiles'] as Tile[];
  expect(tiles).toHaveLength(3);
  for (const [kind, rowCount] of [
    ['embed', 512],
    ['gate', 96],
    ['down', 64],
    ['k', 32],
  ] as const) {
    const rows = tiles.reduce((sum, { matrices }) => sum + (matrices[kind]?.rows.count ?? 0), 0);
    expect([kind, rows]).toEqual([kind, rowCount]);
  }
  for (const tile of tiles) {
    expect(tile.paddingBytes).toBeLessThan(tile.weightBytes);
    expect(tile.weightBytes + tile.kvBytes).toBeLessThan(tile.sramBytes);
    expect(tile.chip).toBe(tile.x);
  }
  const kerfs = plan['kerfs'] as { payloadBytes: number }[];
  const crossing = kerfs.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0);
  // Every tile is a chip of its own: all that is sent crosses a kerf.
  expect(plan['perToken']).toMatchObject({ payloadBytes: crossing });
  expect(plan).not.toHaveProperty('tiles.0.program');
});
