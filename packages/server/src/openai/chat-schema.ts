/**
 * What a chat completion takes: the union of OpenAI's parameters, Cerebras' and those of open
 * servers. Every one is honored, or `not-offered.ts` says why it is not.
 */
import type { BodySchema } from '../http/route.ts';
import { METADATA_SCHEMA, SAMPLING_PROPERTIES, TOKEN_LIMIT } from '../requests/parameters.ts';
import type { SamplingBody } from '../requests/parameters.ts';
import type { MessageBody } from './chat-messages.ts';

export interface ToolBody {
  type: string;
  function?: { name: string; description?: string; parameters?: object; strict?: boolean | null };
}

export type ToolChoiceBody =
  | 'none'
  | 'auto'
  | 'required'
  | { type: string; function?: { name: string } };

export interface ChatBody extends SamplingBody {
  model: string;
  messages: readonly MessageBody[];
  max_tokens?: number | null;
  max_completion_tokens?: number | null;
  min_tokens?: number | null;
  logprobs?: boolean | null;
  top_logprobs?: number | null;
  tools?: readonly ToolBody[] | null;
  tool_choice?: ToolChoiceBody | null;
  parallel_tool_calls?: boolean | null;
  prediction?: {
    type: 'content';
    content: string | readonly { type: string; text: string }[];
  } | null;
  reasoning_effort?: string | null;
  verbosity?: string | null;
  service_tier?: string | null;
  reasoning_format?: 'none' | 'parsed' | 'text_parsed' | 'raw' | 'hidden' | null;
  disable_reasoning?: boolean | null;
  clear_thinking?: boolean | null;
  store?: boolean | null;
  metadata?: Readonly<Record<string, string>> | null;
}

const MESSAGES_MAX = 4096;
const TOOLS_MAX = 128;
const NAME = '^[A-Za-z0-9_.-]{1,64}$';

const TEXT_PARTS: BodySchema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['type'],
    properties: { type: { type: 'string' }, text: { type: 'string' } },
  },
};

const CALL: BodySchema = {
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 256 },
    index: { type: 'integer' },
    type: { type: 'string' },
    function: {
      type: 'object',
      required: ['name', 'arguments'],
      properties: { name: { type: 'string' }, arguments: { type: 'string' } },
    },
  },
};

export const MESSAGE_SCHEMA: BodySchema = {
  type: 'object',
  required: ['role'],
  properties: {
    role: { enum: ['system', 'developer', 'user', 'assistant', 'tool', 'function'] },
    content: { anyOf: [{ type: ['string', 'null'] }, TEXT_PARTS] },
    name: { type: 'string', maxLength: 256 },
    refusal: { type: ['string', 'null'] },
    reasoning: { type: ['string', 'null'] },
    reasoning_content: { type: ['string', 'null'] },
    annotations: { type: ['array', 'null'] },
    audio: { type: ['object', 'null'] },
    tool_calls: { type: ['array', 'null'], items: CALL, maxItems: TOOLS_MAX },
    function_call: {
      type: ['object', 'null'],
      required: ['name', 'arguments'],
      properties: { name: { type: 'string' }, arguments: { type: 'string' } },
    },
    tool_call_id: { type: 'string', maxLength: 256 },
  },
  additionalProperties: false,
};

const FUNCTION: BodySchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', pattern: NAME },
    description: { type: 'string' },
    parameters: { type: 'object' },
    strict: { type: ['boolean', 'null'] },
  },
};

export const CHAT_PROPERTIES: BodySchema = {
  ...SAMPLING_PROPERTIES,
  model: { type: 'string', maxLength: 256 },
  messages: { type: 'array', minItems: 1, maxItems: MESSAGES_MAX, items: MESSAGE_SCHEMA },
  max_tokens: TOKEN_LIMIT,
  max_completion_tokens: TOKEN_LIMIT,
  min_tokens: { type: ['integer', 'null'], minimum: 0, maximum: 2 ** 31 - 1 },
  reasoning_format: { enum: ['none', 'parsed', 'text_parsed', 'raw', 'hidden', null] },
  disable_reasoning: { type: ['boolean', 'null'] },
  clear_thinking: { type: ['boolean', 'null'] },
  logprobs: { type: ['boolean', 'null'] },
  top_logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
  tools: {
    type: ['array', 'null'],
    maxItems: TOOLS_MAX,
    items: {
      type: 'object',
      required: ['type'],
      properties: { type: { type: 'string' }, function: FUNCTION },
    },
  },
  tool_choice: {
    anyOf: [
      { enum: ['none', 'auto', 'required', null] },
      {
        type: 'object',
        required: ['type'],
        properties: {
          type: { type: 'string' },
          function: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' } },
          },
        },
      },
    ],
  },
  parallel_tool_calls: { type: ['boolean', 'null'] },
  prediction: {
    type: ['object', 'null'],
    required: ['type', 'content'],
    properties: {
      type: { const: 'content' },
      content: { anyOf: [{ type: 'string' }, TEXT_PARTS] },
    },
    additionalProperties: false,
  },
  reasoning_effort: { enum: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', null] },
  verbosity: { enum: ['low', 'medium', 'high', null] },
  service_tier: { enum: ['auto', 'default', 'flex', 'priority', 'on_demand', 'scale', null] },
  prompt_cache_key: { type: ['string', 'null'], maxLength: 1024 },
  prompt_cache_retention: { enum: ['in_memory', 'in-memory', '24h', null] },
  safety_identifier: { type: ['string', 'null'], maxLength: 64 },
  modalities: { type: ['array', 'null'], items: { type: 'string' } },
  metadata: METADATA_SCHEMA,
  store: { type: ['boolean', 'null'] },
  audio: { type: ['object', 'null'] },
  web_search_options: { type: ['object', 'null'] },
  moderation: { type: ['object', 'string', 'null'] },
  prompt_cache_options: { type: ['object', 'null'] },
  functions: { type: ['array', 'null'], maxItems: TOOLS_MAX, items: FUNCTION },
  function_call: {
    anyOf: [
      { enum: ['none', 'auto', null] },
      { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
    ],
  },
};

export const CHAT_SCHEMA: BodySchema = {
  type: 'object',
  required: ['model', 'messages'],
  properties: CHAT_PROPERTIES,
  additionalProperties: false,
};
