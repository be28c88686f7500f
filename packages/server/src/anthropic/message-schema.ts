/**
 * What a message of Anthropic's interface takes. Every parameter is honored, or refused with its
 * reason; marks for the cache are taken without effect, since prefixes are cached by themselves.
 *
 * Source: Anthropic, "Messages" of its API reference.
 */
import type { BodySchema } from '../http/route.ts';

export interface BlockBody {
  type: string;
  text?: string;
  thinking?: string;
  signature?: string;
  id?: string;
  name?: string;
  input?: unknown;
  tool_use_id?: string;
  content?: string | readonly BlockBody[] | null;
  is_error?: boolean | null;
}

export interface MessageTool {
  type?: string | null;
  name: string;
  description?: string;
  input_schema?: object;
  strict?: boolean | null;
  defer_loading?: boolean | null;
  input_examples?: readonly unknown[] | null;
}

export interface MessageBody {
  model: string;
  max_tokens: number;
  messages: readonly { role: string; content: string | readonly BlockBody[] }[];
  system?: string | readonly BlockBody[] | null;
  stop_sequences?: readonly string[] | null;
  stream?: boolean | null;
  temperature?: number | null;
  top_p?: number | null;
  top_k?: number | null;
  tools?: readonly MessageTool[] | null;
  tool_choice?: { type: string; name?: string; disable_parallel_tool_use?: boolean } | null;
  thinking?: { type: string; budget_tokens?: number; display?: string | null } | null;
  output_config?: { effort?: string | null; format?: JsonFormat | null } | null;
  output_format?: JsonFormat | null;
  metadata?: { user_id?: string | null } | null;
  service_tier?: string | null;
  speed?: string | null;
}

interface JsonFormat {
  type: string;
  schema: unknown;
}

const ITEMS_MAX = 4096;
const STOPS_MAX = 16;
const NAME = '^[A-Za-z0-9_.-]{1,128}$';

const BLOCK: BodySchema = {
  type: 'object',
  required: ['type'],
  properties: {
    type: { type: 'string', maxLength: 64 },
    ...{ text: { type: 'string' }, thinking: { type: 'string' }, signature: { type: 'string' } },
    ...{ id: { type: 'string', maxLength: 256 }, name: { type: 'string', pattern: NAME } },
    input: { type: 'object' },
    tool_use_id: { type: 'string', maxLength: 256 },
    content: { type: ['string', 'array', 'null'], items: { type: 'object', required: ['type'] } },
    is_error: { type: ['boolean', 'null'] },
  },
};

const TEXT_OR_BLOCKS: BodySchema = {
  type: ['string', 'array'],
  maxItems: ITEMS_MAX,
  items: BLOCK,
};

const FORMAT: BodySchema = {
  type: ['object', 'null'],
  required: ['type', 'schema'],
  properties: { type: { const: 'json_schema' }, schema: { type: 'object' } },
};

const TOOL: BodySchema = {
  type: 'object',
  required: ['name'],
  properties: {
    type: { type: ['string', 'null'] },
    name: { type: 'string', pattern: NAME },
    description: { type: 'string' },
    input_schema: { type: 'object' },
    strict: { type: ['boolean', 'null'] },
    defer_loading: { type: ['boolean', 'null'] },
    eager_input_streaming: { type: ['boolean', 'null'] },
    input_examples: { type: ['array', 'null'] },
    allowed_callers: { type: ['array', 'null'] },
    cache_control: { type: ['object', 'null'] },
  },
};

/** What counting takes. */
const COUNTED: BodySchema = {
  model: { type: 'string', maxLength: 256 },
  messages: {
    type: 'array',
    ...{ minItems: 1, maxItems: ITEMS_MAX },
    items: {
      type: 'object',
      required: ['role', 'content'],
      properties: { role: { enum: ['user', 'assistant', 'system'] }, content: TEXT_OR_BLOCKS },
    },
  },
  system: { ...TEXT_OR_BLOCKS, type: ['string', 'array', 'null'] },
  tools: { type: ['array', 'null'], maxItems: 128, items: TOOL },
  tool_choice: {
    type: ['object', 'null'],
    required: ['type'],
    properties: {
      type: { enum: ['auto', 'any', 'tool', 'none'] },
      name: { type: 'string', pattern: NAME },
      disable_parallel_tool_use: { type: 'boolean' },
    },
    additionalProperties: false,
  },
  thinking: {
    type: ['object', 'null'],
    required: ['type'],
    properties: {
      type: { enum: ['enabled', 'disabled', 'adaptive'] },
      budget_tokens: { type: 'integer', minimum: 1 },
      display: { enum: ['summarized', 'omitted', null] },
    },
    additionalProperties: false,
  },
  output_config: {
    type: ['object', 'null'],
    properties: {
      effort: { enum: ['low', 'medium', 'high', 'xhigh', 'max', null] },
      format: FORMAT,
    },
    additionalProperties: false,
  },
  output_format: FORMAT,
  cache_control: { type: ['object', 'null'] },
  ...{ speed: {}, context_management: {}, mcp_servers: {}, user_profile_id: {} },
};

export const MESSAGE_SCHEMA: BodySchema = {
  type: 'object',
  required: ['model', 'max_tokens', 'messages'],
  properties: {
    ...COUNTED,
    max_tokens: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 },
    stop_sequences: {
      type: ['array', 'null'],
      maxItems: STOPS_MAX,
      items: { type: 'string', minLength: 1, maxLength: 1024 },
    },
    stream: { type: ['boolean', 'null'] },
    temperature: { type: ['number', 'null'], minimum: 0, maximum: 1 },
    top_p: { type: ['number', 'null'], minimum: 0, maximum: 1 },
    top_k: { type: ['integer', 'null'], minimum: 0, maximum: 2 ** 31 - 1 },
    metadata: {
      type: ['object', 'null'],
      properties: { user_id: { type: ['string', 'null'], maxLength: 256 } },
      additionalProperties: false,
    },
    service_tier: { enum: ['auto', 'standard_only', null] },
    ...{ container: {}, diagnostics: {}, inference_geo: {} },
  },
  additionalProperties: false,
};

export const COUNT_SCHEMA: BodySchema = {
  type: 'object',
  required: ['model', 'messages'],
  properties: COUNTED,
  additionalProperties: false,
};
