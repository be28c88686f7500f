/**
 * The learning rate of a step: linear warm-up, then constant, cosine, or stable and decay (WSD).
 *
 *   warm-up    s ≤ W      lr · s / W
 *   cosine     s > W      minLr + (lr - minLr) / 2 · (1 + cos(π (s - W) / (N - W)))
 *   wsd        last D     lr - (lr - minLr) · (s - (N - D)) / D
 *
 * Source: Loshchilov and Hutter 2017 (cosine); Hu et al. 2024 (WSD).
 */
import type { ScheduleSettings } from './settings.ts';

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
