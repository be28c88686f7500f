/**
 * Parameters that several endpoints share: their schemas, and what they become.
 *
 * A field that is null is as if it were absent, as the interfaces being followed have it.
 */
import type { GenerateOptions } from '@wafer/runtime';
import type { BodySchema } from '../http/route.ts';
import { answerFormat, FORMAT_PROPERTIES, type FormatBody } from './answer-format.ts';

const nullable = (type: string, more: BodySchema = {}): BodySchema => ({
  type: [type, 'null'],
  ...more,
});

/** A limit of tokens that no request means to reach. */
const TOKENS_MAX = 2 ** 31 - 1;
const STOP_MAX = 16;
const STOP_LENGTH_MAX = 1024;

/** How tokens are picked, and when an answer ends. */
export const SAMPLING_PROPERTIES: BodySchema = {
  temperature: nullable('number', { minimum: 0, maximum: 2 }),
  top_p: nullable('number', { minimum: 0, maximum: 1 }),
  top_k: nullable('integer', { minimum: -1, maximum: TOKENS_MAX }),
  min_p: nullable('number', { minimum: 0, maximum: 1 }),
  repetition_penalty: nullable('number', { minimum: 0.01, maximum: 100 }),
  presence_penalty: nullable('number', { minimum: -2, maximum: 2 }),
  frequency_penalty: nullable('number', { minimum: -2, maximum: 2 }),
  seed: nullable('integer'),
  n: nullable('integer', { minimum: 1, maximum: 128 }),
  stop: {
    type: ['string', 'array', 'null'],
    ...{ minLength: 1, maxLength: STOP_LENGTH_MAX, maxItems: STOP_MAX },
    items: { type: 'string', minLength: 1, maxLength: STOP_LENGTH_MAX },
  },
  logit_bias: nullable('object', {
    maxProperties: 1024,
    propertyNames: { pattern: '^(0|[1-9][0-9]{0,9})$' },
    additionalProperties: { type: 'number', minimum: -100, maximum: 100 },
  }),
  stream: nullable('boolean'),
  stream_options: {
    type: ['object', 'null'],
    properties: { include_usage: { type: 'boolean' }, include_obfuscation: { type: 'boolean' } },
    additionalProperties: false,
  },
  user: nullable('string', { maxLength: 256 }),
  ...FORMAT_PROPERTIES,
};

export const TOKEN_LIMIT: BodySchema = nullable('integer', { minimum: 1, maximum: TOKENS_MAX });

/** Names and short texts that a client puts on what it has stored. */
export const METADATA_SCHEMA: BodySchema = {
  type: ['object', 'null'],
  maxProperties: 16,
  propertyNames: { maxLength: 64 },
  additionalProperties: { type: 'string', maxLength: 512 },
};

/** What the properties above leave in a body. */
export interface SamplingBody extends FormatBody {
  temperature?: number | null;
  top_p?: number | null;
  top_k?: number | null;
  min_p?: number | null;
  repetition_penalty?: number | null;
  presence_penalty?: number | null;
  frequency_penalty?: number | null;
  seed?: number | null;
  n?: number | null;
  stop?: string | readonly string[] | null;
  logit_bias?: Readonly<Record<string, number>> | null;
  stream?: boolean | null;
  stream_options?: { include_usage?: boolean; include_obfuscation?: boolean } | null;
  user?: string | null;
}

/** The same as options of the embedding interface. */
export function samplingOptions(body: SamplingBody): GenerateOptions {
  const { stop, seed, top_k: topK } = body;
  return {
    format: answerFormat(body),
    temperature: body.temperature ?? undefined,
    topP: body.top_p ?? undefined,
    topK: topK === -1 ? 0 : (topK ?? undefined),
    minP: body.min_p ?? undefined,
    repetitionPenalty: body.repetition_penalty ?? undefined,
    presencePenalty: body.presence_penalty ?? undefined,
    frequencyPenalty: body.frequency_penalty ?? undefined,
    logitBias: body.logit_bias ?? undefined,
    n: body.n ?? undefined,
    seed: seed === undefined || seed === null ? undefined : wrapSeed(seed),
    stop: stop === undefined || stop === null ? undefined : [stop].flat(),
  };
}

const SEEDS = 2 ** 32;

/** Any whole number as a seed of 32 bits. */
export function wrapSeed(seed: number): number {
  return ((seed % SEEDS) + SEEDS) % SEEDS;
}
