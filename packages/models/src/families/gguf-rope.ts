/**
 * Rotary positions in the metadata of a GGUF file.
 *
 * Llama 3 frequency scaling is no metadata but a tensor of divisors, `rope_freqs.weight`. YaRN's
 * ramp is always rounded to whole dimensions.
 *
 * Source: ggml, docs/gguf.md; llama.cpp's hyperparameter keys.
 */
import { brief, ropeFrequencies, WaferError } from '@wafer/core';
import type { ModelSpec, RopeScaling, RopeSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import type { GgufPair } from '../gguf/gguf-bytes.ts';
import { SPEC_LIMITS } from '../source/spec-limits.ts';
import { yarnMagnitude } from './hf-rope.ts';
import { kindError } from './other-kinds.ts';

/** Reads how frequencies are stretched. Throws: CONFIG_INVALID. */
export function readGgufScaling(
  fields: Fields,
  architecture: string,
  contextMax: number,
): RopeScaling {
  const at = (name: string): string => `${architecture}.rope.${name}`;
  const key = at('scaling.type');
  const rule = { min: 0, max: 1e6 };
  const old = fields.number(at('scale_linear'), { ...rule, fallback: 0 });
  // A factor without a kind is a linear one; 0 stands for none.
  const kind = fields.string(key, 'linear');
  if (kind === 'none') return { kind };
  const factor = decimal(fields.number(at('scaling.factor'), { ...rule, fallback: old })) || 1;
  if (kind === 'linear') return factor === 1 ? { kind: 'none' } : { kind, factor };
  if (kind !== 'yarn') {
    const what = `stretches rotary positions by ${brief(kind)}`;
    throw kindError(fields, what, 'take another model; known are none, linear, yarn');
  }
  const beta = { min: 1e-3, max: 1e6 };
  const betaFast = fields.number(at('scaling.yarn_beta_fast'), { ...beta, fallback: 32 });
  const betaSlow = fields.number(at('scaling.yarn_beta_slow'), { ...beta, fallback: 1 });
  if (betaFast <= betaSlow) {
    throw fields.invalid(at('scaling.yarn_beta_fast'), `more than ${betaSlow}`);
  }
  const share = { min: 1e-6, max: 1e6, fallback: 1 };
  return {
    kind,
    factor,
    originalContext: fields.integer(at('scaling.original_context_length'), {
      min: 1,
      max: SPEC_LIMITS.contextMax,
      fallback: contextMax,
    }),
    betaFast,
    betaSlow,
    // The file's factor multiplies the usual one.
    attentionFactor: fields.number(at('scaling.attn_factor'), share) * yarnMagnitude(factor, 1),
    truncate: true,
  };
}

/** The keys of `readGgufScaling`. */
export function ggufScaling({ scaling }: RopeSpec, architecture: string): GgufPair[] {
  if (scaling.kind === 'none' || scaling.kind === 'llama3') return [];
  const real = (name: string, value: number): GgufPair => ({
    key: `${architecture}.rope.scaling.${name}`,
    type: 'float32',
    value,
  });
  const pairs: GgufPair[] = [
    { key: `${architecture}.rope.scaling.type`, type: 'string', value: scaling.kind },
    real('factor', scaling.factor),
  ];
  if (scaling.kind === 'linear') return pairs;
  return [
    ...pairs,
    {
      key: `${architecture}.rope.scaling.original_context_length`,
      type: 'uint32',
      value: scaling.originalContext,
    },
    real('yarn_beta_fast', scaling.betaFast),
    real('yarn_beta_slow', scaling.betaSlow),
    real('attn_factor', scaling.attentionFactor / yarnMagnitude(scaling.factor, 1)),
  ];
}

/** Divisors that stand for Llama 3 scaling, or those that the spec has. */
export function frequencyFactors(rope: RopeSpec): readonly number[] | undefined {
  if (rope.scaling.kind !== 'llama3') return rope.frequencyFactors;
  const plain = ropeFrequencies({ ...rope, scaling: { kind: 'none' } });
  const scaled = ropeFrequencies(rope);
  return Array.from(plain, (frequency, i) => frequency / (scaled[i] ?? frequency));
}

/** Stops where divisors are not one for each frequency. Throws: TENSOR_SHAPE. */
export function checkFrequencyFactors({ rope }: ModelSpec): void {
  const expected = rope.rotaryWidth / 2;
  const actual = rope.frequencyFactors?.length ?? expected;
  if (actual === expected) return;
  throw new WaferError('TENSOR_SHAPE', { tensor: 'rope_freqs.weight', actual, expected });
}

/** The shortest decimal that is this f32: GGUF's 9.99999974e-6 is the 1e-5 of other configs. */
export function decimal(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
