/**
 * Answers of a chat in OpenAI's shapes: the whole object, and its chunks.
 */
import { randomBytes } from 'node:crypto';
import type { ToolCall } from '@wafer/runtime';
import type { Tokenizer } from '@wafer/text';
import type { AnswerFold, AnswerPart, TotalUsage } from '../requests/generation.ts';
import { ChunkText } from './chunk-text.ts';
import { logprobBody, timeInfo, usageBody } from './usage.ts';
import type { LogprobBody } from './usage.ts';

/** What all chunks of a completion share. */
export interface CompletionHead {
  id: string;
  created: number;
  model: string;
  tokenizer: Tokenizer;
  tier: { service_tier: string; service_tier_used: string };
  /** Changes when answers to the same seed may: the model and how it is computed. */
  fingerprint?: string | undefined;
}

function headBody(head: CompletionHead, object: string): Record<string, unknown> {
  const { id, created, model, tier, fingerprint } = head;
  return {
    ...{ id, object, created, model, ...tier },
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
  return { ...headBody(head, 'chat.completion'), choices, ...totals(head, total) };
}

function totals({ created }: CompletionHead, total: TotalUsage): Record<string, unknown> {
  return { usage: usageBody(total), time_info: { ...timeInfo(total), created } };
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

/** What every chunk has beside its choices. */
export interface ChunkOptions {
  includesUsage: boolean;
  /** Pads chunks, so that their sizes do not tell what is in them. */
  isObfuscated: boolean;
}

const PADDED_LENGTH = 256;

/** Letters that make a chunk's length a multiple of `PADDED_LENGTH`. */
function padding(chunk: object): string {
  const { length } = JSON.stringify(chunk);
  return randomBytes(PADDED_LENGTH)
    .toString('hex')
    .slice(0, PADDED_LENGTH - (length % PADDED_LENGTH));
}

/** Makes the chunks of a completion. */
export class ChunkMaker {
  readonly #head: CompletionHead;
  readonly #base: Record<string, unknown>;
  readonly #options: ChunkOptions;
  readonly #text: ChunkText;

  constructor(head: CompletionHead, options: ChunkOptions) {
    this.#head = head;
    this.#base = headBody(head, 'chat.completion.chunk');
    this.#options = options;
    this.#text = new ChunkText((choice) => this.#whole(choice));
  }

  /** The first chunk of an answer, as JSON; so are the others. */
  role(index: number): string {
    return this.#chunk(index, { role: 'assistant', content: '', refusal: null });
  }

  /** What one token made certain; undefined if nothing. `fold` has the part already. */
  delta(part: AnswerPart, fold: AnswerFold): string | undefined {
    const { index, content, reasoning, toolCalls, token } = part;
    const isEmpty = content === '' && reasoning === '' && toolCalls.length === 0;
    if (isEmpty && token === undefined) return undefined;
    const isPlain = reasoning === '' && toolCalls.length === 0 && token === undefined;
    if (isPlain) return this.#chunk(index, { content });
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
  finish(index: number, fold: AnswerFold): string {
    return this.#chunk(index, {}, null, fold.apiFinish);
  }

  /** Behind all answers, if it was asked for. */
  usage(total: TotalUsage): Record<string, unknown> {
    return { ...this.#base, choices: [], ...totals(this.#head, total) };
  }

  #chunk(
    index: number,
    delta: Record<string, unknown>,
    logprobs: unknown = null,
    finish: string | null = null,
  ): string {
    const choice = { index, delta, logprobs, finish_reason: finish };
    if (!this.#options.isObfuscated) return this.#text.of(choice);
    const chunk = this.#whole(choice);
    return JSON.stringify({ ...chunk, obfuscation: padding(chunk) });
  }

  #whole(choice: unknown): object {
    const usage = this.#options.includesUsage ? { usage: null } : {};
    return { ...this.#base, choices: [choice], ...usage };
  }
}
