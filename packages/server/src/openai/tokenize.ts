/**
 * `POST /tokenize` and `/detokenize`: what a text or a chat is to the model, in vLLM's shapes.
 */
import { invalidParam } from '../errors/api-error.ts';
import { json } from '../http/route.ts';
import type { Call, Endpoint, Reply } from '../http/route.ts';
import type { Services } from '../services.ts';
import { chatMessages } from './chat-messages.ts';
import type { MessageBody } from './chat-messages.ts';
import { MESSAGE_SCHEMA } from './chat-schema.ts';
import { tokenText } from './usage.ts';

interface TokenizeBody {
  model: string;
  prompt?: string;
  messages?: readonly MessageBody[];
  add_special_tokens?: boolean;
  add_generation_prompt?: boolean;
  return_token_strs?: boolean | null;
}

const MODEL = { type: 'string', maxLength: 256 } as const;

export const TOKENIZE: Endpoint<Services> = {
  method: 'POST',
  path: '/tokenize',
  aliases: ['/v1/tokenize'],
  summary: 'Token ids of a text or of a chat',
  access: 'user',
  body: {
    type: 'object',
    required: ['model'],
    properties: {
      model: MODEL,
      prompt: { type: 'string' },
      messages: { type: 'array', minItems: 1, maxItems: 4096, items: MESSAGE_SCHEMA },
      add_special_tokens: { type: 'boolean' },
      add_generation_prompt: { type: 'boolean' },
      return_token_strs: { type: ['boolean', 'null'] },
    },
    additionalProperties: false,
  },
  handler: tokenize,
};

async function tokenize({ body: given, caller }: Call, { models }: Services): Promise<Reply> {
  const body = given as TokenizeBody;
  const { prompt, messages, add_generation_prompt: addGenerationPrompt = true } = body;
  if ((prompt === undefined) === (messages === undefined)) {
    throw invalidParam('prompt', "give either 'prompt' or 'messages'");
  }
  if (messages !== undefined && body.add_special_tokens !== undefined) {
    throw invalidParam('add_special_tokens', "a chat's template says which tokens are around it");
  }
  using lease = await models.lease(body.model, caller);
  const { wafer } = lease;
  const addBegin = body.add_special_tokens;
  const tokens =
    messages === undefined
      ? await wafer.encodeAside(prompt!, addBegin === undefined ? {} : { addBegin })
      : (await wafer.renderChat(chatMessages(messages), { addGenerationPrompt })).tokens;
  const ids = Array.from(tokens);
  return json({
    count: ids.length,
    max_model_len: wafer.plan.options.contextMax,
    tokens: ids,
    token_strs:
      body.return_token_strs === true ? ids.map((id) => tokenText(wafer.tokenizer, id)) : null,
  });
}

export const DETOKENIZE: Endpoint<Services> = {
  method: 'POST',
  path: '/detokenize',
  aliases: ['/v1/detokenize'],
  summary: 'The text of token ids',
  access: 'user',
  body: {
    type: 'object',
    required: ['model', 'tokens'],
    properties: {
      model: MODEL,
      tokens: { type: 'array', items: { type: 'integer', minimum: 0 } },
    },
    additionalProperties: false,
  },
  handler: async ({ body: given, caller }, { models }) => {
    const { model, tokens } = given as { model: string; tokens: number[] };
    using lease = await models.lease(model, caller);
    const { vocabCount } = lease.wafer.model.spec;
    const wrong = tokens.findIndex((token) => token >= vocabCount);
    if (wrong >= 0) {
      throw invalidParam(`tokens[${wrong}]`, `token ids are below ${vocabCount}`);
    }
    return json({ prompt: lease.wafer.tokenizer.decode(tokens) });
  },
};
