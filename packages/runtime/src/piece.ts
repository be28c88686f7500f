/**
 * What a caller asks for beside the prompt, and what it receives.
 */
import type { FinishReason, GenerateOptions } from './engine/request.ts';

/** One token of an answer. */
export interface Piece {
  token: number;
  /** Text that became certain with this token: whole characters, maybe none. */
  text: string;
  /** Natural logarithm of the token's probability, if asked for. */
  logprob: number | undefined;
  /** The most likely tokens, if asked for. */
  top: { token: number; logprob: number }[] | undefined;
  /** When its step ended on the virtual clock, since the start; undefined without one. */
  virtualNs: number | undefined;
  /** Why the answer ends with this piece; undefined before. */
  finish: FinishReason | undefined;
}

/** What a request asks for, and what ends it early. */
export interface RequestOptions extends GenerateOptions {
  /** Ends the request; its iterator then throws the signal's reason. */
  signal?: AbortSignal | undefined;
}
