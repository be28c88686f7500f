import { expect, test } from 'vitest';
import { ServiceTime } from './service-time.ts';

/** Runs answers of `work` each, `atOnce` at a time and one after the other, as `msOf` has it. */
function run(
  times: ServiceTime,
  msOf: (atOnce: number) => number,
  { atOnce, count, fromMs }: { atOnce: number; count: number; fromMs: number },
): number {
  let nowMs = fromMs;
  times.change(atOnce, nowMs);
  for (let i = 0; i < count; i++) {
    // Their ends are spread evenly over the time of one.
    nowMs += msOf(atOnce) / atOnce;
    times.end(1, nowMs);
    times.change(1, nowMs);
  }
  times.change(-atOnce, nowMs);
  return nowMs;
}

const msOf = (atOnce: number): number => 10 * (atOnce + 6);

test('before anything ended nothing is known', () => {
  const times = new ServiceTime(4);
  times.change(3, 0);
  times.change(-3, 100);
  expect(times.ms(4)).toBe(0);
});

test('what an answer takes is learned, whatever idle time and waiting lie between', () => {
  const times = new ServiceTime(4);
  let nowMs = run(times, msOf, { atOnce: 4, count: 40, fromMs: 0 });
  nowMs = run(times, msOf, { atOnce: 4, count: 40, fromMs: nowMs + 10_000 });
  expect(times.ms(4)).toBeCloseTo(msOf(4), 6);
  // Three more than there are slots wait, and take no time of their own.
  times.change(7, nowMs);
  for (let i = 1; i <= 3; i++) times.end(1, nowMs + (i * msOf(4)) / 4);
  expect(times.ms(4)).toBeCloseTo(msOf(4), 6);
});

test('from few at once it is told what many take, neither for nothing nor in proportion', () => {
  const times = new ServiceTime(64);
  let nowMs = 0;
  for (const atOnce of [1, 12, 3, 20, 6]) {
    nowMs = run(times, msOf, { atOnce, count: 20, fromMs: nowMs });
  }
  expect(times.ms(64) / msOf(64)).toBeGreaterThan(0.85);
  expect(times.ms(64) / msOf(64)).toBeLessThan(1.15);
  // One level alone says nothing of the slope: the usual one is taken.
  const level = new ServiceTime(64);
  run(level, msOf, { atOnce: 8, count: 100, fromMs: 0 });
  expect(level.ms(64)).toBeGreaterThan(3 * msOf(8));
  expect(level.ms(64)).toBeLessThan(8 * msOf(8));
});

test('a machine that slows down is noticed', () => {
  const times = new ServiceTime(4);
  const nowMs = run(times, msOf, { atOnce: 4, count: 1000, fromMs: 0 });
  run(times, (atOnce) => 3 * msOf(atOnce), { atOnce: 4, count: 400, fromMs: nowMs });
  expect(times.ms(4) / msOf(4)).toBeGreaterThan(2.6);
});

test('answers that went without having run tell nothing; ends at one moment share a point', () => {
  const times = new ServiceTime(4);
  times.change(2, 0);
  times.change(-1, 50);
  times.end(1, 100);
  expect(times.ms(1)).toBeCloseTo(150 - 0.5 * (150 / 5.5), 6); // half an answer less ran beside it
  const many = new ServiceTime(4);
  for (let nowMs = 0; nowMs < 40_000; nowMs += 100) {
    many.change(4, nowMs);
    many.end(1, nowMs + 100);
    many.end(3, nowMs + 100);
  }
  expect(Math.abs(many.ms(4) / 100 - 1)).toBeLessThan(0.02);
});
