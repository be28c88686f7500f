/**
 * `POST /v1/embeddings`: texts or token ids as vectors of length 1, as numbers or as base64 of
 * little-endian float32.
 *
 * `dimensions` keeps the first ones and makes the rest length 1 again.
 */
import { normalizeVector } from '@wafer/runtime/internal';
import { invalidParam } from '../errors/api-error.ts';
import { json } from '../http/route.ts';
import type { BodySchema, Call, Endpoint, Reply } from '../http/route.ts';
import type { Caller } from '../http/keys.ts';
import type { Lease } from '../models/model-entry.ts';
import type { Services } from '../services.ts';
import { Meter } from '../usage/meter.ts';
import { clientPaths } from './paths.ts';

interface EmbeddingBody {
  model: string;
  input: string | readonly string[] | readonly number[] | readonly (readonly number[])[];
  encoding_format?: 'float' | 'base64' | null;
  dimensions?: number | null;
  user?: string | null;
}

const INPUTS_MAX = 2048;
const TOKENS: BodySchema = { type: 'array', minItems: 1, items: { type: 'integer', minimum: 0 } };

export const EMBEDDINGS: Endpoint<Services> = {
  method: 'POST',
  path: '/v1/embeddings',
  aliases: clientPaths('/v1/embeddings'),
  summary: 'Vectors of texts',
  access: 'user',
  body: {
    type: 'object',
    required: ['model', 'input'],
    properties: {
      model: { type: 'string', maxLength: 256 },
      input: {
        anyOf: [
          { type: 'string', minLength: 1 },
          {
            type: 'array',
            minItems: 1,
            maxItems: INPUTS_MAX,
            items: { type: 'string', minLength: 1 },
          },
          TOKENS,
          { type: 'array', minItems: 1, maxItems: INPUTS_MAX, items: TOKENS },
        ],
      },
      encoding_format: { enum: ['float', 'base64', null] },
      dimensions: { type: ['integer', 'null'], minimum: 1 },
      user: { type: ['string', 'null'], maxLength: 256 },
    },
    additionalProperties: false,
  },
  handler: embed,
};

async function embed({ body: given, caller }: Call, services: Services): Promise<Reply> {
  const { model, input, dimensions, encoding_format: format } = given as EmbeddingBody;
  using lease = await services.models.lease(model, caller);
  const inputs = inputsOf(input);
  const asked = { inputs, dimensions: dimensions ?? undefined, caller };
  const { vectors, promptTokens } = await meteredVectors(lease, asked, services);
  const data = vectors.map((vector, index) => {
    const embedding = format === 'base64' ? base64Of(vector) : [...vector];
    return { object: 'embedding', index, embedding };
  });
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
  return json({ object: 'list', data, model, usage });
}

/** Vectors of length 1, within the caller's limits and counted. Throws: ApiError 400, 429, 503. */
export async function meteredVectors(
  { id, wafer, gate }: Lease,
  asked: {
    inputs: readonly (string | readonly number[])[];
    dimensions: number | undefined;
    caller: Caller;
  },
  services: Pick<Services, 'usage'>,
): Promise<{ vectors: Float32Array[]; promptTokens: number }> {
  const { inputs, caller } = asked;
  const width = wafer.model.spec.modelWidth;
  const { dimensions = width } = asked;
  if (dimensions > width) {
    throw invalidParam('dimensions', `vectors of this model have ${width} dimensions`);
  }
  const prompts = await Promise.all(
    inputs.map(async (one) => (typeof one === 'string' ? wafer.encodeAside(one) : one)),
  );
  const promptTokens = prompts.reduce((sum, { length }) => sum + length, 0);
  const { tenant } = caller;
  const request = { tenant, tier: 'default', promptTokens, answerCount: prompts.length } as const;
  const meter = new Meter(services.usage, { caller, model: id, kind: 'embeddings' });
  meter.admit(promptTokens, 0);
  let vectors: Float32Array[] | undefined;
  try {
    using slot = gate.admit(request);
    vectors = await wafer.embed(prompts);
    slot.begin();
  } finally {
    const used = { inputTokens: promptTokens, cachedTokens: 0, outputTokens: 0 };
    meter.settle(vectors && used);
  }
  if (dimensions === width) return { vectors, promptTokens };
  const cut = vectors.map((vector) => normalizeVector(vector.slice(0, dimensions)));
  return { vectors: cut, promptTokens };
}

function inputsOf(input: EmbeddingBody['input']): readonly (string | readonly number[])[] {
  if (typeof input === 'string') return [input];
  if (typeof input[0] === 'number') return [input as readonly number[]];
  return input as readonly (string | readonly number[])[];
}

function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
  return bytes.toString('base64');
}
