import { expect, test } from 'vitest';
import type { CeilingTask } from '../calibrate/ceilings.ts';
import { describeSetting } from '../machine.ts';
import { spreadOf } from '../statistics.ts';
import { linesOf } from '../table.ts';
import { taskName, unitOf } from '../task/speed-task.ts';
import type { SpeedTask } from '../task/speed-task.ts';
import { speedLines } from './speed-report.ts';
import type { SpeedReport } from './run-speed.ts';
import type { MeasuredCeiling, SpeedRow } from './speed-row.ts';

const TASKS: readonly SpeedTask[] = [
  { kind: 'prefill', promptTokens: 128 },
  { kind: 'prefill', promptTokens: 512 },
  { kind: 'decode', sequences: 1, promptTokens: 8, tokens: 64 },
  { kind: 'decode', sequences: 32, promptTokens: 8, tokens: 24 },
];
const SHARE = { compute: 0.93, send: 0.01, wait: 0.05, idle: 0.01 };

function rowFor(task: SpeedTask, threads: number, isRevectorized: boolean): SpeedRow {
  const samples = [120.25 * threads, 0.004 * threads];
  return {
    ...{ model: 'synthetic-15m', type: 'q8_0', engine: 'wafer', threads, isRevectorized },
    ...{ activations: 'f32', task, name: taskName(task), unit: unitOf(task) },
    ...{ value: spreadOf(samples), samples, tokensHash: 'd1db66e2d1db66e2' },
    ...{ shares: Array.from({ length: threads }, () => SHARE), gigabytesPerSecond: 0.0041 },
    ...{ gigaflopsPerSecond: 21.04, readShare: 0.02, fmaShare: 0.2, rssBytes: 2 ** 27 },
    ...{ loadMs: undefined, touchShare: undefined },
  };
}

function ceilingFor(quantity: CeilingTask['quantity'], threadCount: number): MeasuredCeiling {
  const samples = [20 * threadCount];
  const task = { quantity, threadCount };
  return { isRevectorized: true, task, value: spreadOf(samples), samples };
}

const rows = TASKS.flatMap((task) =>
  [1, 2].flatMap((threads) => [true, false].map((is256) => rowFor(task, threads, is256))),
);
const ceilings = [1, 2].flatMap((threads) => [
  ceilingFor('read', threads),
  ceilingFor('fma', threads),
]);
const report: SpeedReport = {
  ...{ setting: describeSetting(), rounds: 1, peers: [], tokensHash: '0123456789abcdef' },
  groups: [
    {
      ...{ model: 'synthetic-15m', type: 'q8_0', layerCount: 6, modelWidth: 288, rows, ceilings },
      ...{ weightBytes: 2 ** 24, readBytesPerToken: 2 ** 24, neededBytes: 2 ** 25 },
      logitsDifferences: {},
    },
  ],
};

test.each([
  [40, 95],
  [80, 75],
  [120, 60],
  [160, 35],
])('a report of 16 rows at %i columns takes no more than %i lines', (columns, most) => {
  const lines = linesOf(speedLines(report), columns);
  expect(lines.length).toBeLessThanOrEqual(most);
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
});

test('ceilings are a table, figures are no 0 unless they are, one round is one', () => {
  const text = linesOf(speedLines(report), 160).join('\n');
  expect(text).toContain('medians of 1 interleaved round,');
  expect(text).toMatch(
    /^ceilings of this machine:\nthreads +bits +read GB\/s +multiply-add GFLOP\/s$/m,
  );
  expect(text).toMatch(/^ +1 +256 +20\.0 +20\.0$/m);
  expect(text).toMatch(/^prefill 128 .* 0\.00400-120 .* 0\.00410 +2% /m);
});
