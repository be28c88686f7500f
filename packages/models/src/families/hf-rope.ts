/**
 * Rotary positions in a Hugging Face config.
 *
 * `rope_parameters` is the newer name of `rope_scaling` and holds theta and the rotated share too.
 *
 * Source: transformers, modeling_rope_utils.py.
 */
import { brief } from '@wafer/core';
import type { ModelSpec, RopeScaling, RopeSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import { SPEC_LIMITS } from '../source/spec-limits.ts';
import { kindError } from './other-kinds.ts';

/** What a family takes where its config says nothing. */
export interface RopeDefaults {
  theta: number;
  /** Rotated share of a head. */
  rotaryShare: number;
  /** Where there is no object of parameters at all. */
  scaling?: RopeScaling;
}

/** Reads how positions rotate. Throws: CONFIG_INVALID. */
export function readHfRope(
  fields: Fields,
  head: { headWidth: number; contextMax: number; layout: RopeSpec['layout'] },
  defaults: RopeDefaults,
): RopeSpec {
  const parameters = parametersOf(fields);
  const theta = { min: 1, max: 1e12 };
  const outer = fields.number('rope_theta', { ...theta, fallback: defaults.theta });
  const share = { min: 0, max: 1 };
  const name = 'partial_rotary_factor';
  const outerShare = fields.number(name, { ...share, fallback: defaults.rotaryShare });
  const factor = parameters?.number(name, { ...share, fallback: outerShare }) ?? outerShare;
  const rotaryWidth = Math.trunc(head.headWidth * factor);
  return {
    theta: parameters?.number('rope_theta', { ...theta, fallback: outer }) ?? outer,
    scaling: parameters
      ? scalingOf(parameters, fields, head.contextMax)
      : (defaults.scaling ?? { kind: 'none' }),
    layout: head.layout,
    rotaryWidth,
    ...(parameters && isLongRope(parameters)
      ? { frequencyFactors: shortFactors(parameters, rotaryWidth / 2) }
      : {}),
  };
}

/**
 * How many positions a config's rotation is known for here: of longrope those of the first
 * context, as its other divisors would turn every position anew. Throws: CONFIG_INVALID.
 */
export function knownContext(fields: Fields, contextMax: number): number {
  const parameters = parametersOf(fields);
  if (parameters === undefined || !isLongRope(parameters)) return contextMax;
  return Math.min(contextMax, originalContextOf(parameters, fields, contextMax));
}

/** Divisors of the frequencies within the first context, [rotaryWidth / 2]. */
function shortFactors(parameters: Fields, count: number): number[] {
  const name = 'short_factor';
  const factors = parameters.list(name, count) ?? [];
  const isRight = (factor: unknown): boolean => Number.isFinite(factor) && (factor as number) > 0;
  if (factors.length === count && factors.every(isRight)) return factors as number[];
  throw parameters.invalid(name, `${count} numbers above 0`);
}

/** Newer configs may say it by kinds of layers; all must say the same. Throws: MODEL_KIND. */
function parametersOf(fields: Fields): Fields | undefined {
  const parameters = fields.object('rope_parameters') ?? fields.object('rope_scaling');
  const kinds = parameters?.names().filter((name) => name.endsWith('_attention')) ?? [];
  const [first] = kinds;
  if (parameters === undefined || first === undefined) return parameters;
  const isSame = kinds.every(
    (name) => JSON.stringify(parameters.get(name)) === JSON.stringify(parameters.get(first)),
  );
  if (isSame) return parameters.object(first);
  const what = `rotates ${kinds.join(' and ')} layers differently`;
  throw kindError(fields, what, 'use a model whose layers rotate alike');
}

function kindOf(parameters: Fields): string {
  return parameters.string(parameters.has('rope_type') ? 'rope_type' : 'type', 'default');
}

/** `su` is its older name. */
function isLongRope(parameters: Fields): boolean {
  return ['longrope', 'su'].includes(kindOf(parameters));
}

function scalingOf(parameters: Fields, fields: Fields, contextMax: number): RopeScaling {
  const kind = kindOf(parameters);
  // Up to the context of the config, which is ours, dynamic scaling is none: its base grows beyond.
  if (kind === 'default' || kind === 'dynamic') return { kind: 'none' };
  const factor = { min: 1, max: 1e6 };
  switch (kind) {
    case 'linear':
      return { kind, factor: parameters.number('factor', factor) };
    case 'llama3':
      return llama3Scaling(parameters, originalContextOf(parameters, fields, contextMax));
    case 'longrope':
    case 'su':
      return longScaling(parameters, originalContextOf(parameters, fields, contextMax), contextMax);
    case 'yarn':
      return yarnScaling(parameters, originalContextOf(parameters, fields, contextMax), contextMax);
    default: {
      const what = `stretches rotary positions by ${brief(kind)}`;
      const known = 'default, dynamic, linear, llama3, longrope, yarn';
      throw kindError(fields, what, `take another model; known are ${known}`);
    }
  }
}

function llama3Scaling(parameters: Fields, originalContext: number): RopeScaling {
  const lowFrequencyFactor = parameters.number('low_freq_factor', { min: 1e-3, max: 1e6 });
  const highFrequencyFactor = parameters.number('high_freq_factor', { min: 1e-3, max: 1e6 });
  // Llama 4 has both at 1: no band lies between, and nothing divides by their difference.
  if (highFrequencyFactor < lowFrequencyFactor) {
    throw parameters.invalid('high_freq_factor', `at least ${lowFrequencyFactor}`);
  }
  return {
    kind: 'llama3',
    factor: parameters.number('factor', { min: 1, max: 1e6 }),
    lowFrequencyFactor,
    highFrequencyFactor,
    originalContext,
  };
}

/** The factor of cos and sin alone: the divisors stand apart, and YaRN of factor 1 has none. */
function longScaling(parameters: Fields, originalContext: number, contextMax: number): RopeScaling {
  const fallback = Math.max(1, contextMax / originalContext);
  const factor = parameters.number('factor', { min: 1, max: 1e6, fallback });
  const usual = Math.sqrt(1 + Math.log(factor) / Math.log(Math.max(2, originalContext)));
  return {
    kind: 'yarn',
    factor: 1,
    originalContext,
    betaFast: 32,
    betaSlow: 1,
    attentionFactor: parameters.number('attention_factor', {
      min: 1e-6,
      max: 1e6,
      fallback: factor === 1 ? 1 : usual,
    }),
    truncate: true,
  };
}

function originalContextOf(parameters: Fields, fields: Fields, contextMax: number): number {
  const name = 'original_max_position_embeddings';
  const rule = { min: 1, max: SPEC_LIMITS.contextMax };
  return parameters.integer(name, {
    ...rule,
    fallback: fields.integer(name, { ...rule, fallback: contextMax }),
  });
}

function yarnScaling(parameters: Fields, originalContext: number, contextMax: number): RopeScaling {
  // Configs may leave the factor to what it should bring.
  const fallback = Math.max(1, contextMax / originalContext);
  const factor = parameters.number('factor', { min: 1, max: 1e6, fallback });
  const betaFast = parameters.number('beta_fast', { min: 1e-3, max: 1e6, fallback: 32 });
  const betaSlow = parameters.number('beta_slow', { min: 1e-3, max: 1e6, fallback: 1 });
  if (betaFast <= betaSlow) throw parameters.invalid('beta_fast', `more than ${betaSlow}`);
  const scale = { min: 0, max: 1e6, fallback: 0 };
  const share = parameters.number('mscale', scale);
  const shareAll = parameters.number('mscale_all_dim', scale);
  const hasShares = share !== 0 && shareAll !== 0;
  const usual = hasShares
    ? yarnMagnitude(factor, share) / yarnMagnitude(factor, shareAll)
    : yarnMagnitude(factor, 1);
  return {
    kind: 'yarn',
    factor,
    originalContext,
    betaFast,
    betaSlow,
    attentionFactor: parameters.number('attention_factor', {
      min: 1e-6,
      max: 1e6,
      fallback: usual,
    }),
    truncate: parameters.boolean('truncate', true),
  };
}

/** How much YaRN raises the logits' scale by default: 0.1 · share · ln(factor) + 1. */
export function yarnMagnitude(factor: number, share: number): number {
  return factor <= 1 ? 1 : 0.1 * share * Math.log(factor) + 1;
}

/** The `rope_scaling` of a config. */
export function hfRopeScaling({ rope }: ModelSpec): Record<string, unknown> | null {
  const { scaling } = rope;
  switch (scaling.kind) {
    case 'none':
      return null;
    case 'linear':
      return { rope_type: 'linear', factor: scaling.factor };
    case 'llama3':
      return {
        rope_type: 'llama3',
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalContext,
      };
    case 'yarn':
      return {
        rope_type: 'yarn',
        factor: scaling.factor,
        original_max_position_embeddings: scaling.originalContext,
        beta_fast: scaling.betaFast,
        beta_slow: scaling.betaSlow,
        attention_factor: scaling.attentionFactor,
        truncate: scaling.truncate,
      };
  }
}
