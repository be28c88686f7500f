/**
 * Requests of Ollama's interface as generations, by way of a chat body where there is a chat.
 */
import type { GenerateOptions } from '@wafer/runtime';
import { ApiError, invalidParam, unsupportedParam } from '../errors/api-error.ts';
import type { Call } from '../http/route.ts';
import type { Lease, ModelEntry } from '../models/model-entry.ts';
import { chatGeneration } from '../openai/chat-generation.ts';
import type { MessageBody } from '../openai/chat-messages.ts';
import type { ChatBody, ToolBody } from '../openai/chat-schema.ts';
import { fillInPrompt } from '../openai/fill-in.ts';
import { checkRefusals } from '../openai/not-offered.ts';
import type { Refused } from '../openai/not-offered.ts';
import { tierOf } from '../openai/service-tier.ts';
import type { Generation } from '../requests/generation.ts';
import { samplingOptions } from '../requests/parameters.ts';
import type { SamplingBody } from '../requests/parameters.ts';
import type { OllamaBody, OllamaChat, OllamaMessage, OllamaText } from './ollama-schema.ts';

const isEmpty = (value: unknown): boolean => Object.keys(value as object).length === 0;

const REFUSALS: Readonly<Record<string, Refused>> = {
  images: { reason: 'models here read text', isIdle: isEmpty },
  template: { reason: "a request cannot give a template; see 'raw'", isIdle: (one) => one === '' },
  context: { reason: 'send the messages of a chat', isIdle: isEmpty },
  ...{ width: { reason: 'models here write text' }, height: { reason: 'models here write text' } },
  steps: { reason: 'models here write text' },
};

/** A chat. Throws: ApiError 400. */
export function generationOfChat(body: OllamaChat, call: Call, lease: Lease): Generation {
  const { messages = [], tools } = body;
  const chat: ChatBody = {
    ...answerBody(body, lease),
    messages: (messages ?? []).map(messageOf),
    ...(tools?.length ? { tools: tools as readonly ToolBody[] } : {}),
  };
  return chatGeneration(chat, lease.wafer, { call, tier: tierOf(null, call) });
}

/** A text: as one message, or raw, as it is. Throws: ApiError 400. */
export async function generationOfText(
  body: OllamaText,
  call: Call,
  lease: Lease,
): Promise<Generation> {
  checkRefusals(body as unknown as Record<string, unknown>, REFUSALS);
  const { prompt = '', suffix, system, raw } = body;
  const isFilled = suffix !== undefined && suffix !== '';
  if (raw !== true && !isFilled) {
    const messages: OllamaMessage[] = system ? [{ role: 'system', content: system }] : [];
    messages.push({ role: 'user', content: prompt });
    return generationOfChat({ ...body, messages }, call, lease);
  }
  if (system) throw invalidParam('system', "'system' is for a template, which 'raw' leaves out");
  const { wafer } = lease;
  const { tier, priority, waitMsMax } = tierOf(null, call);
  const {
    max_completion_tokens: maxTokens,
    top_logprobs: top,
    logprobs,
    ...sampling
  } = answerBody(body, lease);
  const options: GenerateOptions = {
    ...samplingOptions(sampling as SamplingBody),
    maxTokens: maxTokens ?? undefined,
    logprobs: logprobs === true ? (top ?? 0) : undefined,
    ...{ priority, tenant: call.caller.tenant, weight: call.caller.weight },
  };
  const filled = isFilled ? await fillInPrompt(wafer, { before: prompt, behind: suffix }) : prompt;
  const { caller } = call;
  return { input: { kind: 'text', prompt: filled }, options, tier, waitMsMax, caller };
}

/** What chats and texts share, under the names of chats. */
function answerBody(body: OllamaBody, { wafer }: Lease): Omit<ChatBody, 'messages'> {
  const { options, think, logprobs, top_logprobs: top } = body;
  const { contextMax } = wafer.plan.options;
  const { num_predict: wanted = -1, num_ctx: window, repeat_last_n: last } = options ?? {};
  if (window !== undefined && window > contextMax) {
    throw invalidParam('options.num_ctx', `this server keeps ${contextMax} tokens of context`);
  }
  if (wanted === 0) throw invalidParam('options.num_predict', 'there is at least one token');
  const effort = typeof think === 'string' ? think : think === true ? 'medium' : 'none';
  return {
    model: body.model,
    max_completion_tokens: wanted < 0 ? contextMax : wanted,
    temperature: options?.temperature ?? null,
    top_k: options?.top_k ?? null,
    top_p: options?.top_p ?? null,
    min_p: options?.min_p ?? null,
    seed: options?.seed ?? null,
    repetition_penalty: last === 0 ? null : (options?.repeat_penalty ?? null),
    presence_penalty: options?.presence_penalty ?? null,
    frequency_penalty: options?.frequency_penalty ?? null,
    stop: options?.stop?.length ? options.stop : null,
    logprobs: logprobs ?? null,
    top_logprobs: logprobs === true ? (top ?? null) : null,
    reasoning_effort: think === undefined || think === null ? null : effort,
    response_format: formatOf(body.format),
  };
}

function formatOf(
  format: OllamaBody['format'],
): NonNullable<SamplingBody['response_format']> | null {
  if (format === undefined || format === null || format === '') return null;
  if (format === 'json') return { type: 'json_object' };
  if (typeof format === 'string') throw invalidParam('format', "it is 'json' or a schema");
  return { type: 'json_schema', json_schema: { name: 'answer', schema: format } };
}

function messageOf(message: OllamaMessage, i: number): MessageBody {
  const { role, content = '', thinking, images, tool_calls: calls, tool_name: name } = message;
  if (images?.length) {
    throw unsupportedParam(`messages[${i}].images`, 'models here read text');
  }
  const called = (calls ?? []).map(({ function: { name: of, arguments: given } }) => ({
    type: 'function',
    function: { name: of, arguments: JSON.stringify(given) },
  }));
  return {
    role: role as MessageBody['role'],
    content,
    ...(thinking ? { reasoning: thinking } : {}),
    ...(called.length > 0 ? { tool_calls: called } : {}),
    ...(name === undefined ? {} : { name }),
  };
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ...{ ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1 },
  ...{ s: 1000, m: 60_000, h: 3_600_000 },
};
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;

/**
 * Keeps a model for as long as a body says; how many milliseconds, undefined if it does not say.
 * All tenants share the model: one may ask for no more than it stays anyway, unless it administers.
 * Throws: ApiError 400, 403.
 */
export function keepModel(
  entry: Pick<ModelEntry, 'spec' | 'idleMs' | 'keepFor'>,
  { keep_alive: value }: { keep_alive?: string | number | null },
  { caller }: Pick<Call, 'caller'>,
): number | undefined {
  const keepMs = keepAliveMs(value);
  if (keepMs === undefined) return undefined;
  const { isPinned, adapterOf } = entry.spec;
  if (keepMs === 0 && (isPinned || adapterOf !== undefined)) {
    const what = isPinned ? 'the model is pinned' : 'an adapter stays with its base';
    throw unsupportedParam('keep_alive', what);
  }
  if (caller.role === 'admin') entry.keepFor(keepMs);
  else if (keepMs === 0 || keepMs > entry.idleMs) {
    const stays =
      entry.idleMs === Infinity
        ? 'the model stays'
        : `a model stays ${entry.idleMs / 1000} s without use`;
    const message = `'keep_alive': ${stays}; to change that needs a key of the role admin`;
    throw new ApiError({ status: 403, code: 'forbidden', param: 'keep_alive', message });
  }
  return keepMs;
}

/** Milliseconds that a model stays; Infinity for ever. Throws: ApiError 400. */
function keepAliveMs(value: string | number | null | undefined): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const seconds = Number(value);
  if (!Number.isNaN(seconds)) return seconds < 0 ? Infinity : seconds * 1000;
  const text = String(value);
  const isNegative = text.startsWith('-');
  const bare = isNegative ? text.slice(1) : text;
  if (!DURATION.test(bare)) throw invalidParam('keep_alive', 'seconds, or a duration as 5m');
  if (isNegative) return Infinity;
  let ms = 0;
  for (const [, count, unit] of bare.matchAll(PART)) ms += Number(count) * UNITS_MS[unit!]!;
  return ms;
}
