/**
 * What a text completion takes.
 */
import type { BodySchema } from '../http/route.ts';
import { SAMPLING_PROPERTIES } from '../requests/parameters.ts';
import type { SamplingBody } from '../requests/parameters.ts';

export interface CompletionBody extends SamplingBody {
  model: string;
  prompt?: string | readonly string[] | readonly number[] | readonly (readonly number[])[] | null;
  suffix?: string | null;
  max_tokens?: number | null;
  min_tokens?: number | null;
  echo?: boolean | null;
  best_of?: number | null;
  logprobs?: number | null;
  service_tier?: string | null;
  prompt_cache_key?: string | null;
  return_raw_tokens?: boolean | null;
}

const PROMPTS_MAX = 256;
const TOKENS: BodySchema = { type: 'array', minItems: 1, items: { type: 'integer', minimum: 0 } };

export const COMPLETION_SCHEMA: BodySchema = {
  type: 'object',
  required: ['model'],
  properties: {
    ...SAMPLING_PROPERTIES,
    model: { type: 'string', maxLength: 256 },
    prompt: {
      anyOf: [
        { type: ['string', 'null'] },
        { type: 'array', minItems: 1, maxItems: PROMPTS_MAX, items: { type: 'string' } },
        TOKENS,
        { type: 'array', minItems: 1, maxItems: PROMPTS_MAX, items: TOKENS },
      ],
    },
    suffix: { type: ['string', 'null'] },
    max_tokens: { type: ['integer', 'null'], minimum: 0, maximum: 2 ** 31 - 1 },
    min_tokens: { type: ['integer', 'null'], minimum: 0, maximum: 2 ** 31 - 1 },
    echo: { type: ['boolean', 'null'] },
    best_of: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
    logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
    service_tier: { enum: ['auto', 'default', 'flex', 'priority', null] },
    prompt_cache_key: { type: ['string', 'null'], maxLength: 1024 },
    return_raw_tokens: { type: ['boolean', 'null'] },
  },
  additionalProperties: false,
};
