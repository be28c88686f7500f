/**
 * `POST /api/chat` and `/api/generate`: answers as lines of JSON, or whole.
 *
 *     { …, done: false } per token ─ { …, done: true, done_reason, counts and nanoseconds }
 *
 * The whole is the sum of the lines.
 */
import type { Tokenizer } from '@wafer/text';
import { answerParts } from '../answer-parts.ts';
import type { ApiError } from '../errors/api-error.ts';
import type { Call, Endpoint, Reply, ServerEvent } from '../http/route.ts';
import { json } from '../http/route.ts';
import type { Lease } from '../models/model-entry.ts';
import { logprobBody } from '../openai/usage.ts';
import type { LogprobBody } from '../openai/usage.ts';
import { AnswerFold } from '../requests/generation.ts';
import type { AnswerPart, Generation } from '../requests/generation.ts';
import type { Services } from '../services.ts';
import { withLease } from '../with-lease.ts';
import { generationOfChat, generationOfText, keepModel } from './ollama-request.ts';
import { CHAT_BODY, TEXT_BODY } from './ollama-schema.ts';
import type { OllamaBody, OllamaChat, OllamaText } from './ollama-schema.ts';

/** What a line of an answer has beside its head. */
interface AnswerTexts {
  content: string;
  thinking: string;
  calls: readonly { name: string; arguments: object }[];
  logprobs: readonly LogprobBody[];
}

type Shape = (texts: AnswerTexts) => Record<string, unknown>;

/** Errors as Ollama tells them: a text alone, so that it names the field. */
export function ollamaError({ message, param }: ApiError): Record<string, unknown> {
  const isNamed = param === undefined || message.includes(param);
  return { error: isNamed ? message : `${param}: ${message}` };
}

/** The id of a model that may have the tag that Ollama gives to names without one. */
export function modelId(
  { models }: Pick<Services, 'models'>,
  { name, caller }: { name: string } & Pick<Call, 'caller'>,
): string {
  const isKnown = models.entriesOf(caller).some(({ spec }) => spec.id === name);
  return isKnown ? name : name.replace(/:latest$/, '');
}

export const OLLAMA_CHAT: Endpoint<Services> = {
  method: 'POST',
  path: '/api/chat',
  summary: "Answers a chat of Ollama's interface",
  access: 'user',
  isQueued: true,
  body: CHAT_BODY,
  errorBody: ollamaError,
  handler: (call, services) => {
    const body = call.body as OllamaChat;
    return answer(body, call, services, {
      isIdle: !body.messages?.length,
      shape: messageShape,
      generation: (lease) => generationOfChat(body, call, lease),
    });
  },
};

export const OLLAMA_GENERATE: Endpoint<Services> = {
  method: 'POST',
  path: '/api/generate',
  summary: "Answers a text of Ollama's interface",
  access: 'user',
  isQueued: true,
  body: TEXT_BODY,
  errorBody: ollamaError,
  handler: (call, services) => {
    const body = call.body as OllamaText;
    return answer(body, call, services, {
      isIdle: !body.prompt,
      shape: textShape,
      generation: (lease) => generationOfText(body, call, lease),
    });
  },
};

const messageShape: Shape = ({ content, thinking, calls, logprobs }) => ({
  message: {
    ...{ role: 'assistant', content },
    ...(thinking === '' ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map((call) => ({ function: { ...call } })) }),
  },
  ...(logprobs.length === 0 ? {} : { logprobs }),
});

const textShape: Shape = ({ content, thinking, logprobs }) => ({
  response: content,
  ...(thinking === '' ? {} : { thinking }),
  ...(logprobs.length === 0 ? {} : { logprobs }),
});

const NOTHING: AnswerTexts = { content: '', thinking: '', calls: [], logprobs: [] };

async function answer(
  body: OllamaBody,
  call: Call,
  services: Services,
  use: {
    /** Whether nothing is asked: then the model is loaded, or let go of. */
    isIdle: boolean;
    shape: Shape;
    generation: (lease: Lease) => Generation | Promise<Generation>;
  },
): Promise<Reply> {
  const { caller } = call;
  const id = modelId(services, { name: body.model, caller });
  const entry = services.models.find(id, caller);
  const keepMs = keepModel(entry, body, call);
  const head = (): Record<string, unknown> => ({
    model: body.model,
    created_at: new Date(services.nowSeconds() * 1000).toISOString(),
  });
  if (use.isIdle) {
    const isDropped = keepMs === 0;
    if (!isDropped) await entry.load();
    const reason = { done: true, done_reason: isDropped ? 'unload' : 'load' };
    return json({ ...head(), ...use.shape(NOTHING), ...reason });
  }
  const beganAtMs = performance.now();
  return withLease(services, { model: id, caller }, async (lease) => {
    const loadMs = performance.now() - beganAtMs;
    const generation = await use.generation(lease);
    const parts = answerParts(lease, generation, { services, signal: call.signal });
    const { tokenizer } = lease.wafer;
    const line = (texts: AnswerTexts): ServerEvent => ({
      data: { ...head(), ...use.shape(texts), done: false },
    });
    if (body.stream !== false) {
      const events = lines(parts, {
        tokenizer,
        line,
        loadMs,
        last: () => use.shape(NOTHING),
        head,
      });
      const errorEvent = (error: ApiError): ServerEvent => ({ data: ollamaError(error) });
      return { kind: 'events', framing: 'lines', events, errorEvent };
    }
    const fold = new AnswerFold();
    for await (const part of parts) fold.add(part);
    const { content, reasoning: thinking, toolCalls: calls, tokens } = fold;
    const logprobs = tokens.map((token) => logprobBody(tokenizer, token));
    const texts = use.shape({ content, thinking, calls, logprobs });
    return json({ ...head(), ...texts, ...endOf(fold, loadMs) });
  });
}

async function* lines(
  parts: AsyncIterable<AnswerPart>,
  use: {
    tokenizer: Tokenizer;
    line: (texts: AnswerTexts) => ServerEvent;
    loadMs: number;
    last: () => Record<string, unknown>;
    head: () => Record<string, unknown>;
  },
): AsyncGenerator<ServerEvent, void, undefined> {
  const fold = new AnswerFold();
  for await (const part of parts) {
    fold.add(part);
    const { content, reasoning: thinking, toolCalls: calls, token } = part;
    const logprobs = token ? [logprobBody(use.tokenizer, token)] : [];
    const isEmpty = content === '' && thinking === '' && calls.length + logprobs.length === 0;
    if (!isEmpty) yield use.line({ content, thinking, calls, logprobs });
  }
  yield { data: { ...use.head(), ...use.last(), ...endOf(fold, use.loadMs) } };
}

/** Why an answer ended, and what it took, in nanoseconds. */
function endOf({ finish, usage }: AnswerFold, loadMs: number): Record<string, unknown> {
  const ns = (ms: number): number => Math.round(ms * 1e6);
  const { promptTokens = 0, generatedTokens = 0 } = usage ?? {};
  const { queueMs = 0, prefillMs = 0, decodeMs = 0 } = usage ?? {};
  return {
    done: true,
    done_reason: finish === 'stop' ? 'stop' : 'length',
    total_duration: ns(loadMs + queueMs + prefillMs + decodeMs),
    load_duration: ns(loadMs),
    prompt_eval_count: promptTokens,
    prompt_eval_duration: ns(prefillMs),
    eval_count: generatedTokens,
    eval_duration: ns(decodeMs),
  };
}
