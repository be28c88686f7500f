/**
 * Regular expressions to automata: Thompson's construction, then sets of states.
 *
 *     whole    the expression matches the text from its first character to its last
 *     search   it matches somewhere, as `pattern` of JSON Schema wants it
 *
 * The time is linear in the text whatever the pattern is; what a pattern may cost is states, and
 * those are counted. Source: Thompson 1968; Rabin and Scott 1959.
 */
import { type Budget, refuseKeyword } from '../budget.ts';
import { intersectDfas } from '../dfa/combine.ts';
import { buildDfa, type Dfa, type Edge, NO_LABEL } from '../dfa/dfa.ts';
import { ALL, type Ranges } from '../dfa/ranges.ts';
import type { Regex } from './expression.ts';
import { parseRegex } from './parse-regex.ts';

/** What a state of the nondeterministic automaton does. */
type NfaState =
  | { kind: 'set'; set: Ranges; to: number }
  | { kind: 'split'; to: number[] }
  | { kind: 'begin' | 'end'; to: number }
  | { kind: 'match' };

export type MatchKind = 'whole' | 'search';

/** The automaton of a pattern. Throws: GRAMMAR_INVALID, GRAMMAR_UNSUPPORTED, GRAMMAR_LIMIT. */
export function patternDfa(
  pattern: string,
  use: { kind: MatchKind; path: string; budget: Budget },
): Dfa {
  return regexDfa(parseRegex(pattern, use), use);
}

/** The automaton of an expression. */
export function regexDfa(
  regex: Regex,
  use: { kind: MatchKind; path: string; budget: Budget },
): Dfa {
  const { looks, rest } = splitLooks(regex, use.path);
  const main = new Nfa(use.budget, use.path).dfa(rest, use.kind);
  if (looks.length === 0) return main;
  const make = (of: Regex): Dfa =>
    new Nfa(use.budget, use.path).dfa({ kind: 'cat', of: [{ kind: 'begin' }, of] }, 'search');
  const wanted = looks.filter(({ isNegative }) => !isNegative).map(({ of }) => make(of));
  const unwanted = looks.filter(({ isNegative }) => isNegative).map(({ of }) => make(of));
  return intersectDfas([main, ...wanted], unwanted, use.budget);
}

interface Look {
  of: Regex;
  isNegative: boolean;
}

/** Lookaheads at the beginning of a text are conditions on all of it. */
function splitLooks(regex: Regex, path: string): { looks: Look[]; rest: Regex } {
  const of = regex.kind === 'cat' ? regex.of : [regex];
  const looks: Look[] = [];
  let begins = 0;
  for (const part of of) {
    if (part.kind === 'begin') begins++;
    else if (part.kind === 'look' && begins > 0) looks.push(part);
    else break;
  }
  const rest = of.filter((part, i) => i >= begins + looks.length || part.kind === 'begin');
  if (rest.some(hasLook)) refuseKeyword('(?=', path, 'lookahead only right behind ^');
  return { looks, rest: { kind: 'cat', of: rest } };
}

function hasLook(regex: Regex): boolean {
  if (regex.kind === 'look') return true;
  if (regex.kind === 'repeat') return hasLook(regex.of);
  return (regex.kind === 'cat' || regex.kind === 'or') && regex.of.some(hasLook);
}

class Nfa {
  readonly #states: NfaState[] = [];
  readonly #budget: Budget;
  readonly #path: string;

  constructor(budget: Budget, path: string) {
    this.#budget = budget;
    this.#path = path;
  }

  dfa(regex: Regex, kind: MatchKind): Dfa {
    const match = this.#add({ kind: 'match' });
    const loop = (to: number): number => {
      const split = this.#add({ kind: 'split', to: [] });
      const skip = this.#add({ kind: 'set', set: ALL, to: split });
      this.#states[split] = { kind: 'split', to: [to, skip] };
      return split;
    };
    const isSearch = kind === 'search';
    // What follows a match is free, and so is what comes before: one match is enough.
    const body = this.#compile(regex, isSearch ? loop(match) : match);
    const start = isSearch ? loop(body) : body;
    const first = this.#closure([start], { isBegin: true, isEnd: false });
    return buildDfa<{ states: readonly number[]; isFirst: boolean }>(
      {
        start: { states: first, isFirst: true },
        key: ({ states, isFirst }) => `${isFirst ? '^' : ''}${states.join(' ')}`,
        edges: ({ states }) =>
          this.#edges(states).map(({ low, high, to }) => ({
            ...{ low, high },
            to: { states: to, isFirst: false },
          })),
        label: ({ states, isFirst }) => {
          const all = this.#closure(states, { isBegin: isFirst, isEnd: true });
          return all.includes(match) ? 0 : NO_LABEL;
        },
      },
      this.#budget,
    );
  }

  #add(state: NfaState): number {
    this.#budget.takeState();
    return this.#states.push(state) - 1;
  }

  /** States that match an expression and then go on at `to`; returns the first. */
  #compile(regex: Regex, to: number): number {
    switch (regex.kind) {
      case 'set':
        return this.#add({ kind: 'set', set: regex.set, to });
      case 'cat':
        return regex.of.reduceRight((next, part) => this.#compile(part, next), to);
      case 'or':
        return this.#add({ kind: 'split', to: regex.of.map((part) => this.#compile(part, to)) });
      case 'begin':
      case 'end':
        return this.#add({ kind: regex.kind, to });
      case 'repeat':
        return this.#repeat(regex, to);
      case 'look':
        return refuseKeyword('(?=', this.#path, 'lookahead only right behind ^');
    }
  }

  #repeat({ of, min, max }: Regex & { kind: 'repeat' }, to: number): number {
    let next = to;
    if (max === Infinity) {
      next = this.#add({ kind: 'split', to: [] });
      const body = this.#compile(of, next);
      this.#states[next] = { kind: 'split', to: [body, to] };
    } else {
      for (let i = min; i < max; i++) {
        next = this.#add({ kind: 'split', to: [this.#compile(of, next), to] });
      }
    }
    for (let i = 0; i < min; i++) {
      this.#budget.takeWork();
      next = this.#compile(of, next);
    }
    return next;
  }

  /** States reached without a character that wait for one, match, or wait for the end; sorted. */
  #closure(
    states: readonly number[],
    { isBegin, isEnd }: { isBegin: boolean; isEnd: boolean },
  ): number[] {
    const seen = new Set<number>();
    const open = [...states];
    const kept: number[] = [];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      this.#budget.takeWork();
      const state = this.#states[id]!;
      if (state.kind === 'split') for (const to of state.to) open.push(to);
      else if (state.kind === 'begin' && isBegin) open.push(state.to);
      else if (state.kind === 'end' && isEnd) open.push(state.to);
      else kept.push(id);
    }
    // A `^` that was not passed at the beginning never is.
    return kept.filter((id) => this.#states[id]!.kind !== 'begin').toSorted((a, b) => a - b);
  }

  #edges(states: readonly number[]): Edge<readonly number[]>[] {
    const cuts = new Set<number>();
    const sets: { set: Ranges; to: number }[] = [];
    for (const id of states) {
      const state = this.#states[id]!;
      if (state.kind !== 'set') continue;
      sets.push(state);
      for (let i = 0; i < state.set.length; i += 2) {
        cuts.add(state.set[i]!);
        cuts.add(state.set[i + 1]! + 1);
      }
    }
    const starts = [...cuts].toSorted((a, b) => a - b);
    this.#budget.takeWork(sets.length + starts.length);
    const targets: Set<number>[] = starts.map(() => new Set());
    const places = new Map(starts.map((start, i) => [start, i]));
    for (const { set, to } of sets) {
      for (let i = 0; i < set.length; i += 2) {
        const end = places.get(set[i + 1]! + 1)!;
        for (let place = places.get(set[i]!)!; place < end; place++) {
          this.#budget.takeWork();
          targets[place]!.add(to);
        }
      }
    }
    const closures = new Map<string, number[]>();
    return starts.flatMap((low, i) => {
      if (targets[i]!.size === 0) return [];
      const from = [...targets[i]!].toSorted((a, b) => a - b);
      const key = from.join(' ');
      const to = closures.get(key) ?? this.#closure(from, { isBegin: false, isEnd: false });
      closures.set(key, to);
      return [{ low, high: starts[i + 1]! - 1, to }];
    });
  }
}
