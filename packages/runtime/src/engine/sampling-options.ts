/**
 * How the next token is picked: the options a caller may give, their defaults and their check.
 *
 * Options come from requests, so every field is hostile until checked here; after `resolveSampling`
 * the rest of the engine trusts them. The result is plain data that crosses threads.
 */
import { WaferError } from '@wafer/core';
import { SEED_MAX } from './random.ts';

/** How the next token is drawn, every field given. */
export interface SamplingOptions {
  /** Divides the logits; 0 always takes the likeliest token. */
  temperature: number;
  /** Keeps the k likeliest tokens; 0 keeps all. */
  topK: number;
  /** Keeps the likeliest tokens until they hold this share of the probability; 1 keeps all. */
  topP: number;
  /** Keeps tokens of at least this share of the likeliest token's probability; 0 keeps all. */
  minP: number;
  /** Above 1 makes tokens of the prompt and the answer less likely, below 1 more; 1 is off. */
  repetitionPenalty: number;
  /** Subtracted once from the logit of each token of the answer. */
  presencePenalty: number;
  /** Subtracted from a token's logit for every time the answer has it. */
  frequencyPenalty: number;
  /** Token id → what is added to its logit. */
  logitBias: Readonly<Record<number, number>>;
  /** The same seed, prompt and options give the same answer. */
  seed: number;
  /** How many likeliest tokens to report beside each token; undefined reports no logprob at all. */
  logprobs: number | undefined;
}

/** What a caller gives: anything left out, or undefined, takes its default. */
export type SamplingInput = { [K in keyof SamplingOptions]?: SamplingOptions[K] | undefined };

export interface SamplingLimits {
  vocabCount: number; // V
  /** For requests that name no seed. */
  defaultSeed: number;
}

/** Everything but the seed, whose default is the caller's. Plain draws from the distribution. */
export const SAMPLING_DEFAULTS: Readonly<Omit<SamplingOptions, 'seed'>> = Object.freeze({
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  logitBias: Object.freeze({}),
  logprobs: undefined,
});

/** What OpenAI's interface takes, where it names a range; wide enough not to bother elsewhere. */
const TEMPERATURE_MAX = 100;
const PENALTY_MAX = 2;
const BIAS_MAX = 100;
const LOGPROBS_MAX = 20;
const REPETITION_PENALTY_MIN = 0.01; // less would overflow a float when it divides a logit
const REPETITION_PENALTY_MAX = 100;
const TOP_K_MAX = 2 ** 31 - 1;

/** Checks every field and fills in the defaults. Throws: REQUEST_INVALID. */
export function resolveSampling(input: SamplingInput, limits: SamplingLimits): SamplingOptions {
  const { topK = SAMPLING_DEFAULTS.topK, seed = limits.defaultSeed, logprobs } = input;
  return {
    temperature: numberIn(input, 'temperature', 0, TEMPERATURE_MAX),
    topK: integerIn('topK', topK, { min: 0, max: TOP_K_MAX }),
    topP: numberIn(input, 'topP', 0, 1),
    minP: numberIn(input, 'minP', 0, 1),
    repetitionPenalty: numberIn(
      input,
      'repetitionPenalty',
      REPETITION_PENALTY_MIN,
      REPETITION_PENALTY_MAX,
    ),
    presencePenalty: numberIn(input, 'presencePenalty', -PENALTY_MAX, PENALTY_MAX),
    frequencyPenalty: numberIn(input, 'frequencyPenalty', -PENALTY_MAX, PENALTY_MAX),
    logitBias: biasOf(input.logitBias, limits.vocabCount),
    seed: integerIn('seed', seed, { min: 0, max: SEED_MAX }),
    logprobs:
      logprobs === undefined
        ? undefined
        : integerIn('logprobs', logprobs, { min: 0, max: LOGPROBS_MAX }),
  };
}

/** Returns a whole number in [min, max]. Throws: REQUEST_INVALID. */
export function integerIn(
  field: string,
  value: unknown,
  range: { min: number; max: number },
): number {
  const isFine =
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= range.min &&
    value <= range.max;
  if (!isFine) refuse(field, value, `a whole number from ${range.min} to ${range.max}`);
  return value + 0; // -0 becomes 0
}

/** Stops a request whose `field` is not as expected. Throws: REQUEST_INVALID, always. */
export function refuse(field: string, value: unknown, expected: string): never {
  throw new WaferError('REQUEST_INVALID', { field, value, expected });
}

type NumberField = Exclude<keyof typeof SAMPLING_DEFAULTS, 'logitBias' | 'logprobs'>;

function numberIn(input: SamplingInput, field: NumberField, min: number, max: number): number {
  const given: unknown = input[field];
  const value = given === undefined ? SAMPLING_DEFAULTS[field] : given; // null is no number
  const isFine = typeof value === 'number' && value >= min && value <= max; // NaN is not
  if (!isFine) refuse(field, value, `a number from ${min} to ${max}`);
  return value;
}

function biasOf(input: unknown, vocabCount: number): Record<number, number> {
  if (input === undefined) return {};
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    refuse('logitBias', input, 'an object from token id to number');
  }
  const biases: Record<number, number> = {};
  for (const [name, value] of Object.entries(input)) {
    const token = Number(name);
    const isToken = Number.isInteger(token) && token >= 0 && token < vocabCount;
    if (!isToken || String(token) !== name) {
      refuse('logitBias', name, `token ids from 0 to ${vocabCount - 1}`);
    }
    const isFine = typeof value === 'number' && Math.abs(value) <= BIAS_MAX;
    if (!isFine) refuse(`logitBias.${name}`, value, `a number from -${BIAS_MAX} to ${BIAS_MAX}`);
    biases[token] = value;
  }
  return biases;
}
