/**
 * A request for text, checked: prompt tokens and options become plain data the engine trusts.
 *
 * This is the border: what passes here is never checked again. A misspelled option is refused, not
 * ignored. Checked requests cross threads.
 */
import { WaferError } from '@wafer/core';
import type { Grammar } from '@wafer/text';
import {
  checkExtras,
  EXTRA_FIELDS,
  type CheckedExtras,
  type RequestExtras,
} from './request-checks.ts';
import type { AdapterUse } from './sequence.ts';
import {
  integerIn,
  refuse,
  resolveSampling,
  SAMPLING_DEFAULTS,
  type SamplingInput,
  type SamplingOptions,
} from './sampling-options.ts';

/** What a prompt is answered with. */
export interface GenerateOptions extends SamplingInput, RequestExtras {
  /** How many tokens to write at most; cut to what the context still holds. Default: 256. */
  maxTokens?: number | undefined;
  /** Token ids that end the answer; none of them is part of its text. */
  stopTokens?: readonly number[] | undefined;
  /** Strings that end the answer; the one that was met is not part of it. */
  stop?: readonly string[] | undefined;
}

/**
 * `stop`: a stop token or string was met; `length`: `maxTokens` are there; `context`: the context
 * is full, before `maxTokens`; `deadline`: time is over.
 */
export type FinishReason = 'stop' | 'length' | 'context' | 'deadline';

/** What an embedding is made of: the mean of a prompt's states, or the last. */
export type Pooling = 'mean' | 'last';

/** Which stop was met. */
export type StopCause =
  | { readonly token: number }
  | { readonly text: string }
  /** The format is complete, and nothing may follow. */
  | { readonly format: 'complete' };

/** What an answer took. Times are those of the wall clock. */
export interface Usage {
  promptTokens: number;
  /** Of the prompt, those that the KV cache had. */
  cachedTokens: number;
  generatedTokens: number;
  /** Tokens that were guessed and computed, and those of them that were right. */
  draftedTokens: number;
  acceptedTokens: number;
  /** From arrival to the first step, to the first token, to the last. */
  queueMs: number;
  prefillMs: number;
  decodeMs: number;
}

/** What the engine runs. */
export interface GenerateRequest extends CheckedExtras {
  prompt: Int32Array;
  maxTokens: number;
  /** Whether `maxTokens` was cut to what the context holds. */
  endsAtContext: boolean;
  /** Pieces of each answer that its consumer takes for now. */
  credit: number;
  stopTokens: readonly number[];
  stop: readonly string[];
  sampling: SamplingOptions;
  /** What the answer is held to, made of `format`. */
  grammar?: Grammar | undefined;
  /** What `adapter` names. */
  adapter?: AdapterUse | undefined;
}

export interface RequestLimits {
  vocabCount: number; // V
  contextMax: number; // tokens
  /** What the model itself could take; as much as `contextMax` unless given. */
  modelContext?: number;
  /** Tokens the KV cache holds. The default of maxTokens is cut to it; a named one is not. */
  kvTokens: number;
  defaultSeed: number;
}

export const MAX_TOKENS_DEFAULT = 256;
/** Pieces of an answer that wait for a slow consumer; then the answer pauses. */
export const PIECES_AHEAD = 256;
export const STOP_COUNT_MAX = 16;
/** Text may be held back by this much; and a matcher's table is this long. */
export const STOP_LENGTH_MAX = 1024; // UTF-16 units
export const STOP_TOKEN_COUNT_MAX = 1024;

const FIELDS: ReadonlySet<string> = new Set([
  ...Object.keys(SAMPLING_DEFAULTS),
  'seed',
  'maxTokens',
  'stopTokens',
  'stop',
  ...EXTRA_FIELDS,
]);

/**
 * Checks a request and fills in its defaults.
 * Throws: REQUEST_INVALID, PROMPT_TOO_LONG, TOKEN_OUT_OF_RANGE.
 */
export function resolveRequest(
  prompt: ArrayLike<number>,
  options: GenerateOptions,
  limits: RequestLimits,
): GenerateRequest {
  for (const [field, value] of Object.entries(options)) {
    if (!FIELDS.has(field)) refuse(field, value, `one of ${[...FIELDS].join(', ')}`);
  }
  const tokens = resolvePrompt(prompt, limits);
  const contextLeft = limits.contextMax - tokens.length;
  if (contextLeft < 1) {
    throw promptTooLong(tokens.length, limits);
  }
  const kvLeft = limits.kvTokens - tokens.length;
  const maxTokens = maxTokensOf(options.maxTokens, { contextLeft, kvLeft });
  return {
    ...checkExtras(options, limits.vocabCount),
    prompt: tokens,
    maxTokens,
    endsAtContext:
      maxTokens === contextLeft && maxTokens < (options.maxTokens ?? MAX_TOKENS_DEFAULT),
    credit: PIECES_AHEAD,
    stopTokens: stopTokensOf(options.stopTokens, limits.vocabCount),
    stop: stopStringsOf(options.stop),
    sampling: resolveSampling(options, limits),
  };
}

/**
 * The error of a prompt that does not fit: what ends it is the model, or an option. `shown` is the
 * count in words, where nobody has counted to the end.
 */
export function promptTooLong(
  promptTokens: number,
  { contextMax, modelContext = contextMax }: Pick<RequestLimits, 'contextMax' | 'modelContext'>,
  shown: string = String(promptTokens),
): WaferError {
  const raise = `raise contextTokens (--context), the model takes ${modelContext}`;
  const longer = promptTokens < modelContext ? raise : `${raise}, and shorten the prompt`;
  const hint = modelContext > contextMax ? longer : 'shorten it, as the model takes no more';
  const details = { promptTokens: shown, contextTokens: contextMax, hint };
  return new WaferError('PROMPT_TOO_LONG', details);
}

/**
 * Checks prompt tokens; a prompt to be scored may fill the whole context.
 * Throws: REQUEST_INVALID, PROMPT_TOO_LONG, TOKEN_OUT_OF_RANGE.
 */
export function resolvePrompt(
  prompt: ArrayLike<number>,
  limits: Pick<RequestLimits, 'vocabCount' | 'contextMax' | 'modelContext'>,
): Int32Array {
  const promptTokens = prompt.length;
  if (!(promptTokens > 0)) refuse('prompt', 'empty', 'at least one token');
  if (promptTokens > limits.contextMax) {
    throw promptTooLong(promptTokens, limits);
  }
  for (let position = 0; position < promptTokens; position++) {
    const token = prompt[position];
    if (!isToken(token, limits.vocabCount)) {
      const details = { token, position, vocabCount: limits.vocabCount };
      throw new WaferError('TOKEN_OUT_OF_RANGE', details);
    }
  }
  return Int32Array.from(prompt);
}

function maxTokensOf(value: unknown, left: { contextLeft: number; kvLeft: number }): number {
  if (value === undefined) {
    return Math.max(1, Math.min(MAX_TOKENS_DEFAULT, left.contextLeft, left.kvLeft));
  }
  const maxTokens = integerIn('maxTokens', value, { min: 1, max: Number.MAX_SAFE_INTEGER });
  return Math.min(maxTokens, left.contextLeft);
}

function stopTokensOf(value: unknown, vocabCount: number): number[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > STOP_TOKEN_COUNT_MAX) {
    refuse('stopTokens', value, `an array of at most ${STOP_TOKEN_COUNT_MAX} token ids`);
  }
  for (const token of value as unknown[]) {
    if (!isToken(token, vocabCount)) {
      refuse('stopTokens', token, `token ids from 0 to ${vocabCount - 1}`);
    }
  }
  return [...new Set(value as number[])];
}

function stopStringsOf(value: unknown): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > STOP_COUNT_MAX) {
    refuse('stop', value, `an array of at most ${STOP_COUNT_MAX} strings`);
  }
  for (const text of value as unknown[]) {
    const isFine =
      typeof text === 'string' &&
      text.length > 0 &&
      text.length <= STOP_LENGTH_MAX &&
      text.isWellFormed();
    if (!isFine) {
      refuse(
        'stop',
        text,
        `strings of 1 to ${STOP_LENGTH_MAX} UTF-16 units without lone surrogates`,
      );
    }
  }
  return [...new Set(value as string[])];
}

function isToken(value: unknown, vocabCount: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < vocabCount;
}
