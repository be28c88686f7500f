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
    dice: '2x1',
    traceRecords: 10_000,
  });
  for await (const _ of wafer.generate([1, 2, 3], { maxTokens: 4, temperature: 0 })) void _;
  const { stepCount } = await wafer.metrics();
  const { traceEvents, otherData } = wafer.trace();
  expect(otherData.lostRecords).toBe(0);
  const named = traceEvents.filter(({ ph }) => ph === 'M');
  expect(named.map(({ name, pid, args }) => [name, pid, args])).toEqual([
    ['process_name', 1, { name: 'Wafer' }],
    ['thread_name', 1, { name: 'Wafer.Engine' }],
    ['process_name', 2, { name: 'Wafer.Chip[0]' }],
    ['thread_name', 2, { name: 'Wafer.Tile[0][0]' }],
    ['process_name', 3, { name: 'Wafer.Chip[1]' }],
    ['thread_name', 3, { name: 'Wafer.Tile[1][0]' }],
  ]);
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
  // Every message is an arrow from the other tile, forward in time.
  const messages = wafer.traffic().channels.reduce((sum, { messages: count }) => sum + count, 0);
  const starts = traceEvents.filter(({ ph }) => ph === 's');
  expect(starts).toHaveLength(messages);
  for (const { id, tid, ts } of starts) {
    const end = traceEvents.find((event) => event.ph === 'f' && event.id === id)!;
    expect([end.bp, end.tid]).toEqual(['e', 3 - tid]);
    expect(end.ts).toBeGreaterThan(ts! - 1000);
  }
  const sends = spans.filter(({ cat }) => cat === 'send');
  expect(sends.every(({ args }) => 'bytesPerRow' in args! && args.bytesPerRow! > 0)).toBe(true);
});

test('without a trace there are no events but names', async () => {
  await using wafer = await Wafer.start({ model: 'synthetic:tiny', grid: '1x1' });
  for await (const _ of wafer.generate([1], { maxTokens: 1 })) void _;
  expect(wafer.trace().traceEvents.every(({ ph }) => ph === 'M')).toBe(true);
});
