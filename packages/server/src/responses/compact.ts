/**
 * `POST /v1/responses/compact`: a conversation made shorter. Messages of users stay; what was said
 * to them is summed up by the model, in an item that only this server can open.
 * `POST /v1/responses/input_tokens`: what a request would read, without answering it.
 */
import { chatTemplate } from '@wafer/text';
import { answerParts } from '../answer-parts.ts';
import { invalidParam } from '../errors/api-error.ts';
import type { Call, Endpoint } from '../http/route.ts';
import { json } from '../http/route.ts';
import { chatGeneration } from '../openai/chat-generation.ts';
import { tierOf } from '../openai/service-tier.ts';
import type { MessageBody } from '../openai/chat-messages.ts';
import { AnswerFold, totalUsage } from '../requests/generation.ts';
import { idMaker } from '../requests/ids.ts';
import type { Services } from '../services.ts';
import { inputItems, messagesOf } from './items.ts';
import { responseUsage } from './response-body.ts';
import { chatOf, checkOffered } from './response-request.ts';
import { PROMPT_PROPERTIES, RESPONSE_PROPERTIES } from './response-schema.ts';
import type { Item, ResponseBody } from './response-schema.ts';
import { chainItems, findResponse } from './response-store.ts';

const SUMMARY_TOKENS = 256;
const ASK = 'Summarize this conversation so that it can be carried on later. Keep every fact.';

/** The whole chain of a request. Throws: ApiError 400. */
function itemsOf(body: ResponseBody, call: Call, services: Services): Item[] {
  const find = (id: string): ReturnType<typeof findResponse> =>
    findResponse(services, call.caller.tenant, id);
  const before = chainItems(find, body.previous_response_id);
  return [...before, ...inputItems(body.input, idMaker(services))];
}

function messagesFor(items: readonly Item[], call: Call, services: Services): MessageBody[] {
  const { instructions } = call.body as ResponseBody;
  const { secrets } = services;
  return messagesOf(items, { instructions, secrets, tenant: call.caller.tenant });
}

const { model, input, instructions, previous_response_id, ...rest } = RESPONSE_PROPERTIES;
const COMPACT_MORE = ['prompt_cache_key', 'prompt_cache_retention', 'prompt_cache_options'];

const COMPACT: Endpoint<Services> = {
  method: 'POST',
  path: '/v1/responses/compact',
  summary: 'Makes a conversation shorter',
  access: 'user',
  body: {
    type: 'object',
    required: ['model'],
    properties: {
      ...{ model, input, instructions, previous_response_id },
      service_tier: rest['service_tier'],
      ...Object.fromEntries(COMPACT_MORE.map((name) => [name, rest[name]])),
    },
    additionalProperties: false,
  },
  handler: async (call, services) => {
    const body = call.body as ResponseBody;
    checkOffered(body);
    const items = itemsOf(body, call, services);
    if (items.length === 0) throw invalidParam('input', 'there is nothing to make shorter');
    const { tenant } = call.caller;
    using lease = await services.models.lease(body.model, call.caller);
    const messages = [...messagesFor(items, call, services), { role: 'user', content: ASK }];
    const chat = chatOf(
      { model: body.model, temperature: 0, max_output_tokens: SUMMARY_TOKENS },
      messages as MessageBody[],
    );
    const tier = tierOf(body.service_tier, call);
    const generation = chatGeneration(chat, lease.wafer, { call, tier });
    const fold = new AnswerFold();
    const parts = answerParts(lease, generation, { services, signal: call.signal });
    for await (const part of parts) fold.add(part);
    const newId = idMaker(services);
    const sealed = services.secrets.seal(tenant, fold.content);
    const kept = items.filter(({ type, role }) => type === 'message' && role !== 'assistant');
    const summary = { type: 'compaction', id: newId('cmp'), encrypted_content: sealed };
    return json({
      id: newId('resp'),
      object: 'response.compaction',
      created_at: services.nowSeconds(),
      output: [...kept, summary],
      usage: responseUsage(totalUsage([fold])),
    });
  },
};

const COUNT: Endpoint<Services> = {
  method: 'POST',
  path: '/v1/responses/input_tokens',
  summary: 'Counts the tokens that a request would read',
  access: 'user',
  body: {
    type: 'object',
    required: ['model'],
    properties: PROMPT_PROPERTIES,
    additionalProperties: false,
  },
  handler: async (call, services) => {
    const body = call.body as ResponseBody;
    checkOffered(body);
    const messages = messagesFor(itemsOf(body, call, services), call, services);
    using lease = await services.models.lease(body.model, call.caller);
    const chat = chatOf(body, messages);
    const { input: asked } = chatGeneration(chat, lease.wafer, {
      call,
      tier: tierOf(body.service_tier, call),
    });
    if (asked.kind !== 'chat' || chatTemplate(lease.wafer.model) === undefined) {
      throw invalidParam('model', 'this model has no chat template');
    }
    const { tokens } = await lease.wafer.renderChat(asked.messages, asked.rendering);
    return json({ object: 'response.input_tokens', input_tokens: tokens.length });
  },
};

export const RESPONSE_TOOLS: readonly Endpoint<Services>[] = [COMPACT, COUNT];
