/**
 * `POST /v1/chat/completions`: messages in, one answer or `n`, whole or token by token.
 *
 * Chunks and the whole are made of the same parts, so that they are equal token for token.
 */
import { answerParts } from '../answer-parts.ts';
import type { Call, Endpoint, Reply, ServerEvent } from '../http/route.ts';
import { json } from '../http/route.ts';
import { AnswerFolds, foldAll, totalUsage } from '../requests/generation.ts';
import type { AnswerPart } from '../requests/generation.ts';
import { formatReasoning } from '../requests/reasoning-format.ts';
import type { ReasoningFormat } from '../requests/reasoning-format.ts';
import type { Services } from '../services.ts';
import { withLease } from '../with-lease.ts';
import { chatBody, ChunkMaker } from './chat-bodies.ts';
import type { ChunkOptions, CompletionHead } from './chat-bodies.ts';
import { chatGeneration } from './chat-generation.ts';
import { keepChat } from './chat-stored.ts';
import { CHAT_SCHEMA } from './chat-schema.ts';
import type { ChatBody } from './chat-schema.ts';
import { clientPaths } from './paths.ts';
import { tierOf } from './service-tier.ts';

export const CHAT_COMPLETIONS: Endpoint<Services> = {
  method: 'POST',
  path: '/v1/chat/completions',
  aliases: clientPaths('/v1/chat/completions'),
  summary: 'Answers the messages of a chat',
  access: 'user',
  isQueued: true,
  body: CHAT_SCHEMA,
  handler: answerChat,
};

function answerChat(call: Call, services: Services): Promise<Reply> {
  const body = call.body as ChatBody;
  return withLease(services, { model: body.model, caller: call.caller }, async (lease) => {
    const tier = tierOf(body.service_tier, call);
    const generation = chatGeneration(body, lease.wafer, { call, tier });
    const head: CompletionHead = {
      id: services.newId('chatcmpl'),
      created: services.nowSeconds(),
      model: body.model,
      tokenizer: lease.wafer.tokenizer,
      tier: tier.body,
      fingerprint: services.fingerprint(lease.id),
    };
    const run = answerParts(lease, generation, { services, signal: call.signal });
    const keep = (whole: Record<string, unknown>): void => keepChat(services, call, whole);
    const parts = formatReasoning(run, reasoningFormat(body));
    const answerCount = generation.options.n ?? 1;
    if (body.stream === true) {
      const includesUsage = body.stream_options?.include_usage === true;
      const isObfuscated = body.stream_options?.include_obfuscation === true;
      const chunks = { includesUsage, isObfuscated };
      const events = streamChunks({ head, keep, answerCount, parts, chunks });
      return { kind: 'events', events, end: { data: '[DONE]' } };
    }
    const folds = await foldAll(parts, answerCount);
    const whole = chatBody(head, folds.all, totalUsage(folds.all));
    keep(whole);
    return json(whole);
  });
}

/** Apart unless it is wanted elsewhere. */
function reasoningFormat({ reasoning_format: format }: ChatBody): ReasoningFormat {
  return format === 'raw' || format === 'hidden' ? format : 'parsed';
}

async function* streamChunks(use: {
  parts: AsyncIterable<AnswerPart>;
  answerCount: number;
  head: CompletionHead;
  chunks: ChunkOptions;
  /** Told of the whole when it is there. */
  keep: (whole: Record<string, unknown>) => void;
}): AsyncGenerator<ServerEvent, void, undefined> {
  const { head } = use;
  const folds = new AnswerFolds(use.answerCount);
  const chunks = new ChunkMaker(head, use.chunks);
  for await (const part of use.parts) {
    for (const event of partEvents(chunks, part, folds)) yield event;
  }
  const total = totalUsage(folds.all);
  use.keep(chatBody(head, folds.all, total));
  if (use.chunks.includesUsage) yield { data: chunks.usage(total) };
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
