import { expect, test } from 'vitest';
import { learningRate, withOtherEnd } from './schedule.ts';
import { TRAIN_DEFAULTS } from './settings.ts';
import type { ScheduleSettings, TrainSettings } from './settings.ts';

const BASE: ScheduleSettings = {
  kind: 'cosine',
  lr: 0.003,
  minLr: 0.0003,
  warmup: 3,
  decaySteps: 0,
};

test('warm-up rises to the rate, cosine ends at the least', () => {
  const rates = [1, 2, 3, 12].map((step) => learningRate(BASE, step, 12));
  expect(rates[0]).toBeCloseTo(0.001, 12);
  expect(rates[1]).toBeCloseTo(0.002, 12);
  expect(rates[2]).toBeCloseTo(0.003, 12);
  expect(rates[3]).toBeCloseTo(0.0003, 12);
  // A third of the way down: (1 + cos 60°) / 2 = 0.75 of the way between.
  expect(learningRate(BASE, 6, 12)).toBeCloseTo(0.0003 + 0.0027 * 0.75, 12);
});

test('past its end a schedule stays at the least rate', () => {
  for (const kind of ['cosine', 'wsd'] as const) {
    const schedule: ScheduleSettings = { ...BASE, kind, warmup: 2, decaySteps: 4 };
    for (const step of [10, 11, 15, 18]) {
      expect(learningRate(schedule, step, 10)).toBeCloseTo(0.0003, 12);
    }
  }
});

test('a run may be given another end where its steps so far had the rates of that end', () => {
  const settings = (kind: ScheduleSettings['kind'], steps: number): TrainSettings =>
    ({ ...TRAIN_DEFAULTS, steps, schedule: { ...BASE, kind, warmup: 2, decaySteps: 4 } }) as never;
  const stable = settings('wsd', 10);
  expect(withOtherEnd(stable, { steps: 12 }, 6)).toMatchObject({ steps: 12 });
  expect(withOtherEnd(stable, { steps: 8 }, 4)).toMatchObject({ steps: 8 });
  expect(() => withOtherEnd(stable, { steps: 8 }, 5)).toThrow(/TRAIN_OPTION.*steps.* 5 steps done/);
  expect(() => withOtherEnd(stable, { decaySteps: 6 }, 5)).toThrow(/TRAIN_OPTION.*decaySteps/);
  const constant = settings('constant', 10);
  expect(withOtherEnd(constant, { steps: 6 }, 6)).toMatchObject({ steps: 6 });
  expect(() => withOtherEnd(constant, { steps: 5 }, 6)).toThrow(/TRAIN_OPTION/);
});

test('constant stays after the warm-up', () => {
  const schedule: ScheduleSettings = { ...BASE, kind: 'constant', warmup: 0 };
  expect([1, 7, 50].map((step) => learningRate(schedule, step, 50))).toEqual([0.003, 0.003, 0.003]);
});

test('wsd is stable, then falls in a line over its last steps', () => {
  const schedule: ScheduleSettings = { ...BASE, kind: 'wsd', warmup: 2, decaySteps: 4 };
  const rates = [1, 2, 6, 8, 10].map((step) => learningRate(schedule, step, 10));
  expect([3, 4, 5].map((step) => learningRate(schedule, step, 10))).toEqual([0.003, 0.003, 0.003]);
  expect(rates[0]).toBeCloseTo(0.0015, 12);
  expect(rates[1]).toBeCloseTo(0.003, 12);
  expect(rates[2]).toBe(0.003);
  expect(rates[3]).toBeCloseTo(0.00165, 12);
  expect(rates[4]).toBeCloseTo(0.0003, 12);
});
