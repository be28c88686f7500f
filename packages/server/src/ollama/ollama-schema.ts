/**
 * What Ollama's interface takes: bodies of chats, texts, vectors and models, and their options.
 *
 * Options that say how a machine computes are taken without effect on an answer.
 *
 * Source: Ollama, "API" (docs/api.md).
 */
import type { BodySchema } from '../http/route.ts';

export interface OllamaOptions {
  num_predict?: number;
  num_ctx?: number;
  temperature?: number;
  top_k?: number;
  top_p?: number;
  min_p?: number;
  seed?: number;
  repeat_penalty?: number;
  repeat_last_n?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
  stop?: readonly string[];
}

/** What every request for an answer may have. */
export interface OllamaBody {
  model: string;
  stream?: boolean;
  format?: string | object | null;
  options?: OllamaOptions | null;
  keep_alive?: string | number | null;
  think?: boolean | string | null;
  logprobs?: boolean | null;
  top_logprobs?: number | null;
}

export interface OllamaMessage {
  role: string;
  content?: string;
  thinking?: string;
  images?: readonly unknown[] | null;
  tool_calls?: readonly { function: { name: string; arguments: object } }[] | null;
  tool_name?: string;
}

export interface OllamaChat extends OllamaBody {
  messages?: readonly OllamaMessage[] | null;
  tools?: readonly object[] | null;
}

export interface OllamaText extends OllamaBody {
  prompt?: string;
  suffix?: string;
  system?: string;
  raw?: boolean | null;
}

export interface OllamaVectors {
  model: string;
  input?: string | readonly string[];
  prompt?: string;
  dimensions?: number | null;
  keep_alive?: string | number | null;
}

const nullable = (...types: string[]): BodySchema => ({ type: [...types, 'null'] });
const number = (minimum: number, maximum: number): BodySchema => ({
  type: 'number',
  ...{ minimum, maximum },
});
const whole = (minimum: number, maximum: number = 2 ** 31 - 1): BodySchema => ({
  type: 'integer',
  ...{ minimum, maximum },
});

/** Of the machine, not of the answer. */
const MACHINE = [
  ...['numa', 'num_batch', 'num_gpu', 'main_gpu', 'low_vram', 'f16_kv', 'logits_all', 'vocab_only'],
  ...['use_mmap', 'use_mlock', 'embedding_only', 'num_thread', 'num_keep'],
];

const OPTIONS: BodySchema = {
  type: ['object', 'null'],
  properties: {
    num_predict: whole(-2),
    num_ctx: whole(1),
    temperature: number(0, 2),
    top_k: whole(-1),
    top_p: number(0, 1),
    min_p: number(0, 1),
    seed: { type: 'integer' },
    repeat_penalty: number(0.01, 100),
    repeat_last_n: { enum: [-1, 0] },
    presence_penalty: number(-2, 2),
    frequency_penalty: number(-2, 2),
    stop: { type: 'array', maxItems: 16, items: { type: 'string', minLength: 1, maxLength: 1024 } },
    typical_p: { const: 1 },
    tfs_z: { const: 1 },
    mirostat: { const: 0 },
    ...{ mirostat_tau: { type: 'number' }, mirostat_eta: { type: 'number' } },
    penalize_newline: { const: true },
    ...Object.fromEntries(MACHINE.map((name) => [name, {}])),
  },
  additionalProperties: false,
};

export const MODEL_NAME: BodySchema = { type: 'string', minLength: 1, maxLength: 256 };
const KEEP_ALIVE: BodySchema = { type: ['string', 'number', 'null'], maxLength: 64 };

const ANSWER: BodySchema = {
  model: MODEL_NAME,
  stream: nullable('boolean'),
  format: nullable('string', 'object'),
  options: OPTIONS,
  keep_alive: KEEP_ALIVE,
  think: { anyOf: [nullable('boolean'), { enum: ['low', 'medium', 'high'] }] },
  logprobs: nullable('boolean'),
  top_logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
};

const MESSAGE: BodySchema = {
  type: 'object',
  required: ['role'],
  properties: {
    role: { enum: ['system', 'user', 'assistant', 'tool'] },
    ...{ content: { type: 'string' }, thinking: { type: 'string' } },
    images: nullable('array'),
    tool_calls: {
      type: ['array', 'null'],
      items: {
        type: 'object',
        required: ['function'],
        properties: {
          function: {
            type: 'object',
            required: ['name', 'arguments'],
            properties: { name: { type: 'string' }, arguments: { type: 'object' } },
          },
        },
      },
    },
    tool_name: { type: 'string', maxLength: 256 },
  },
  additionalProperties: false,
};

const TOOL: BodySchema = {
  type: 'object',
  required: ['type', 'function'],
  properties: {
    type: { const: 'function' },
    function: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,64}$' } },
    },
  },
};

function bodyOf(required: readonly string[], properties: BodySchema): BodySchema {
  return { type: 'object', required, properties, additionalProperties: false };
}

export const CHAT_BODY: BodySchema = bodyOf(['model'], {
  ...ANSWER,
  messages: { type: ['array', 'null'], maxItems: 4096, items: MESSAGE },
  tools: { type: ['array', 'null'], maxItems: 128, items: TOOL },
});

export const TEXT_BODY: BodySchema = bodyOf(['model'], {
  ...ANSWER,
  ...{ prompt: { type: 'string' }, suffix: { type: 'string' }, system: { type: 'string' } },
  raw: nullable('boolean'),
  ...{ template: {}, context: {}, images: {}, width: {}, height: {}, steps: {} },
});

export const VECTORS_BODY: BodySchema = bodyOf(['model', 'input'], {
  model: MODEL_NAME,
  input: {
    anyOf: [
      { type: 'string', minLength: 1 },
      { type: 'array', minItems: 1, maxItems: 2048, items: { type: 'string', minLength: 1 } },
    ],
  },
  truncate: { enum: [false, null] },
  dimensions: { type: ['integer', 'null'], minimum: 1 },
  ...{ keep_alive: KEEP_ALIVE, options: OPTIONS },
});

export const VECTOR_BODY: BodySchema = bodyOf(['model', 'prompt'], {
  model: MODEL_NAME,
  prompt: { type: 'string', minLength: 1 },
  ...{ keep_alive: KEEP_ALIVE, options: OPTIONS },
});

/** Bodies that name a model, by its newer or its older name. */
export const NAMED_BODY: BodySchema = bodyOf([], {
  ...{ model: MODEL_NAME, name: MODEL_NAME, stream: nullable('boolean') },
  ...{ verbose: nullable('boolean'), insecure: nullable('boolean') },
  ...{ system: {}, template: {}, options: {} },
});
