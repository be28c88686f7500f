/**
 * What `POST /v1/responses` takes, and the items of its input.
 *
 * Source: OpenAI's OpenAPI document 2.3.0; Open Responses 2026-04-24.
 */
import type { BodySchema } from '../http/route.ts';
import { METADATA_SCHEMA } from '../requests/parameters.ts';

/** A part of a message or of a tool's output. */
export interface ItemPart {
  type: string;
  text?: string;
  refusal?: string;
}

/** One item of a conversation, as it comes and as it is stored. */
export interface Item {
  type?: string | undefined;
  id?: string | null | undefined;
  role?: 'user' | 'assistant' | 'system' | 'developer' | undefined;
  phase?: string | null | undefined;
  content?: string | readonly ItemPart[] | null | undefined;
  summary?: readonly ItemPart[] | undefined;
  encrypted_content?: string | null | undefined;
  call_id?: string | undefined;
  name?: string | undefined;
  arguments?: string | undefined;
  output?: string | readonly ItemPart[] | undefined;
  status?: string | null | undefined;
}

export interface ResponseTool {
  type: string;
  name?: string;
  description?: string | null;
  parameters?: object | null;
  strict?: boolean | null;
}

export interface ResponseBody {
  model: string;
  input?: string | readonly Item[] | null;
  instructions?: string | null;
  previous_response_id?: string | null;
  store?: boolean | null;
  background?: boolean | null;
  stream?: boolean | null;
  metadata?: Readonly<Record<string, string>> | null;
  include?: readonly string[] | null;
  tools?: readonly ResponseTool[] | null;
  tool_choice?: string | { type: string; name?: string } | null;
  parallel_tool_calls?: boolean | null;
  max_output_tokens?: number | null;
  max_tool_calls?: number | null;
  temperature?: number | null;
  top_p?: number | null;
  presence_penalty?: number | null;
  frequency_penalty?: number | null;
  top_logprobs?: number | null;
  text?: { format?: ResponseFormat | null; verbosity?: string | null } | null;
  reasoning?: { effort?: string | null; summary?: string | null } | null;
  truncation?: string | null;
  service_tier?: string | null;
  prompt_cache_key?: string | null;
  safety_identifier?: string | null;
  user?: string | null;
}

export interface ResponseFormat {
  type: string;
  name?: string;
  schema?: object;
  strict?: boolean | null;
  description?: string;
}

const nullable = (type: string, more: BodySchema = {}): BodySchema => ({
  type: [type, 'null'],
  ...more,
});
const ITEMS_MAX = 4096;
const CALL_ID: BodySchema = { type: 'string', minLength: 1, maxLength: 64 };
const PARTS: BodySchema = {
  type: 'array',
  maxItems: ITEMS_MAX,
  items: { type: 'object', required: ['type'], properties: { type: { type: 'string' } } },
};
const TEXT_OR_PARTS: BodySchema = { anyOf: [{ type: ['string', 'null'] }, PARTS] };

/** One item of any type; what it must have is checked where it is read. */
export const ITEM_SCHEMA: BodySchema = {
  type: 'object',
  properties: {
    type: { type: 'string', maxLength: 64 },
    id: nullable('string', { maxLength: 128 }),
    role: { enum: ['user', 'assistant', 'system', 'developer'] },
    phase: { enum: ['commentary', 'final_answer', null] },
    content: TEXT_OR_PARTS,
    summary: PARTS,
    encrypted_content: nullable('string'),
    call_id: CALL_ID,
    name: { type: 'string', maxLength: 256 },
    arguments: { type: 'string' },
    output: TEXT_OR_PARTS,
    status: nullable('string', { maxLength: 32 }),
    created_by: { type: 'string', maxLength: 256 },
  },
};

export const INPUT_SCHEMA: BodySchema = {
  anyOf: [
    { type: ['string', 'null'] },
    { type: 'array', minItems: 1, maxItems: ITEMS_MAX, items: ITEM_SCHEMA },
  ],
};

const TOOL: BodySchema = {
  type: 'object',
  required: ['type'],
  properties: {
    type: { type: 'string', maxLength: 64 },
    name: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,64}$' },
    description: nullable('string'),
    parameters: nullable('object'),
    strict: nullable('boolean'),
  },
};

const CHOICE: BodySchema = {
  anyOf: [
    { enum: ['none', 'auto', 'required', null] },
    { type: 'object', required: ['type'], properties: { type: { type: 'string' } } },
  ],
};

/** What a response and a count of its tokens have in common. */
export const PROMPT_PROPERTIES: BodySchema = {
  model: { type: 'string', maxLength: 256 },
  input: INPUT_SCHEMA,
  instructions: nullable('string'),
  previous_response_id: nullable('string', { maxLength: 128 }),
  conversation: {},
  tools: { type: ['array', 'null'], maxItems: 128, items: TOOL },
  tool_choice: CHOICE,
  parallel_tool_calls: nullable('boolean'),
  reasoning: {
    type: ['object', 'null'],
    properties: {
      effort: { enum: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', null] },
      summary: { enum: ['auto', 'concise', 'detailed', null] },
      generate_summary: { enum: ['auto', 'concise', 'detailed', null] },
    },
    additionalProperties: false,
  },
  text: {
    type: ['object', 'null'],
    properties: {
      format: {
        type: ['object', 'null'],
        required: ['type'],
        properties: { type: { type: 'string' }, schema: { type: 'object' } },
      },
      verbosity: { enum: ['low', 'medium', 'high', null] },
    },
    additionalProperties: false,
  },
  truncation: { enum: ['auto', 'disabled', null] },
};

export const RESPONSE_PROPERTIES: BodySchema = {
  ...PROMPT_PROPERTIES,
  store: nullable('boolean'),
  background: nullable('boolean'),
  stream: nullable('boolean'),
  stream_options: {
    type: ['object', 'null'],
    properties: { include_obfuscation: { type: 'boolean' } },
    additionalProperties: false,
  },
  metadata: METADATA_SCHEMA,
  include: { type: ['array', 'null'], maxItems: 16, items: { type: 'string', maxLength: 64 } },
  max_output_tokens: nullable('integer', { minimum: 1, maximum: 2 ** 31 - 1 }),
  max_tool_calls: nullable('integer', { minimum: 1 }),
  temperature: nullable('number', { minimum: 0, maximum: 2 }),
  top_p: nullable('number', { minimum: 0, maximum: 1 }),
  presence_penalty: nullable('number', { minimum: -2, maximum: 2 }),
  frequency_penalty: nullable('number', { minimum: -2, maximum: 2 }),
  top_logprobs: nullable('integer', { minimum: 0, maximum: 20 }),
  service_tier: { enum: ['auto', 'default', 'flex', 'priority', 'scale', null] },
  prompt_cache_key: nullable('string', { maxLength: 1024 }),
  prompt_cache_retention: { enum: ['in_memory', 'in-memory', '24h', null] },
  prompt_cache_options: nullable('object'),
  safety_identifier: nullable('string', { maxLength: 64 }),
  user: nullable('string', { maxLength: 256 }),
  prompt: {},
  moderation: {},
  context_management: {},
};

export const RESPONSE_SCHEMA: BodySchema = {
  type: 'object',
  required: ['model'],
  properties: RESPONSE_PROPERTIES,
  additionalProperties: false,
};
