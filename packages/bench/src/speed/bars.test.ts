import { expect, test } from 'vitest';
import { spreadOf } from '../statistics.ts';
import { barsOf } from './bars.ts';
import type { SpeedGroup, SpeedRow } from './speed-row.ts';
import type { SpeedTask } from '../task/speed-task.ts';

const DECODE: SpeedTask = { kind: 'decode', sequences: 1, promptTokens: 8, tokens: 64 };
const PREFILL: SpeedTask = { kind: 'prefill', promptTokens: 128 };
const START: SpeedTask = { kind: 'start', promptTokens: 8 };

function row(
  engine: SpeedRow['engine'],
  task: SpeedTask,
  samples: number[],
  more: Partial<SpeedRow> = {},
): SpeedRow {
  return {
    ...{ model: 'm', type: 'f32', engine, threads: 1, task, name: '', unit: 'tokens/s' },
    isRevectorized: engine === 'wafer' ? true : undefined,
    activations: engine === 'wafer' ? 'f32' : undefined,
    ...{ value: spreadOf(samples), samples, tokensHash: '', shares: undefined },
    ...{ gigabytesPerSecond: samples[0]! / 2, gigaflopsPerSecond: undefined },
    ...{
      readShare: undefined,
      fmaShare: undefined,
      loadMs: undefined,
      touchShare: undefined,
      rssBytes: 500e6,
    },
    ...more,
  };
}

function group(rows: SpeedRow[], more: Partial<SpeedGroup> = {}): SpeedGroup {
  return {
    ...{ model: 'm', type: 'f32', layerCount: 12, modelWidth: 768, weightBytes: 400e6 },
    ...{ readBytesPerToken: 400e6, neededBytes: 500e6, rows, ceilings: [], logitsDifferences: {} },
    ...more,
  };
}

const pick = (groups: SpeedGroup[], what: RegExp): ReturnType<typeof barsOf> =>
  barsOf(groups).filter((bar) => what.test(bar.what));

test('a peer stands with its better number of threads, and ratios are by round', () => {
  const rows = [
    row('wafer', DECODE, [60, 30, 66]),
    row('llama-cpp', DECODE, [50, 25, 55], { threads: 1 }),
    row('llama-cpp', DECODE, [30, 30, 30], { threads: 2 }),
  ];
  const [bar, ...more] = pick([group(rows)], /decode 1$/);
  expect(more).toEqual([]);
  expect(bar).toMatchObject({ ratio: 1.2, bar: 1.15, isMet: true, other: 50 });
  expect(bar!.against).toBe('llama-cpp, 1 thread');
  const slower = [row('wafer', DECODE, [50, 25, 55]), ...rows.slice(1)];
  expect(pick([group(slower)], /decode 1$/)[0]).toMatchObject({ ratio: 1, isMet: false });
});

test('vectors of 128 bits have bars of their own', () => {
  const rows = [
    row('wafer', DECODE, [60], { isRevectorized: true }),
    row('wafer', DECODE, [56], { isRevectorized: false }),
    row('llama-cpp', DECODE, [50]),
  ];
  expect(pick([group(rows)], /128 bits/)).toMatchObject([{ ratio: 1.12, bar: 1.1, isMet: true }]);
});

test('a bar without rows is left out, and so are unknown models', () => {
  expect(barsOf([group([])])).toEqual([]);
  expect(pick([group([row('wafer', DECODE, [60])])], /decode 1/)).toEqual([]);
  const rows = [row('wafer', DECODE, [60]), row('llama-cpp', DECODE, [50])];
  expect(barsOf([group(rows, { layerCount: 3 })])).toEqual([]);
});

test('rounded activations clear no bar', () => {
  const rows = [
    row('wafer', DECODE, [40]),
    row('wafer', DECODE, [90], { activations: 'int8' }),
    row('llama-cpp', DECODE, [50]),
  ];
  expect(pick([group(rows)], /decode 1$/)).toMatchObject([{ ratio: 0.8, isMet: false }]);
});

test('two tiles stand against one', () => {
  const rows = [
    row('wafer', PREFILL, [100, 110], { threads: 1 }),
    row('wafer', PREFILL, [190, 209], { threads: 2 }),
  ];
  expect(pick([group(rows)], /2 tiles/)).toMatchObject([{ ratio: 1.9, isMet: true }]);
});

test('bytes per second stand against a plain sum of as many threads, round by round', () => {
  const task = { quantity: 'read', threadCount: 1 } as const;
  const ceilings = [
    { isRevectorized: true, task, value: spreadOf([40, 20]), samples: [40, 20] },
    { isRevectorized: false, task, value: spreadOf([1, 1]), samples: [1, 1] },
  ];
  const rows = [row('wafer', DECODE, [64, 32], { gigabytesPerSecond: 24 })];
  const [bar] = pick([group(rows, { ceilings })], /whole decode/);
  expect(bar).toMatchObject({ ratio: 0.8, bar: 0.82, isMet: false, wafer: 24, other: 30 });
});

test('embedding texts and the first token stand beside a peer, loading beside touching', () => {
  const embed: SpeedTask = { kind: 'embed', texts: 64 };
  const rows = [
    row('wafer', embed, [30]),
    row('llama-cpp', embed, [25]),
    row('wafer', START, [580], { loadMs: 400, touchShare: 0.75 }),
    row('llama-cpp', START, [400]),
  ];
  const given = group(rows);
  expect(pick([given], /embed/)).toMatchObject([{ ratio: 1.2, bar: 1, isMet: true }]);
  expect(pick([given], /touching/)).toMatchObject([
    { ratio: 0.75, bar: 0.8, wafer: 1, isMet: false, against: 'same threads, pages got alike' },
  ]);
  expect(pick([given], /first/)).toMatchObject([{ ratio: 1.45, bar: 1.5, isMet: true }]);
  const blocks = pick([{ ...given, type: 'q8_0' }], /first/);
  expect(blocks).toMatchObject([{ bar: 1, isAtMost: true, isMet: false }]);
});

test('memory and the time to the first token must be low, loading fast', () => {
  const rows = [
    row('wafer', DECODE, [60], { rssBytes: 724e6 }),
    row('wafer', START, [300], { loadMs: 250 }),
  ];
  expect(pick([group(rows)], /resident/)).toMatchObject([{ isAtMost: true, isMet: true }]);
  expect(pick([group(rows, { neededBytes: 400e6 })], /resident/)).toMatchObject([{ isMet: false }]);
  expect(pick([group(rows)], /load/)).toMatchObject([{ ratio: 1.6, isMet: true }]);
  const small = group([row('wafer', START, [90]), row('llama-cpp', START, [100])], {
    layerCount: 6,
    modelWidth: 288,
  });
  expect(pick([small], /first token/)).toMatchObject([{ ratio: 0.9, isMet: true }]);
});
