/**
 * What runs a language model, wherever it runs: a wafer here, later one elsewhere.
 */
import type { ChatOptions, ChatPiece } from './chat/chat.ts';
import type { EngineMetrics } from './engine/engine-metrics.ts';
import type { Pooling } from './engine/request.ts';
import type { PromptLogprob } from './engine/prompt-logprobs.ts';
import type { Piece, Prompt, RequestOptions } from './piece.ts';
import type { ChatMessage } from '@wafer/text';

/** How texts become vectors. */
export interface EmbedOptions {
  /** The mean of all states of a text, or the state after its last token. Default: `mean`. */
  pooling?: Pooling | undefined;
  /** Whether vectors have length 1. Default: true. */
  normalize?: boolean | undefined;
  /** The name of a loaded adapter. Default: the base alone. */
  adapter?: string | undefined;
}

/** What to report of the tokens of a prompt. */
export interface ScoreOptions {
  /** How many likeliest tokens to tell beside each token. Default: 0. */
  top?: number | undefined;
  /** The name of a loaded adapter. Default: the base alone. */
  adapter?: string | undefined;
}

/** Which logits of a prompt, and through what. */
export interface LogitsOptions {
  /** The first position. Default: 0. */
  from?: number | undefined;
  /** The name of a loaded adapter. Default: the base alone. */
  adapter?: string | undefined;
}

/** Logits [V] after each position, in order. */
export type LogitsStream = AsyncGenerator<
  { position: number; logits: Float32Array },
  void,
  undefined
>;

/** What answers: a wafer of this process, later one elsewhere. */
export interface LanguageModel {
  /** Streams an answer to a prompt, one piece per token. */
  generate(prompt: Prompt, options?: RequestOptions): AsyncGenerator<Piece, void, undefined>;

  /** Streams the answer to messages, in its parts. */
  chat(
    messages: readonly ChatMessage[],
    options?: ChatOptions,
  ): AsyncGenerator<ChatPiece, void, undefined>;

  /** Logprobs of the tokens of a prompt from its second one on, each given those before it. */
  score(prompt: Prompt, options?: ScoreOptions): Promise<PromptLogprob[]>;

  /** Vectors of texts, [D] each: states after the final norm, pooled. */
  embed(texts: readonly Prompt[], options?: EmbedOptions): Promise<Float32Array[]>;

  /** Figures since the start. */
  metrics(): Promise<EngineMetrics>;

  close(): Promise<void>;
}
