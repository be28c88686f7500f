/**
 * Answers of a chat in OpenAI's shapes: the whole object, and its chunks.
 */
import type { ToolCall } from '@wafer/runtime';
import type { Tokenizer } from '@wafer/text';
import type { AnswerFold, AnswerPart, TotalUsage } from '../requests/generation.ts';
import { logprobBody, usageBody } from './usage.ts';
import type { LogprobBody } from './usage.ts';

/** What all chunks of a completion share. */
export interface CompletionHead {
  id: string;
  created: number;
  model: string;
  tokenizer: Tokenizer;
  serviceTier: string;
  /** Changes when answers to the same seed may: the model and how it is computed. */
  fingerprint?: string | undefined;
}

function headBody(head: CompletionHead, object: string): Record<string, unknown> {
  const { id, created, model, serviceTier, fingerprint } = head;
  return {
    ...{ id, object, created, model, service_tier: serviceTier },
    ...(fingerprint === undefined ? {} : { system_fingerprint: fingerprint }),
  };
}

/** The whole object. */
export function chatBody(
  head: CompletionHead,
  folds: readonly AnswerFold[],
  total: TotalUsage,
): Record<string, unknown> {
  const choices = folds.map((fold, index) => ({
    index,
    message: messageBody(fold, callIds(head.id, index)),
    logprobs: logprobsBody(head, fold.tokens),
    finish_reason: fold.apiFinish,
  }));
  return { ...headBody(head, 'chat.completion'), choices, usage: usageBody(total) };
}

function messageBody(fold: AnswerFold, idOf: (at: number) => string): Record<string, unknown> {
  const { content, reasoning, toolCalls } = fold;
  return {
    role: 'assistant',
    content: content === '' && toolCalls.length > 0 ? null : content,
    refusal: null,
    ...(reasoning === '' ? {} : { reasoning }),
    ...(toolCalls.length === 0
      ? {}
      : { tool_calls: toolCalls.map((call, at) => callBody(call, idOf(at))) }),
  };
}

function callBody(call: ToolCall, id: string): Record<string, unknown> {
  const { name } = call;
  return { id, type: 'function', function: { name, arguments: JSON.stringify(call.arguments) } };
}

/** Ids of calls: the same in chunks and in the whole. */
function callIds(id: string, index: number): (at: number) => string {
  const suffix = id.replace(/^[a-z]+-/, '');
  return (at) => `call_${suffix}_${index}_${at}`;
}

function logprobsBody(
  { tokenizer }: CompletionHead,
  tokens: AnswerFold['tokens'],
): { content: LogprobBody[]; refusal: null } | null {
  if (tokens.length === 0) return null;
  return { content: tokens.map((token) => logprobBody(tokenizer, token)), refusal: null };
}

/** Makes the chunks of a completion. */
export class ChunkMaker {
  readonly #head: CompletionHead;
  readonly #base: Record<string, unknown>;
  readonly #includesUsage: boolean;

  constructor(head: CompletionHead, includesUsage: boolean) {
    this.#head = head;
    this.#base = headBody(head, 'chat.completion.chunk');
    this.#includesUsage = includesUsage;
  }

  /** The first chunk of an answer. */
  role(index: number): Record<string, unknown> {
    return this.#chunk(index, { role: 'assistant', content: '', refusal: null });
  }

  /** What one token made certain; undefined if nothing. `fold` has the part already. */
  delta(part: AnswerPart, fold: AnswerFold): Record<string, unknown> | undefined {
    const { index, content, reasoning, toolCalls, token } = part;
    const isEmpty = content === '' && reasoning === '' && toolCalls.length === 0;
    if (isEmpty && token === undefined) return undefined;
    const idOf = callIds(this.#head.id, index);
    const before = fold.toolCalls.length - toolCalls.length;
    const calls = toolCalls.map((call, i) => {
      const at = before + i;
      return { index: at, ...callBody(call, idOf(at)) };
    });
    const delta = {
      ...(reasoning === '' ? {} : { reasoning }),
      ...(content === '' && !(isEmpty && token) ? {} : { content }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    };
    return this.#chunk(index, delta, logprobsBody(this.#head, token ? [token] : []));
  }

  /** The last chunk of an answer. */
  finish(index: number, fold: AnswerFold): Record<string, unknown> {
    return this.#chunk(index, {}, null, fold.apiFinish);
  }

  /** Behind all answers, if it was asked for. */
  usage(total: TotalUsage): Record<string, unknown> {
    return { ...this.#base, choices: [], usage: usageBody(total) };
  }

  #chunk(
    index: number,
    delta: Record<string, unknown>,
    logprobs: unknown = null,
    finish: string | null = null,
  ): Record<string, unknown> {
    const choices = [{ index, delta, logprobs, finish_reason: finish }];
    return { ...this.#base, choices, ...(this.#includesUsage ? { usage: null } : {}) };
  }
}
