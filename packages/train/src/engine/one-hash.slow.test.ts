import { createHash } from 'node:crypto';
import { detectRounding } from '@wafer/kernels';
import { expect, test } from 'vitest';
import { fillInitial } from '../model/shape-spec.ts';
import { trainProgram } from '../network/program.ts';
import { seededRow, TINY } from '../reference/test-models.ts';
import { TRAIN_DEFAULTS } from '../settings.ts';
import type { TrainShape } from './layout.ts';
import { TrainRun } from './run.ts';
import type { CutOptions } from './run.ts';

const ONE: TrainShape = { replicas: 1, stages: 1, tiles: 1, recompute: false };
const STEPS = 20;
const ROWS = 8;
const CONTEXT = 40;

const PROGRAM = trainProgram({ ...TINY, layerCount: 3 });

/** The hash of weights and moments after 20 steps. */
async function hashOf(change: Partial<TrainShape>, cut?: CutOptions): Promise<string> {
  const shape = { ...ONE, ...change };
  const use = { context: CONTEXT, rowsOfStep: ROWS, shape, rounding: detectRounding(), cut };
  const run = new TrainRun(PROGRAM, use);
  PROGRAM.tensors.forEach((tensor, index) => {
    const target = run.tensor('weights', tensor.name);
    fillInitial(target, tensor, { spec: PROGRAM.spec, seed: 1, index });
  });
  const { optimizer } = TRAIN_DEFAULTS;
  for (let step = 1; step <= STEPS; step++) {
    const rows = Array.from({ length: ROWS }, (_, row) =>
      seededRow(TINY.vocabCount, CONTEXT, { seed: step * ROWS + row, split: row }),
    );
    await run.step(rows, { optimizer, lr: 0.01, clip: 1, update: step });
  }
  await run.gather();
  const hash = createHash('sha256');
  for (const region of ['weights', 'first', 'second'] as const) hash.update(run.bytes(region));
  await run.close();
  return hash.digest('hex');
}

const SHAPES: Partial<TrainShape>[] = [
  { tiles: 2 },
  { tiles: 4 },
  { stages: 2 },
  { stages: 3 },
  { replicas: 2 },
  { replicas: 4 },
  { recompute: true },
  { replicas: 2, stages: 3, tiles: 2, recompute: true },
];

const CUTS: [Partial<TrainShape>, CutOptions][] = [
  [{ stages: 2 }, { chips: 2, link: 'port' }],
  [{ replicas: 2 }, { chips: 2, link: 'port' }],
  [
    { replicas: 2, stages: 3, tiles: 2, recompute: true },
    { chips: 4, link: 'port' },
  ],
];

test('weights and moments after 20 steps have one hash, whoever computed them', async () => {
  const table: Record<string, string> = {};
  const alone = await hashOf({});
  for (const shape of SHAPES) table[JSON.stringify(shape)] = await hashOf(shape);
  for (const [shape, cut] of CUTS) {
    table[JSON.stringify({ ...shape, ...cut })] = await hashOf(shape, cut);
  }
  const expected = Object.fromEntries(Object.keys(table).map((shape) => [shape, alone]));
  expect(table).toEqual(expected);
});
