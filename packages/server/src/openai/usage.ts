/**
 * Usage and token logprobs in OpenAI's shapes.
 */
import type { Tokenizer } from '@wafer/text';
import type { PartToken, TotalUsage } from '../requests/generation.ts';

/** `usage` of chat and text completions. */
export function usageBody(total: TotalUsage): Record<string, unknown> {
  const { promptTokens, completionTokens } = total;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: total.cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: total.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: total.acceptedTokens,
      rejected_prediction_tokens: total.rejectedTokens,
    },
  };
}

/** Cerebras' `time_info`: seconds. */
export function timeInfo(total: TotalUsage): Record<string, number> {
  const { queueMs, promptMs, completionMs } = total;
  return {
    queue_time: queueMs / 1000,
    prompt_time: promptMs / 1000,
    completion_time: completionMs / 1000,
    total_time: (queueMs + promptMs + completionMs) / 1000,
  };
}

/** One entry of `logprobs.content`. */
export interface LogprobBody {
  token: string;
  logprob: number;
  bytes: number[] | null;
  top_logprobs?: LogprobBody[];
}

const texts = new TextDecoder();

/** The entry of a token and of the likeliest in its place. */
export function logprobBody(tokenizer: Tokenizer, { token, logprob, top }: PartToken): LogprobBody {
  const others = top.map((one) => entry(tokenizer, one.token, one.logprob));
  return { ...entry(tokenizer, token, logprob), top_logprobs: others };
}

/** A token's text; markers have a name but no bytes. */
export function tokenText(tokenizer: Tokenizer, token: number): string {
  const bytes = tokenizer.decodeToken(token);
  return bytes.length > 0 ? texts.decode(bytes) : (nameOf(tokenizer, token) ?? '');
}

function entry(tokenizer: Tokenizer, token: number, logprob: number): LogprobBody {
  const bytes = tokenizer.decodeToken(token);
  const text = tokenText(tokenizer, token);
  return { token: text, logprob: finite(logprob), bytes: bytes.length > 0 ? [...bytes] : null };
}

/** JSON has no infinity; -9999 is what OpenAI's interface says for a token that cannot be. */
export function finite(logprob: number): number {
  return Number.isFinite(logprob) ? logprob : -9999;
}

function nameOf(tokenizer: Tokenizer, token: number): string | undefined {
  for (const [text, id] of tokenizer.special) if (id === token) return text;
  return undefined;
}
