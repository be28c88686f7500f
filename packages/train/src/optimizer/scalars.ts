/**
 * The numbers of an optimizer's step that are the same for all elements: f64, rounded once.
 */
import type { OptimizerSettings } from '../settings.ts';

/** What AdamW multiplies and divides by in step t. */
export interface AdamScalars {
  /** 1 - lr · weightDecay, taken apart: the product that is subtracted. */
  decay: number;
  beta1: number;
  beta2: number;
  /** 1 - beta1, 1 - beta2. */
  rest1: number;
  rest2: number;
  /** 1 - beta1^t, 1 - beta2^t. */
  correction1: number;
  correction2: number;
  lr: number;
  eps: number;
}

/** Scalars of step t, from 1; `isDecayed` for matrices alone. */
export function adamScalars(
  settings: OptimizerSettings,
  { lr, step, isDecayed }: { lr: number; step: number; isDecayed: boolean },
): AdamScalars {
  const { beta1, beta2, eps, weightDecay } = settings;
  return {
    decay: isDecayed ? Math.fround(lr * weightDecay) : 0,
    beta1: Math.fround(beta1),
    beta2: Math.fround(beta2),
    rest1: Math.fround(1 - beta1),
    rest2: Math.fround(1 - beta2),
    correction1: Math.fround(1 - beta1 ** step),
    correction2: Math.fround(1 - beta2 ** step),
    lr: Math.fround(lr),
    eps: Math.fround(eps),
  };
}
