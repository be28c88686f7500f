/**
 * The bits of logits on every layout, weight type, version of Node.js and width of vectors.
 *
 * Each combination of Node.js and vectors is a process of its own, as the width is a flag of the
 * process; the older Node.js runs wide ones. Every line that one of them prints must be the line of
 * all others. The newer Node.js with wide vectors runs every layout; the other two share them, as
 * what a layout gives is compared with one tile in each process.
 */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { fetchNode, mustRun, ROOT } from './packed.ts';

const PROGRAM = `
  const { createHash } = await import('node:crypto');
  const { Wafer } = await import('@wafer/runtime');
  const { syntheticModel, SYNTHETIC_SPECS } = await import('@wafer/models');
  const [, width, share] = process.argv;
  const revectorize = width === 'wide';
  const spec = { ...SYNTHETIC_SPECS.tiny, layerCount: 4, kvHeadCount: 4, ffnWidth: 160 };
  const layouts = [
    { grid: '1x1' }, { grid: '2x1' }, { grid: '3x1' }, { grid: '4x1' }, { grid: '8x1' },
    { grid: '2x2' }, { grid: '3x3' }, { grid: '2x1', threads: 1 }, { grid: '4x1', threads: 4 },
    { grid: '2x1', stages: 2 }, { grid: '3x1', stages: 3 }, { grid: '4x1', stages: 4 },
    { grid: '4x2', stages: 2 }, { grid: '2x4', stages: 4, threads: 8 },
    { grid: '2x1', dice: '2x1' }, { grid: '2x2', dice: '2x2' },
    { grid: '4x2', stages: 2, dice: '2x1' },
    { grid: '2x1', prefillChunk: 1 }, { grid: '2x1', prefillChunk: 7 },
    { grid: '2x1', prefillChunk: 64 }, { grid: '2x1', reusePrefixes: false },
  ];
  const prompt = Array.from({ length: 70 }, (_, i) => (i * 37 + 11) % 500);
  const result = {};
  for (const type of ['f32', 'f16', 'q8_0']) {
    const model = syntheticModel({ name: type, spec, type, seed: 3 });
    const hashes = new Set();
    // f32 meets every layout, the others take turns; all begin with one tile.
    const turn = ['f16', 'q8_0'].indexOf(type);
    const typed = layouts.filter((_, i) => turn < 0 || i === 0 || i % 2 === turn);
    const own = typed.filter((_, i) => share === 'all' || i === 0 || i % 2 === Number(share));
    for (const layout of own) {
      const options = { model, tokensPerStep: 64, contextTokens: 128, revectorize, ...layout };
      await using wafer = await Wafer.start(options);
      const hash = createHash('sha256');
      for await (const { logits } of wafer.logits(prompt)) hash.update(logits);
      hashes.add(hash.digest('hex'));
    }
    result[type] = [...hashes];
  }
  console.log(JSON.stringify(result));
`;

const nodes: Record<string, string> = {};
const printed = new Set<string>();

beforeAll(() => {
  for (const major of ['24', '26']) nodes[major] = fetchNode(major);
});

test.each([
  ['24', 'wide', '0'],
  ['26', 'narrow', '1'],
  ['26', 'wide', 'all'],
])('on Node.js %s with %s vectors all layouts give the same bits', (major, width, share) => {
  const args = ['--input-type=module', '-e', PROGRAM, width, share];
  const output = mustRun(nodes[major] ?? '', args, join(ROOT, 'test'));
  const hashes = JSON.parse(output) as Record<string, string[]>;
  for (const [type, seen] of Object.entries(hashes)) expect(seen, type).toHaveLength(1);
  printed.add(output);
});

test('and they are the same bits everywhere', () => {
  expect(printed.size).toBe(1);
});
