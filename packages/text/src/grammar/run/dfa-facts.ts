/**
 * What a mask wants to know of the states of an automaton beforehand: how long a run of plain
 * characters they take for certain, and how long a one at most.
 *
 *     plain        every character that a JSON string holds as it is
 *     certain = ∞  whatever plain characters come, the text can still be finished
 *     certain = longest    any `certain` plain characters go, one more never does
 */
import type { Dfa } from '../dfa/dfa.ts';
import { type Ranges, toRanges } from '../dfa/ranges.ts';

/** Characters of a JSON string that stand for themselves. */
export const PLAIN: Ranges = toRanges([0x20, 0x21, 0x23, 0x5b, 0x5d, 0x10ffff]);

export interface DfaFacts {
  /** Whether an accepting state is reached from a state. */
  isLive: Uint8Array;
  certain: Float64Array;
  longest: Float64Array;
  /** Characters that are still to come at least. */
  shortest: Float64Array;
  /** The largest of those that are finite. */
  shortestMax: number;
}

/** Facts of an automaton of which only some labels may be accepted. */
export function dfaFacts(dfa: Dfa, isAllowed: (label: number) => boolean): DfaFacts {
  const isLive = liveStates(dfa, isAllowed);
  const shortest = shortestTexts(dfa, isAllowed);
  const shortestMax = shortest.reduce(
    (most, one) => (one < Infinity ? Math.max(most, one) : most),
    0,
  );
  const certain = certainRuns(dfa, isLive);
  return { isLive, certain, longest: longestRuns(dfa, isLive), shortest, shortestMax };
}

function reversed(dfa: Dfa, isLive: Uint8Array | undefined): number[][] {
  const before: number[][] = Array.from(dfa.labels, () => []);
  for (let state = 0; state < dfa.labels.length; state++) {
    if (isLive && isLive[state] === 0) continue;
    for (let i = dfa.offsets[state]!; i < dfa.offsets[state + 1]!; i++) {
      before[dfa.targets[i]!]!.push(state);
    }
  }
  return before;
}

function liveStates(dfa: Dfa, isAllowed: (label: number) => boolean): Uint8Array {
  const isLive = new Uint8Array(dfa.labels.length);
  const open: number[] = [];
  dfa.labels.forEach((label, state) => {
    if (label < 0 || !isAllowed(label)) return;
    isLive[state] = 1;
    open.push(state);
  });
  if (open.length === dfa.labels.length) return isLive;
  const before = reversed(dfa, undefined);
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const from of before[state]!) {
      if (isLive[from] === 1) continue;
      isLive[from] = 1;
      open.push(from);
    }
  }
  return isLive;
}

/** Backwards from states that refuse some plain character: each step away is one more. */
function certainRuns(dfa: Dfa, isLive: Uint8Array): Float64Array {
  const certain = new Float64Array(dfa.labels.length).fill(Infinity);
  let front: number[] = [];
  for (let state = 0; state < certain.length; state++) {
    if (isLive[state] === 1 && takesAllPlain(dfa, state, isLive)) continue;
    certain[state] = 0;
    front.push(state);
  }
  if (front.length === certain.length) return certain;
  const before = reversed(dfa, isLive);
  for (let length = 1; front.length > 0; length++) {
    const next: number[] = [];
    for (const state of front) {
      for (const from of before[state]!) {
        if (certain[from] !== Infinity || !hasPlainEdge(dfa, from, state)) continue;
        certain[from] = length;
        next.push(from);
      }
    }
    front = next;
  }
  return certain;
}

function takesAllPlain(dfa: Dfa, state: number, isLive: Uint8Array): boolean {
  let edge = dfa.offsets[state]!;
  const end = dfa.offsets[state + 1]!;
  for (let i = 0; i < PLAIN.length; i += 2) {
    let code = PLAIN[i]!;
    while (code <= PLAIN[i + 1]!) {
      while (edge < end && dfa.highs[edge]! < code) edge++;
      if (edge === end || dfa.lows[edge]! > code || isLive[dfa.targets[edge]!] === 0) return false;
      code = dfa.highs[edge]! + 1;
    }
  }
  return true;
}

function isPlainEdge(dfa: Dfa, edge: number): boolean {
  for (let i = 0; i < PLAIN.length; i += 2) {
    if (dfa.lows[edge]! <= PLAIN[i + 1]! && dfa.highs[edge]! >= PLAIN[i]!) return true;
  }
  return false;
}

function hasPlainEdge(dfa: Dfa, from: number, to: number): boolean {
  for (let i = dfa.offsets[from]!; i < dfa.offsets[from + 1]!; i++) {
    if (dfa.targets[i] === to && isPlainEdge(dfa, i)) return true;
  }
  return false;
}

/** Longest runs of plain characters: states without a loop ahead of them, in reverse order. */
function longestRuns(dfa: Dfa, isLive: Uint8Array): Float64Array {
  const count = dfa.labels.length;
  const longest = new Float64Array(count).fill(Infinity);
  const left = new Int32Array(count);
  const before: number[][] = Array.from({ length: count }, () => []);
  const open: number[] = [];
  for (let state = 0; state < count; state++) {
    for (let i = dfa.offsets[state]!; i < dfa.offsets[state + 1]!; i++) {
      const to = dfa.targets[i]!;
      if (isLive[to] === 0 || !isPlainEdge(dfa, i)) continue;
      left[state]!++;
      before[to]!.push(state);
    }
    if (left[state] !== 0) continue;
    longest[state] = 0;
    open.push(state);
  }
  const run = new Float64Array(count);
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    longest[state] = run[state]!;
    for (const from of before[state]!) {
      run[from] = Math.max(run[from]!, run[state]! + 1);
      if (--left[from]! === 0) open.push(from);
    }
  }
  return longest;
}

/** How many characters an accepted text has at least, from each state on. */
export function shortestTexts(dfa: Dfa, isAllowed?: (label: number) => boolean): Float64Array {
  const shortest = new Float64Array(dfa.labels.length).fill(Infinity);
  let front: number[] = [];
  dfa.labels.forEach((label, state) => {
    if (label < 0 || isAllowed?.(label) === false) return;
    shortest[state] = 0;
    front.push(state);
  });
  const before = reversed(dfa, undefined);
  for (let length = 1; front.length > 0; length++) {
    const next: number[] = [];
    for (const state of front) {
      for (const from of before[state]!) {
        if (shortest[from] !== Infinity) continue;
        shortest[from] = length;
        next.push(from);
      }
    }
    front = next;
  }
  return shortest;
}
