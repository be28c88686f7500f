/**
 * What a training run is asked to do: plain data, checked once at the border.
 *
 * The same settings give the same weights, whatever the number of threads. Letters: B rows of a
 * microbatch, T tokens of a row, k microbatches of a step.
 */
import { WaferError } from '@wafer/core';

/** How weights move. `momentum` counts for sgd and muon alone, the betas for adamw and muon. */
export interface OptimizerSettings {
  kind: 'adamw' | 'muon' | 'sgd';
  weightDecay: number;
  beta1: number;
  beta2: number;
  eps: number;
  momentum: number;
}

/** How the learning rate goes over the steps. */
export interface ScheduleSettings {
  kind: 'constant' | 'cosine' | 'wsd';
  lr: number;
  minLr: number;
  /** Steps of linear warm-up. */
  warmup: number;
  /** `wsd`: steps at the end over which the rate falls to minLr. */
  decaySteps: number;
}

/** Rows of text in which order: as they lie, or in a new seeded order each epoch. */
export type RowOrder = 'sequential' | 'shuffled';

/** What rows read of the weights: as they are kept, or rounded. */
export type WeightFormat = 'f32' | 'bf16';

/** All of a run but its data and its model. */
export interface TrainSettings {
  steps: number;
  /** Rows of a microbatch, B. */
  batch: number;
  /** Tokens of a row, T. */
  context: number;
  /** Microbatches of a step, k. */
  accumulate: number;
  /** Largest norm of all gradients; 0: they are never scaled. */
  clip: number;
  /** What the squared log-sum-exp of each target counts beside its loss; none: 0. */
  zLoss?: number | undefined;
  /** What the balance of experts counts; none: what the model says. */
  balanceLoss?: number | undefined;
  order: RowOrder;
  seed: number;
  /** What rows read of matrices: as they are kept, in f32, or rounded to bf16 (default: f32). */
  weights?: WeightFormat | undefined;
  optimizer: OptimizerSettings;
  schedule: ScheduleSettings;
  /** Rows are pairs of answers, and the better one is to become likelier; none: texts. */
  preference?: PreferenceSettings | undefined;
}

/** Direct preference optimization: how much a pair's margin counts. */
export interface PreferenceSettings {
  beta: number;
}

export const TRAIN_DEFAULTS: Readonly<TrainSettings> = Object.freeze({
  steps: 1000,
  batch: 8,
  context: 256,
  accumulate: 1,
  clip: 1,
  order: 'shuffled',
  seed: 1,
  optimizer: Object.freeze({
    kind: 'adamw',
    weightDecay: 0.1,
    beta1: 0.9,
    beta2: 0.99,
    eps: 1e-8,
    momentum: 0.95,
  }),
  schedule: Object.freeze({ kind: 'cosine', lr: 1e-3, minLr: 1e-4, warmup: 100, decaySteps: 0 }),
});

/** Rows of a whole step; of preferences a microbatch has B pairs. */
export function rowsOfStep({ batch, accumulate, preference }: TrainSettings): number {
  return batch * accumulate * (preference === undefined ? 1 : 2);
}

/** Checks settings. Throws: TRAIN_OPTION. */
export function checkSettings(settings: TrainSettings): TrainSettings {
  const { optimizer, schedule, preference } = settings;
  if (preference !== undefined && !(preference.beta > 0 && preference.beta < Infinity)) {
    throw refusal('dpoBeta', preference.beta, 'a number above 0');
  }
  if (preference !== undefined && settings.zLoss) {
    throw refusal('zLoss', settings.zLoss, '0 with preferences');
  }
  const { weights = 'f32' } = settings;
  if (weights !== 'f32' && weights !== 'bf16') throw refusal('weights', weights, 'f32 or bf16');
  const whole = { steps: 1, batch: 1, context: 1, accumulate: 1, seed: 0 } as const;
  for (const [option, least] of Object.entries(whole)) {
    const value = settings[option as keyof typeof whole];
    const isFit = Number.isSafeInteger(value) && value >= least && value < 2 ** 32;
    if (!isFit) throw refusal(option, value, `a whole number from ${least} on`);
  }
  const limits: [string, number, number, number][] = [
    ['clip', settings.clip, 0, Infinity],
    ['zLoss', settings.zLoss ?? 0, 0, Infinity],
    ['balanceLoss', settings.balanceLoss ?? 0, 0, Infinity],
    ['lr', schedule.lr, 0, Infinity],
    ['minLr', schedule.minLr, 0, Infinity],
    ['warmup', schedule.warmup, 0, Infinity],
    ['decaySteps', schedule.decaySteps, 0, Infinity],
    ['weightDecay', optimizer.weightDecay, 0, Infinity],
    ['beta1', optimizer.beta1, 0, 1],
    ['beta2', optimizer.beta2, 0, 1],
    ['momentum', optimizer.momentum, 0, 1],
    ['eps', optimizer.eps, 0, Infinity],
  ];
  for (const [option, value, least, below] of limits) {
    if (!(value >= least && value < below)) {
      const expected = below === 1 ? 'a number from 0 to below 1' : 'a number from 0 on';
      throw refusal(option, value, expected);
    }
  }
  return settings;
}

function refusal(option: string, value: number | string, expected: string): WaferError {
  return new WaferError('TRAIN_OPTION', { option, value, expected });
}
