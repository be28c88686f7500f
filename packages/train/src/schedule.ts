/**
 * The learning rate of a step: linear warm-up, then constant, cosine, or stable and decay (WSD).
 *
 *   warm-up    s ≤ W      lr · s / W
 *   cosine     s > W      minLr + (lr - minLr) / 2 · (1 + cos(π (s - W) / (N - W)))
 *   wsd        last D     lr - (lr - minLr) · (s - (N - D)) / D
 *
 * Source: Loshchilov and Hutter 2017 (cosine); Hu et al. 2024 (WSD).
 */
import { WaferError } from '@wafer/core';
import { checkSettings } from './settings.ts';
import type { ScheduleSettings, TrainSettings } from './settings.ts';

/** The rate of step s = 1 … N. */
export function learningRate(schedule: ScheduleSettings, step: number, steps: number): number {
  const { kind, lr, minLr, warmup, decaySteps } = schedule;
  if (step <= warmup) return (lr * step) / warmup;
  switch (kind) {
    case 'constant':
      return lr;
    case 'cosine': {
      const part = Math.min(1, (step - warmup) / (steps - warmup));
      return minLr + ((lr - minLr) / 2) * (1 + Math.cos(Math.PI * part));
    }
    case 'wsd': {
      const into = step - (steps - decaySteps);
      return into <= 0 ? lr : lr - ((lr - minLr) * Math.min(into, decaySteps)) / decaySteps;
    }
  }
}

/**
 * Settings of a run that ends at another step, and falls over other ones, than it was asked to.
 * The steps done must have had the rates of the new settings, so that the weights are those of a
 * run that was asked so from its start. Throws: TRAIN_OPTION where they had others.
 */
export function withOtherEnd(
  settings: TrainSettings,
  other: { steps?: number | undefined; decaySteps?: number | undefined },
  stepsDone: number,
): TrainSettings {
  const { steps = settings.steps, decaySteps = settings.schedule.decaySteps } = other;
  const schedule = { ...settings.schedule, decaySteps };
  const changed = checkSettings({ ...settings, steps, schedule });
  for (let step = 1; step <= stepsDone; step++) {
    const rate = learningRate(settings.schedule, step, settings.steps);
    if (steps >= stepsDone && rate === learningRate(schedule, step, steps)) continue;
    const expected = `an end that leaves the rates of the ${stepsDone} steps done as they were`;
    throw new WaferError('TRAIN_OPTION', { option: 'steps', value: steps, expected });
  }
  return changed;
}
