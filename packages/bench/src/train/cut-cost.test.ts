import { specOfShape, trainProgram, TrainRun } from '@wafer/train';
import { expect, test } from 'vitest';
import { cutCostOf, cutMeasuredOf } from './cut-cost.ts';
import { linesOf } from '../table.ts';
import { trainLines } from './train-lines.ts';
import type { TrainBenchRow } from './run-train.ts';
import type { TrainPeerRow } from './train-peers.ts';
import { arrangementsOf, TRAIN_CASE_QUICK, TRAIN_CASES } from './train-cases.ts';

test('a cut carries gradients, rows or shares of layers, and one thread nothing', () => {
  const one = { ...TRAIN_CASE_QUICK['tiny']!, layers: 1, heads: 1, kvHeads: 1 };
  const alone = { replicas: 1, stages: 1, tiles: 1, recompute: false };
  const use = { context: 16, rowsOfStep: 2, shape: alone, rounding: 'fused' } as const;
  const run = new TrainRun(trainProgram(specOfShape(one)), use);
  const costs = (change: Partial<typeof alone>) => cutCostOf(run, { ...alone, ...change });
  expect(costs({})).toEqual({ bytes: 0, bubble: 0 });
  expect(costs({ replicas: 3 }).bytes).toBe(4 * run.layout.trainedBytes);
  // 2 rows of 16 tokens of 16 columns in f32, there and back.
  expect(costs({ stages: 2 })).toEqual({ bytes: 2 * 2 * 16 * 16 * 4, bubble: 1 / 3 });
  // q, k, v, o: 16 in, 16 out; gate, up: 16 in, 24 out; down: 24 in, 16 out; the head's inputs.
  expect(costs({ tiles: 2 }).bytes).toBe(2 * 16 * 4 * (4 * 32 + 3 * 40 + 16));
});

test('what a bench of training found fits any terminal', () => {
  const row: TrainBenchRow = {
    ...{ shape: '15m', arrangement: '2 replicas diced', rows: 8, tokensPerSecond: 123_456 },
    ...{ shareOfPeak: 0.5, shareByProcessorTime: 0.61, gain: 1.84, bar: 1.8 },
    ...{ plannedBytes: 2 ** 29, takenBytes: 2 ** 29 + 1, hash: '0123456789abcdef' },
    cut: { bytes: 2 ** 25, bubble: 0.1 },
    measured: { bytes: 0, overheadBytes: 0, waitShare: 0.12, exchangeShare: 0.34 },
  };
  const peer: TrainPeerRow = {
    ...{ shape: '15m', peer: 'pytorch', version: '1.13.0a0', vectors: '256-bit', threads: 2 },
    ...{ blas: 'OpenBLAS', rows: 8, tokensPerSecond: 654_321, ratio: 1.37, bar: 1 },
  };
  const lines = trainLines({ peaks: [60, 110], rows: [row], peers: [peer] });
  for (const width of [40, 80, 120]) {
    const shown = linesOf(lines, width);
    expect(shown.filter((line) => line.length > width)).toEqual([]);
    for (const cell of ['123456', '61%', '1.84', '12%', '34%', '654321', '1.37', '1.0']) {
      expect(shown.join('\n')).toContain(cell);
    }
  }
});

test('what was measured is told per step, and waits as shares', () => {
  const pair = { source: 0, target: 1, messages: 3, payloadBytes: 90, overheadBytes: 30 };
  const stage = { replica: 0, stage: 0, rowsMs: 30, waitsMs: 3, exchangesMs: 4 };
  const traffic = [pair, { ...pair, source: 1, target: 0 }];
  const times = [stage, { ...stage, stage: 1, waitsMs: 9 }];
  const measured = cutMeasuredOf({ traffic, times }, { steps: 3, allMs: 40 });
  const shares = { waitShare: 12 / 60, exchangeShare: 0.1 };
  expect(measured).toEqual({ bytes: 80, overheadBytes: 20, ...shares });
  const none = { bytes: 0, overheadBytes: 0, waitShare: 0, exchangeShare: 0 };
  const idle = [{ ...stage, rowsMs: 0, waitsMs: 0, exchangesMs: 0 }];
  expect(cutMeasuredOf({ traffic: [], times: idle }, { steps: 1, allMs: 1 })).toEqual(none);
});

test('one thread is measured at each number of rows that others are held against', () => {
  for (const one of Object.values({ ...TRAIN_CASES, ...TRAIN_CASE_QUICK })) {
    const all = arrangementsOf(one);
    const alone = all.filter(({ name }) => name === 'one thread').map(({ rows }) => rows);
    expect(all.every(({ rows }) => alone.includes(rows))).toBe(true);
    expect(new Set(alone).size).toBe(alone.length);
  }
});
