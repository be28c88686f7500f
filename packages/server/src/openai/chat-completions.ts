/**
 * `POST /v1/chat/completions`: messages in, one answer or `n`, whole or token by token.
 *
 * Chunks and the whole are made of the same parts, so that they are equal token for token.
 */
import type { Call, Endpoint, Reply, ServerEvent } from '../http/route.ts';
import { json } from '../http/route.ts';
import type { Lease } from '../models/model-entry.ts';
import { AnswerFolds, runGeneration, totalUsage } from '../requests/generation.ts';
import type { AnswerPart, Generation } from '../requests/generation.ts';
import type { Services } from '../services.ts';
import { chatBody, ChunkMaker } from './chat-bodies.ts';
import type { CompletionHead } from './chat-bodies.ts';
import { chatGeneration } from './chat-generation.ts';
import { keepChat } from './chat-stored.ts';
import { CHAT_SCHEMA } from './chat-schema.ts';
import type { ChatBody } from './chat-schema.ts';

export const CHAT_COMPLETIONS: Endpoint<Services> = {
  method: 'POST',
  path: '/v1/chat/completions',
  aliases: ['/chat/completions', '/openai/v1/chat/completions'],
  summary: 'Answers the messages of a chat',
  access: 'user',
  body: CHAT_SCHEMA,
  handler: answerChat,
};

async function answerChat(call: Call, services: Services): Promise<Reply> {
  const body = call.body as ChatBody;
  const lease = await services.models.lease(body.model);
  try {
    const generation = chatGeneration(body, lease.wafer, call);
    const head: CompletionHead = {
      id: services.newId('chatcmpl'),
      created: services.nowSeconds(),
      model: body.model,
      tokenizer: lease.wafer.tokenizer,
      serviceTier: 'default',
    };
    const keep = (whole: Record<string, unknown>): void => keepChat(services, call, whole);
    const use = { lease, generation, head, keep, signal: call.signal };
    if (body.stream === true) {
      const includesUsage = body.stream_options?.include_usage === true;
      const events = streamChunks({ ...use, includesUsage });
      return { kind: 'events', events, end: { data: '[DONE]' } };
    }
    const folds = new AnswerFolds(generation.options.n ?? 1);
    for await (const part of runGeneration(lease.wafer, generation, call.signal)) folds.add(part);
    lease[Symbol.dispose]();
    const whole = chatBody(head, folds.all, totalUsage(folds.all));
    keep(whole);
    return json(whole);
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
}

async function* streamChunks(use: {
  lease: Lease;
  generation: Generation;
  head: CompletionHead;
  includesUsage: boolean;
  /** Told of the whole when it is there. */
  keep: (whole: Record<string, unknown>) => void;
  signal: AbortSignal;
}): AsyncGenerator<ServerEvent, void, undefined> {
  using lease = use.lease;
  const { generation, head, includesUsage } = use;
  const folds = new AnswerFolds(generation.options.n ?? 1);
  const chunks = new ChunkMaker(head, includesUsage);
  for await (const part of runGeneration(lease.wafer, generation, use.signal)) {
    yield* partEvents(chunks, part, folds);
  }
  const total = totalUsage(folds.all);
  use.keep(chatBody(head, folds.all, total));
  if (includesUsage) yield { data: chunks.usage(total) };
}

function* partEvents(
  chunks: ChunkMaker,
  part: AnswerPart,
  folds: AnswerFolds,
): Generator<ServerEvent, void, undefined> {
  const fold = folds.add(part);
  if (fold.tokenCount === 1) yield { data: chunks.role(part.index) };
  const data = chunks.delta(part, fold);
  if (data !== undefined) yield { data };
  if (part.finish !== undefined) yield { data: chunks.finish(part.index, fold) };
}
