/**
 * What making a grammar may cost: states, steps of work, depth and length of its source.
 *
 * Grammars come from requests. Everything that grows with them is spent here first, so that a
 * hostile one ends with a coded refusal, the same on every machine; time and memory are bounded
 * from outside, by the thread that compiles. Throws: GRAMMAR_LIMIT.
 */
import { WaferError } from '@wafer/core';

/** How much there is of each. */
export interface GrammarLimits {
  /** Characters of the source. */
  characters: number;
  /** How deep its brackets nest. */
  depth: number;
  /** States of automata, before and after they are made deterministic. */
  states: number;
  /** Edges, pairs of sets, alternatives: whatever a loop goes round. */
  work: number;
}

export const GRAMMAR_LIMITS: Readonly<GrammarLimits> = Object.freeze({
  characters: 1_000_000,
  depth: 256,
  states: 60_000,
  work: 1_500_000,
});

/** What is left while one grammar is made. */
export class Budget {
  readonly limits: Readonly<GrammarLimits>;
  #states = 0;
  #work = 0;

  constructor(limits: Partial<GrammarLimits> = {}) {
    this.limits = { ...GRAMMAR_LIMITS, ...limits };
  }

  get workDone(): number {
    return this.#work;
  }

  takeState(): void {
    this.#states++;
    if (this.#states > this.limits.states) refuseLimit('states', this.limits.states);
  }

  takeWork(count = 1): void {
    this.#work += count;
    if (this.#work > this.limits.work) refuseLimit('steps of work', this.limits.work);
  }

  checkDepth(depth: number): void {
    if (depth > this.limits.depth) refuseLimit('levels of nesting', this.limits.depth);
  }

  checkLength(length: number): void {
    if (length > this.limits.characters) refuseLimit('characters', this.limits.characters);
  }
}

/** Stops a grammar that costs too much. Throws: GRAMMAR_LIMIT, always. */
export function refuseLimit(limit: string, allowed: number): never {
  throw new WaferError('GRAMMAR_LIMIT', { limit, allowed });
}

/** Stops a grammar that means nothing. Throws: GRAMMAR_INVALID, always. */
export function refuseGrammar(path: string, reason: string): never {
  throw new WaferError('GRAMMAR_INVALID', { path, reason });
}

/** Stops a grammar that asks for what is not enforced. Throws: GRAMMAR_UNSUPPORTED, always. */
export function refuseKeyword(keyword: string, path: string, reason: string): never {
  throw new WaferError('GRAMMAR_UNSUPPORTED', { keyword, path, reason });
}
