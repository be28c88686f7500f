/**
 * What a caller asks for beside the prompt, and what it receives.
 */
import type { PromptLogprob } from './engine/prompt-logprobs.ts';
import type { FinishReason, GenerateOptions, StopCause, Usage } from './engine/request.ts';

/** A prompt as text or as token ids. */
export type Prompt = string | ArrayLike<number>;

/** One token of an answer. */
export interface Piece {
  token: number;
  /** Which of the answers of its request, of `n`. */
  index: number;
  /** Text that became certain with this token: whole characters, maybe none. */
  text: string;
  /** Natural logarithm of the token's probability, if asked for. */
  logprob: number | undefined;
  /** The most likely tokens, if asked for. */
  top: { token: number; logprob: number }[] | undefined;
  /** With the first piece, if asked for: of the prompt's tokens, from its second one on. */
  promptLogprobs: PromptLogprob[] | undefined;
  /** When its step ended on the virtual clock, since the start; undefined without one. */
  virtualNs: number | undefined;
  /** Why the answer ends with this piece; undefined before. */
  finish: FinishReason | undefined;
  /** Which stop was met, where `finish` is `stop`. */
  stop: StopCause | undefined;
  /** What the answer took, with its last piece. */
  usage: Usage | undefined;
}

/** What a request asks for, and what ends it early. */
export interface RequestOptions extends GenerateOptions {
  /** Ends the request; its iterator then throws the signal's reason. */
  signal?: AbortSignal | undefined;
}
