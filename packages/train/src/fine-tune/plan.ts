/**
 * The settings of a fine-tuning run, where an order leaves them open: out of how much data it has.
 */
import type { ModelSpec } from '@wafer/core';
import { TrainRows } from '../data/rows.ts';
import { DPO_BETA } from '../preferences.ts';
import type { TokenSource } from '../data/token-source.ts';
import { TRAIN_DEFAULTS } from '../settings.ts';
import type { TrainSettings } from '../settings.ts';
import type { FineTuneOrder, FineTunePlan } from './order.ts';

/** Tokens of a row: of much data, of any, and as many that the longest example fits. */
const CONTEXT_MAX = 512;
const CONTEXT_MIN = 16;
/** A pair has a row for each answer, which must hold it and its prompt. */
const PAIR_CONTEXT_MAX = 2048;
const ROWS_WANTED = 16;
/** Rows of a step: an eighth of all, at most eight. */
const BATCH_AUTO = 8;
/** Few examples are read oftener. */
const EXAMPLES_WANTED = 300;
const [EPOCHS_MIN, EPOCHS_MAX] = [3, 10];
/** Rates at a multiplier of 1: of all weights, and of adapters. */
const RATE = 3e-4;
const ADAPTER_RATE = 1e-3;
/** What both are multiplied by where preferences are learned, which takes less. */
const PREFERENCE_RATE = 0.1;
const STEPS_SHOWN = 200;

/** Settings, and what a client is told of them. Throws: DATA_TOO_SHORT. */
export function planFineTune(
  order: FineTuneOrder,
  use: { spec: ModelSpec; data: TokenSource; valid: TokenSource | undefined; examples: number },
): { settings: TrainSettings; plan: FineTunePlan } {
  const { spec, data, examples } = use;
  const arePreferences = order.preference !== undefined;
  const context = Math.min(contextMaxOf(spec, { arePreferences }), wantedContext(order, use));
  const rowCount = arePreferences
    ? examples
    : new TrainRows(data, { context, order: 'sequential', seed: 0 }).rowCount;
  const eighth = Math.max(1, Math.floor(rowCount / BATCH_AUTO));
  const { batch = Math.min(BATCH_AUTO, eighth), rateMultiplier = 1 } = order;
  const auto = Math.ceil(EXAMPLES_WANTED / examples);
  const { epochs = Math.min(EPOCHS_MAX, Math.max(EPOCHS_MIN, auto)) } = order;
  const steps = Math.ceil((epochs * rowCount) / batch);
  const rate = order.loraRank === undefined ? RATE : ADAPTER_RATE;
  const lr = rate * rateMultiplier * (arePreferences ? PREFERENCE_RATE : 1);
  const preference = order.preference && { beta: order.preference.beta ?? DPO_BETA };
  const { optimizer } = TRAIN_DEFAULTS;
  const settings: TrainSettings = {
    ...TRAIN_DEFAULTS,
    ...{ steps, batch, context, seed: order.seed, preference },
    optimizer: { ...optimizer, weightDecay: 0 },
    schedule: {
      ...TRAIN_DEFAULTS.schedule,
      ...{ lr, minLr: lr / 10, warmup: Math.floor(steps / 10) },
    },
  };
  // Rows of pairs have nothing behind their answers, which is no training.
  const tokensOfPair = data.count / examples;
  const tokensOfStep = arePreferences ? Math.round(batch * tokensOfPair) : batch * context;
  const beta = preference?.beta;
  return { settings, plan: { examples, epochs, batch, rateMultiplier, beta, steps, tokensOfStep } };
}

/** Most tokens of a row. */
export function contextMaxOf(
  { contextMax }: ModelSpec,
  { arePreferences }: { arePreferences: boolean },
): number {
  return Math.min(contextMax, arePreferences ? PAIR_CONTEXT_MAX : CONTEXT_MAX);
}

/** Tokens of a row that the data ask for. */
function wantedContext(
  { preference }: FineTuneOrder,
  { data, valid }: { data: TokenSource; valid: TokenSource | undefined },
): number {
  if (preference !== undefined) return Math.max(longest(data), valid ? longest(valid) : 0) - 1;
  const share = Math.floor((data.count - 1) / ROWS_WANTED);
  const wanted = Math.max(CONTEXT_MIN, share, Math.min(longest(data), data.count - 1));
  const validMax = Math.max(CONTEXT_MIN, (valid?.count ?? Infinity) - 1);
  return Math.min(wanted, validMax);
}

/** Tokens of each document. */
export function documentLengths({ count, starts = new Uint32Array(1) }: TokenSource): number[] {
  return [...starts].map((start, at) => (starts[at + 1] ?? count) - start);
}

function longest(source: TokenSource): number {
  return documentLengths(source).reduce((most, length) => Math.max(most, length), 0);
}

/** The epoch that ends with a step; undefined if none does. */
export function epochEndingAt(step: number, { steps, epochs }: FineTunePlan): number | undefined {
  const epoch = Math.floor((step * epochs) / steps);
  return epoch > 0 && Math.ceil((epoch * steps) / epochs) === step ? epoch : undefined;
}

/** Whether a step is told of: the first, the last, and some 200 between. */
export function isShown(step: number, { steps }: FineTunePlan): boolean {
  return step === 1 || step === steps || step % Math.ceil(steps / STEPS_SHOWN) === 0;
}
