import { expect, test } from 'vitest';
import { Wafer } from '../wafer.ts';
import type { ChromeEvent } from './chrome-event.ts';
import { createTraceRing, readTraceRing, TraceWriter } from './trace-ring.ts';

test('a full ring keeps the newest records, oldest first', () => {
  const ring = createTraceRing(4);
  const writer = new TraceWriter(ring, performance.timeOrigin);
  for (let i = 0; i < 10; i++) writer.write(i, i + 0.5, 3, i, 9);
  const { records, lostCount } = readTraceRing(ring);
  expect(lostCount).toBe(6);
  expect(records.map(({ code }) => code)).toEqual([6, 7, 8, 9]);
  expect(records[0]).toMatchObject({ startMs: 6, endMs: 6.5, track: 3, code: 6, step: 9 });
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
  const programs = wafer.plan.tiles.map(({ programs: { infer } }) => infer.length);
  const whole = stepCount * programs.reduce((all, length) => all + length, 0);
  const isOfTile = ({ ph, tid, cat }: ChromeEvent): boolean =>
    ph === 'X' && tid !== 0 && cat !== 'wait';
  // A tile writes of an instruction behind it: of its last one maybe after the answer was there.
  await expect.poll(() => wafer.trace().traceEvents.filter(isOfTile).length).toBe(whole);
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
  // Every message is an arrow from the other tile, with its payload, forward in time.
  const { channels } = wafer.traffic();
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const starts = traceEvents.filter(({ ph }) => ph === 's');
  const ends = new Map(traceEvents.flatMap((e) => (e.ph === 'f' ? [[e.id, e] as const] : [])));
  expect(starts).toHaveLength(sum(channels.map(({ messages }) => messages)));
  const payload = sum(channels.map(({ payloadBytes }) => payloadBytes));
  const bytesOf = ({ args }: ChromeEvent): number => (args as { bytes: number }).bytes;
  expect(sum(starts.map(bytesOf))).toBe(payload);
  for (const kind of ['send', 'receive']) {
    expect(sum(spans.filter(({ cat }) => cat === kind).map(bytesOf))).toBe(payload);
  }
  const backward = starts.filter(({ id, tid, ts }) => {
    const end = ends.get(id)!;
    return end.bp !== 'e' || end.tid !== 3 - tid || end.ts! < ts!;
  });
  expect(backward).toEqual([]);
  expect(otherData.virtualClock).toBe(false);
});

test('tiles with a virtual clock have tracks of it, as long as the engine counts', async () => {
  await using wafer = await Wafer.start({
    model: 'synthetic:tiny',
    grid: '2x1',
    dice: '2x1',
    traceRecords: 10_000,
    virtual: { machine: 'h100', link: 'nvlink4' },
  });
  let virtualNs = 0;
  for await (const piece of wafer.generate([1, 2, 3], { maxTokens: 4, temperature: 0 })) {
    virtualNs = piece.virtualNs ?? virtualNs;
  }
  const { traceEvents, otherData } = wafer.trace();
  expect(otherData.virtualClock).toBe(true);
  const processes = traceEvents.filter(({ name }) => name === 'process_name');
  const ids = processes.flatMap(({ pid, args }) =>
    (args as { name: string }).name.endsWith(', virtual clock') ? [pid] : [],
  );
  expect(ids).toEqual([4, 5]);
  const spans = traceEvents.filter(({ ph, pid }) => ph === 'X' && ids.includes(pid));
  const startUs = Math.min(...spans.map(({ ts }) => ts!));
  const endUs = Math.max(...spans.map(({ ts, dur }) => ts! + dur!));
  expect((endUs - startUs) * 1000).toBeCloseTo(virtualNs, 0);
  const arrows = traceEvents.filter(({ ph, pid }) => ph === 's' && ids.includes(pid));
  expect(arrows).toHaveLength(traceEvents.filter(({ ph }) => ph === 's').length / 2);
  // A message arrives after it was sent by no less than the link takes.
  const ends = new Map(traceEvents.flatMap((e) => (e.ph === 'f' ? [[e.id, e] as const] : [])));
  expect(arrows.every(({ id, ts }) => ends.get(id)!.ts! > ts!)).toBe(true);
});

test('without a trace there are no events but names', async () => {
  await using wafer = await Wafer.start({ model: 'synthetic:tiny', grid: '1x1' });
  for await (const _ of wafer.generate([1], { maxTokens: 1 })) void _;
  expect(wafer.trace().traceEvents.every(({ ph }) => ph === 'M')).toBe(true);
});
