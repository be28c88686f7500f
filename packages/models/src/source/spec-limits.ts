/**
 * Sane bounds of a model's numbers, and the rules that tie them together.
 *
 * The bounds are far above any published model; they keep products of two within 2^53 and stop
 * a hostile config before anything is allocated from it.
 */
import type { ModelSpec } from '@wafer/core';
import type { Fields } from './fields.ts';

export const SPEC_LIMITS: Readonly<
  Record<
    | 'vocabCount'
    | 'modelWidth'
    | 'layerCount'
    | 'headCount'
    | 'headWidth'
    | 'ffnWidth'
    | 'contextMax'
    | 'expertCount'
    | 'expertsInAll',
    number
  >
> = {
  vocabCount: 2 ** 24,
  modelWidth: 2 ** 20,
  layerCount: 4096,
  headCount: 2 ** 16,
  headWidth: 4096,
  ffnWidth: 2 ** 22,
  contextMax: 2 ** 30,
  expertCount: 4096,
  /** Each expert of each layer has three matrices, which are listed one by one. */
  expertsInAll: 2 ** 16,
};

/** What a config calls the fields that must fit together. */
export interface HeadFieldNames {
  headCount: string;
  kvHeadCount: string;
  headWidth: string;
  rotaryWidth: string;
}

/** Checks the rules between the fields of attention. Throws: CONFIG_INVALID. */
export function checkHeads(spec: ModelSpec, fields: Fields, names: HeadFieldNames): void {
  const { headCount, kvHeadCount, headWidth } = spec;
  const { rotaryWidth } = spec.rope;
  if (headCount % kvHeadCount !== 0) {
    throw fields.invalid(names.kvHeadCount, `a divisor of ${names.headCount} = ${headCount}`);
  }
  if (headWidth % 4 !== 0) {
    throw fields.invalid(names.headWidth, `a multiple of 4 (here ${headWidth})`);
  }
  if (headCount * headWidth > SPEC_LIMITS.modelWidth) {
    const most = SPEC_LIMITS.modelWidth;
    throw fields.invalid(names.headCount, `heads of ${headWidth} with at most ${most} in all`);
  }
  if (rotaryWidth < 2 || rotaryWidth > headWidth || rotaryWidth % 2 !== 0) {
    throw fields.invalid(names.rotaryWidth, `an even rotated width up to ${headWidth}`);
  }
}
