/**
 * What an engine is asked to do in a turn, whichever engine it is, and what it says afterwards.
 *
 * Clock: wall, in the thread that asks. Prefill ends with the first token of the answer; decoding
 * counts the tokens after it; a start begins where the model's file is named.
 */

export type SpeedTask =
  /** Reads a prompt. */
  | { kind: 'prefill'; promptTokens: number }
  /** Writes tokens after a prompt, in several sequences at once. */
  | { kind: 'decode'; sequences: number; promptTokens: number; tokens: number }
  /** Opens the model once more, from its file to the first token, and closes it. */
  | { kind: 'start'; promptTokens: number }
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
  /** Tokens per second; for a start the ms to the first token, for linear layers GB/s. */
  value: number;
  /** Ids of the answers, one sequence after the other. */
  tokens: number[];
  /** Milliseconds that reading and packing the weights took, of a start. */
  loadMs?: number;
  /** By tile. */
  shares?: TimeShares[];
  /** [V] */
  logits?: Float32Array;
  /** Resident memory of the process, at most so far; of a wafer, before others were started. */
  rssBytes: number;
}

/** Unit of a sample's value. */
export function unitOf(task: SpeedTask): 'tokens/s' | 'ms' | 'GB/s' {
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
    case 'linear':
      return 1 + task.tokens;
    case 'logits':
      return task.prompt.length;
  }
}

/** Sequences of a task. */
export function sequencesOf(task: SpeedTask): number {
  return task.kind === 'decode' ? task.sequences : 1;
}

/** Token ids from all over the vocabulary; always the same, others for each sequence. */
export function promptOf(vocabCount: number, count: number, sequence = 0): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919 + sequence * 1031 + 257) % vocabCount);
}
