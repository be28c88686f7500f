/**
 * What an engine is asked to do in a turn, whichever engine it is, and what it says afterwards.
 *
 * Clock: wall, in the thread that asks. Prefill ends with the first token of the answer; decoding
 * counts the tokens after it; a start begins where the model's file is named.
 */

import { plural } from '@wafer/core';

export type SpeedTask =
  /** Reads a prompt. */
  | { kind: 'prefill'; promptTokens: number }
  /** Writes tokens after a prompt, in several sequences at once. */
  | { kind: 'decode'; sequences: number; promptTokens: number; tokens: number }
  /** Opens the model once more, from its file to the first token, and closes it. */
  | { kind: 'start'; promptTokens: number }
  /** Vectors of short texts, all asked for at once. */
  | { kind: 'embed'; texts: number }
  /** Decodes with a trace; how fast the linear layers read their weights. */
  | { kind: 'linear'; tokens: number }
  /** Logits after the last token of a prompt: a comparison, not a speed. */
  | { kind: 'logits'; prompt: readonly number[] };

/** Where the time of a tile went; the shares add up to 1. */
export interface TimeShares {
  compute: number;
  send: number;
  wait: number;
  /** Between steps: the engine's turn. */
  idle: number;
}

export interface SpeedSample {
  /** Tokens per second; texts per second, ms of a start to its first token, GB/s of `linear`. */
  value: number;
  /** Ids of the answers, one sequence after the other; of vectors, words of each. */
  tokens: number[];
  /** Milliseconds that reading and packing the weights took, of a start. */
  loadMs?: number;
  /** Milliseconds that as many threads then took to get and touch as many pages, of a start. */
  touchMs?: number;
  /** By tile. */
  shares?: TimeShares[];
  /** [V] */
  logits?: Float32Array;
  /** Resident memory of the process, at most so far; of a wafer, before others were started. */
  rssBytes: number;
}

/** Tokens of a short text: from the first to the second. */
const [TEXT_TOKENS_MIN, TEXT_TOKENS_MAX] = [6, 24] as const;
/** Sequences that a wafer has room for. */
const TEXTS_AT_ONCE = 64;

/** Short texts of several lengths, as ids; always the same. */
export function textsOf(vocabCount: number, count: number): number[][] {
  const lengths = TEXT_TOKENS_MAX - TEXT_TOKENS_MIN + 1;
  return Array.from({ length: count }, (_, i) =>
    promptOf(vocabCount, TEXT_TOKENS_MIN + ((i * 7) % lengths), i),
  );
}

/** Unit of a sample's value. */
export function unitOf(task: SpeedTask): 'tokens/s' | 'texts/s' | 'ms' | 'GB/s' {
  if (task.kind === 'embed') return 'texts/s';
  if (task.kind === 'linear') return 'GB/s';
  return task.kind === 'start' ? 'ms' : 'tokens/s';
}

/** A task in a few words, for a table. */
export function taskName(task: SpeedTask): string {
  switch (task.kind) {
    case 'prefill':
      return `prefill ${task.promptTokens}`;
    case 'decode':
      return `decode x${task.sequences} after ${task.promptTokens}`;
    case 'start':
      return 'start, first token';
    case 'embed':
      return `embed ${plural(task.texts, 'text')}`;
    case 'linear':
      return 'linear layers';
    case 'logits':
      return 'logits';
  }
}

/** Positions that one sequence of a task fills. */
export function positionsOf(task: SpeedTask): number {
  switch (task.kind) {
    case 'prefill':
    case 'start':
      return task.promptTokens + 1;
    case 'decode':
      return task.promptTokens + task.tokens;
    case 'embed':
      return TEXT_TOKENS_MAX;
    case 'linear':
      return 1 + task.tokens;
    case 'logits':
      return task.prompt.length;
  }
}

/** Sequences of a task. */
export function sequencesOf(task: SpeedTask): number {
  if (task.kind === 'embed') return Math.min(task.texts, TEXTS_AT_ONCE);
  return task.kind === 'decode' ? task.sequences : 1;
}

/** Token ids from all over the vocabulary; always the same, others for each sequence. */
export function promptOf(vocabCount: number, count: number, sequence = 0): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919 + sequence * 1031 + 257) % vocabCount);
}
