/**
 * Deterministic automata over code points, as flat tables that cross threads.
 *
 *     edges of state s: offsets[s] … offsets[s + 1], with [low, high] → target, ascending
 *
 * State 0 is the start. Every state can still reach an accepting one, so that a text whose
 * beginning is taken can always be finished; only the start of an empty automaton cannot.
 */
import type { Budget } from '../budget.ts';

export interface Dfa {
  offsets: Int32Array; // [S + 1]
  lows: Int32Array; // [E]
  highs: Int32Array; // [E]
  targets: Int32Array; // [E]
  /** What a state accepts: a number of the maker's, or -1. */
  labels: Int32Array; // [S]
}

export interface Edge<State> {
  low: number;
  high: number;
  to: State;
}

/** An automaton that is made while it is walked. */
export interface DfaWalk<State> {
  start: State;
  /** Equal for equal states. */
  key(state: State): string;
  /** Ascending and disjoint. */
  edges(state: State): readonly Edge<State>[];
  /** -1 if the state does not accept. */
  label(state: State): number;
}

export const NO_LABEL = -1;

/** Walks an automaton and writes it down, without states that lead nowhere. */
export function buildDfa<State>(
  walk: DfaWalk<State>,
  budget: Budget,
  use: { isMerged: boolean } = { isMerged: true },
): Dfa {
  const ids = new Map<string, number>();
  const states: State[] = [];
  const edges: Edge<number>[][] = [];
  const idOf = (state: State): number => {
    const key = walk.key(state);
    const known = ids.get(key);
    if (known !== undefined) return known;
    budget.takeState();
    budget.takeWork(key.length >> 3);
    ids.set(key, states.length);
    states.push(state);
    return states.length - 1;
  };
  idOf(walk.start);
  for (let id = 0; id < states.length; id++) {
    const row: Edge<number>[] = [];
    for (const { low, high, to } of walk.edges(states[id]!)) {
      budget.takeWork();
      const target = idOf(to);
      const last = row.at(-1);
      if (last !== undefined && last.to === target && last.high === low - 1) last.high = high;
      else row.push({ low, high, to: target });
    }
    edges.push(row);
  }
  const labels = states.map((state) => walk.label(state));
  const rows = trimStates(edges, labels);
  return use.isMerged ? mergeStates(rows) : write(rows.edges, rows.labels);
}

interface Rows {
  edges: Edge<number>[][];
  labels: number[];
}

/** Leaves out states from which nothing is accepted. */
function trimStates(edges: readonly Edge<number>[][], labels: readonly number[]): Rows {
  const before: number[][] = labels.map(() => []);
  edges.forEach((row, from) => row.forEach(({ to }) => before[to]!.push(from)));
  const isLive = labels.map((label) => label !== NO_LABEL);
  const open = [...labels.keys()].filter((state) => isLive[state]);
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const from of before[state]!) {
      if (isLive[from]) continue;
      isLive[from] = true;
      open.push(from);
    }
  }
  const isEmpty = !isLive[0];
  isLive[0] = true; // the start stays, whatever it accepts
  let count = 0;
  const newIds = isLive.map((live) => (live ? count++ : -1));
  const kept: Rows = { edges: [], labels: [] };
  edges.forEach((row, state) => {
    if (!isLive[state]) return;
    const live = isEmpty ? [] : row.filter(({ to }) => isLive[to]);
    kept.edges.push(live.map(({ low, high, to }) => ({ low, high, to: newIds[to]! })));
    kept.labels.push(labels[state]!);
  });
  return kept;
}

const MERGE_STATES_MAX = 20_000;

/** Joins states that no text tells apart (Moore's refinement), and writes the tables. */
function mergeStates({ edges, labels }: Rows): Dfa {
  let classes = labels.map((label) => label);
  let classCount = new Set(classes).size;
  for (let round = 0; edges.length <= MERGE_STATES_MAX && round < 64; round++) {
    const ids = new Map<string, number>();
    const next = edges.map((row, state) => {
      let key = `${classes[state]!}`;
      let [low, high, to] = [-1, -1, -1];
      for (const edge of row) {
        const target = classes[edge.to]!;
        if (target === to && edge.low === high + 1) {
          high = edge.high;
          continue;
        }
        if (to !== -1 || low !== -1) key += ` ${low}-${high}>${to}`;
        [low, high, to] = [edge.low, edge.high, target];
      }
      key += ` ${low}-${high}>${to}`;
      const id = ids.get(key) ?? ids.size;
      ids.set(key, id);
      return id;
    });
    classes = next;
    if (ids.size === classCount || ids.size === edges.length) break;
    classCount = ids.size;
  }
  // Classes are numbered as they are met, so that of the start is 0, unless they are labels still.
  return edges.length <= MERGE_STATES_MAX
    ? writeClasses(edges, labels, classes)
    : write(edges, labels);
}

function writeClasses(
  edges: readonly Edge<number>[][],
  labels: readonly number[],
  classes: readonly number[],
): Dfa {
  const rows: Edge<number>[][] = [];
  const rowLabels: number[] = [];
  classes.forEach((id, state) => {
    if (rows[id] !== undefined) return;
    const row: Edge<number>[] = [];
    for (const { low, high, to } of edges[state]!) {
      const target = classes[to]!;
      const last = row.at(-1);
      if (last !== undefined && last.to === target && last.high === low - 1) last.high = high;
      else row.push({ low, high, to: target });
    }
    rows[id] = row;
    rowLabels[id] = labels[state]!;
  });
  return write(rows, rowLabels);
}

function write(edges: readonly Edge<number>[][], labels: readonly number[]): Dfa {
  const edgeCount = edges.reduce((sum, row) => sum + row.length, 0);
  const dfa: Dfa = {
    offsets: new Int32Array(edges.length + 1),
    lows: new Int32Array(edgeCount),
    highs: new Int32Array(edgeCount),
    targets: new Int32Array(edgeCount),
    labels: Int32Array.from(labels),
  };
  let end = 0;
  edges.forEach((row, state) => {
    for (const { low, high, to } of row) {
      dfa.lows[end] = low;
      dfa.highs[end] = high;
      dfa.targets[end++] = to;
    }
    dfa.offsets[state + 1] = end;
  });
  return dfa;
}

/** Index of the edge that a character takes from a state; -1 if there is none. */
export function edgeAt(dfa: Dfa, state: number, code: number): number {
  let low = dfa.offsets[state]!;
  let high = dfa.offsets[state + 1]! - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if (code < dfa.lows[middle]!) high = middle - 1;
    else if (code > dfa.highs[middle]!) low = middle + 1;
    else return middle;
  }
  return -1;
}

/** Where a character leads; -1 if nowhere. */
export function nextState(dfa: Dfa, state: number, code: number): number {
  const edge = edgeAt(dfa, state, code);
  return edge < 0 ? -1 : dfa.targets[edge]!;
}

/** The label of a whole text; -1 if it is not accepted. */
export function labelOf(dfa: Dfa, text: string): number {
  let state = 0;
  for (const char of text) {
    state = nextState(dfa, state, char.codePointAt(0)!);
    if (state < 0) return NO_LABEL;
  }
  return dfa.labels[state]!;
}

/** Whether an automaton accepts nothing. */
export function isEmptyDfa(dfa: Dfa): boolean {
  return dfa.labels[0] === NO_LABEL && dfa.offsets[1] === 0;
}

/** Whether it accepts no more than finitely many texts; how many, at most `max`; else Infinity. */
export function countTexts(dfa: Dfa, max: number): number {
  const counts = new Map<number, number>();
  const open = new Set<number>();
  const visit = (state: number, depth: number): number => {
    if (open.has(state) || depth > 2000) return Infinity; // live, so there is no end of them
    const known = counts.get(state);
    if (known !== undefined) return known;
    open.add(state);
    let count = dfa.labels[state] === NO_LABEL ? 0 : 1;
    for (let i = dfa.offsets[state]!; i < dfa.offsets[state + 1]! && count <= max; i++) {
      count += (dfa.highs[i]! - dfa.lows[i]! + 1) * visit(dfa.targets[i]!, depth + 1);
    }
    open.delete(state);
    counts.set(state, count);
    return count;
  };
  return visit(0, 0);
}
