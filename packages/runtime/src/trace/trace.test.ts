import { expect, test } from 'vitest';
import { Wafer } from '../wafer.ts';
import { createTraceRing, readTraceRing, TraceWriter } from './trace-ring.ts';

test('a full ring keeps the newest records, oldest first', () => {
  const ring = createTraceRing(4);
  const writer = new TraceWriter(ring, performance.timeOrigin);
  for (let i = 0; i < 10; i++) writer.write(i, i + 0.5, 3, i);
  const { records, lostCount } = readTraceRing(ring);
  expect(lostCount).toBe(6);
  expect(records.map(({ code }) => code)).toEqual([6, 7, 8, 9]);
  expect(records[0]).toEqual({ startMs: 6, endMs: 6.5, track: 3, code: 6 });
});

test('a run traces every instruction of every tile once per step, within the run', async () => {
  const startUs = performance.now() * 1000;
  await using wafer = await Wafer.start({
    model: 'synthetic:tiny',
    grid: '2x1',
    traceRecords: 10_000,
  });
  for await (const _ of wafer.generate([1, 2, 3], { maxTokens: 4, temperature: 0 })) void _;
  const { stepCount } = await wafer.metrics();
  const { traceEvents, otherData } = wafer.trace();
  expect(otherData.lostRecords).toBe(0);
  const named = traceEvents.filter(({ ph }) => ph === 'M').map(({ args }) => args);
  const names = ['Wafer.Engine', 'Wafer.Tile[0][0]', 'Wafer.Tile[1][0]'];
  expect(named).toEqual(names.map((name) => ({ name })));
  const spans = traceEvents.filter(({ ph }) => ph === 'X');
  const endUs = performance.now() * 1000;
  for (const { ts, dur } of spans) {
    expect(ts).toBeGreaterThan(startUs);
    expect(ts! + dur!).toBeLessThan(endUs);
    expect(dur).toBeGreaterThanOrEqual(0);
  }
  for (const tile of [0, 1]) {
    const own = spans.filter(({ tid, cat }) => tid === tile + 1 && cat !== 'wait');
    expect(own).toHaveLength(stepCount * wafer.plan.tiles[tile]!.programs.infer.length);
  }
  expect(spans.filter(({ tid, name }) => tid === 0 && name === 'step')).toHaveLength(stepCount);
});

test('without a trace there are no events but names', async () => {
  await using wafer = await Wafer.start({ model: 'synthetic:tiny', grid: '1x1' });
  for await (const _ of wafer.generate([1], { maxTokens: 1 })) void _;
  expect(wafer.trace().traceEvents.every(({ ph }) => ph === 'M')).toBe(true);
});
