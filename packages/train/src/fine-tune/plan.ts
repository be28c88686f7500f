/**
 * The settings of a fine-tuning run, where an order leaves them open: out of how much data it has.
 */
import type { ModelSpec } from '@wafer/core';
import { TrainRows } from '../data/rows.ts';
import type { TokenSource } from '../data/token-source.ts';
import { TRAIN_DEFAULTS } from '../settings.ts';
import type { TrainSettings } from '../settings.ts';
import type { FineTuneOrder, FineTunePlan } from './order.ts';

/** Tokens of a row: of much data, of any, and as many that the longest example fits. */
const CONTEXT_MAX = 512;
const CONTEXT_MIN = 16;
const ROWS_WANTED = 16;
/** Rows of a step: an eighth of all, at most eight. */
const BATCH_AUTO = 8;
/** Few examples are read oftener. */
const EXAMPLES_WANTED = 300;
const [EPOCHS_MIN, EPOCHS_MAX] = [3, 10];
/** Rates at a multiplier of 1: of all weights, and of adapters. */
const RATE = 3e-4;
const ADAPTER_RATE = 1e-3;
const STEPS_SHOWN = 200;

/** Settings, and what a client is told of them. Throws: DATA_TOO_SHORT. */
export function planFineTune(
  order: FineTuneOrder,
  use: { spec: ModelSpec; data: TokenSource; valid: TokenSource | undefined; examples: number },
): { settings: TrainSettings; plan: FineTunePlan } {
  const { spec, data, valid, examples } = use;
  const share = Math.floor((data.count - 1) / ROWS_WANTED);
  const wanted = Math.max(CONTEXT_MIN, share, Math.min(longest(data), data.count - 1));
  const validMax = Math.max(CONTEXT_MIN, (valid?.count ?? Infinity) - 1);
  const context = Math.min(spec.contextMax, CONTEXT_MAX, wanted, validMax);
  const { rowCount } = new TrainRows(data, { context, order: 'sequential', seed: 0 });
  const eighth = Math.max(1, Math.floor(rowCount / BATCH_AUTO));
  const { batch = Math.min(BATCH_AUTO, eighth), rateMultiplier = 1 } = order;
  const auto = Math.ceil(EXAMPLES_WANTED / examples);
  const { epochs = Math.min(EPOCHS_MAX, Math.max(EPOCHS_MIN, auto)) } = order;
  const steps = Math.ceil((epochs * rowCount) / batch);
  const lr = (order.loraRank === undefined ? RATE : ADAPTER_RATE) * rateMultiplier;
  const { optimizer } = TRAIN_DEFAULTS;
  const settings: TrainSettings = {
    ...TRAIN_DEFAULTS,
    ...{ steps, batch, context, seed: order.seed },
    optimizer: { ...optimizer, weightDecay: 0 },
    schedule: {
      ...TRAIN_DEFAULTS.schedule,
      ...{ lr, minLr: lr / 10, warmup: Math.floor(steps / 10) },
    },
  };
  const tokensOfStep = batch * context;
  return { settings, plan: { examples, epochs, batch, rateMultiplier, steps, tokensOfStep } };
}

/** Tokens of the longest document. */
function longest({ count, starts = new Uint32Array(1) }: TokenSource): number {
  let most = 0;
  starts.forEach((start, at) => {
    most = Math.max(most, (starts[at + 1] ?? count) - start);
  });
  return most;
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
