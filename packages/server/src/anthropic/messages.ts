/**
 * `POST /v1/messages` and `/v1/messages/count_tokens`: Anthropic's interface over the same chats.
 */
import { answerParts } from '../answer-parts.ts';
import { toApiError } from '../errors/api-error.ts';
import type { ApiError } from '../errors/api-error.ts';
import type { Call, Endpoint, Reply, ServerEvent } from '../http/route.ts';
import { json } from '../http/route.ts';
import type { Lease } from '../models/model-entry.ts';
import { chatGeneration } from '../openai/chat-generation.ts';
import { tierOf } from '../openai/service-tier.ts';
import type { Generation } from '../requests/generation.ts';
import type { Services } from '../services.ts';
import { withLease } from '../with-lease.ts';
import { chatOf } from './message-request.ts';
import { COUNT_SCHEMA, MESSAGE_SCHEMA } from './message-schema.ts';
import type { MessageBody } from './message-schema.ts';
import { MessageWriter } from './message-writer.ts';

export const MESSAGES: Endpoint<Services> = {
  method: 'POST',
  path: '/v1/messages',
  summary: "Answers messages of Anthropic's interface",
  access: 'user',
  isQueued: true,
  body: MESSAGE_SCHEMA,
  errorBody,
  handler: answerMessages,
};

export const MESSAGES_COUNT: Endpoint<Services> = {
  method: 'POST',
  path: '/v1/messages/count_tokens',
  summary: 'Counts the tokens of messages',
  access: 'user',
  body: COUNT_SCHEMA,
  errorBody,
  handler: (call, services) =>
    withLease(services, asking(call), async (lease) => {
      const { input } = generationOf(call, services, lease);
      if (input.kind !== 'chat') return json({ input_tokens: 0 });
      const { tokens } = await lease.wafer.renderChat(input.messages, input.rendering);
      return json({ input_tokens: tokens.length });
    }),
};

function asking({ body, caller }: Call): { model: string } & Pick<Call, 'caller'> {
  return { model: (body as MessageBody).model, caller };
}

function generationOf(call: Call, { secrets }: Services, { wafer }: Lease): Generation {
  const { tenant } = call.caller;
  const chat = chatOf(call.body as MessageBody, (sealed, at) => secrets.open(tenant, sealed, at));
  try {
    return chatGeneration(chat, wafer, { call, tier: tierOf(chat.service_tier, call) });
  } catch (error) {
    throw renamed(toApiError(error));
  }
}

function answerMessages(call: Call, services: Services): Promise<Reply> {
  const body = call.body as MessageBody;
  return withLease(services, asking(call), async (lease) => {
    const generation = generationOf(call, services, lease);
    const writer = new MessageWriter({
      id: services.newId('msg').replace('-', '_'),
      model: body.model,
      newCallId: () => services.newId('toolu').replace('-', '_'),
      seal: (text) => services.secrets.seal(call.caller.tenant, text),
      hidesThinking: body.thinking?.display === 'omitted',
    });
    const events = messageEvents(writer, { lease, generation, call, services });
    if (body.stream === true) return { kind: 'events', events, errorEvent } satisfies Reply;
    for await (const _ of events);
    return json(writer.message);
  });
}

async function* messageEvents(
  writer: MessageWriter,
  use: { lease: Lease; generation: Generation; call: Call; services: Services },
): AsyncGenerator<ServerEvent, void, undefined> {
  const { lease, generation, call, services } = use;
  try {
    const parts = answerParts(lease, generation, { services, signal: call.signal });
    for await (const part of parts) yield* writer.push(part);
  } catch (error) {
    throw renamed(toApiError(error));
  }
  yield* writer.finish();
}

// ---- errors

/** Parameters of chats by the names that messages have for them. */
const NAMES: Readonly<Record<string, string>> = {
  max_completion_tokens: 'max_tokens',
  stop: 'stop_sequences',
  reasoning_effort: 'thinking',
  response_format: 'output_config.format',
  parallel_tool_calls: 'tool_choice.disable_parallel_tool_use',
};

function renamed(error: ApiError): ApiError {
  const { param } = error;
  if (param === undefined || !Object.hasOwn(NAMES, param)) return error;
  return error.about(NAMES[param]!);
}

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  529: 'overloaded_error',
};

/** The envelope of errors; what other interfaces call code and param is among its details. */
function errorBody(error: ApiError, requestId?: string): Record<string, unknown> {
  const { status, message, code, param = null } = error;
  const type = TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  const details = { error_code: code, param };
  return { type: 'error', error: { type, message, details }, request_id: requestId ?? null };
}

function errorEvent(error: ApiError): ServerEvent {
  return { event: 'error', data: errorBody(error) };
}
