/**
 * Automata out of automata: products, complements, words.
 *
 * A product walks its parts side by side and lets a rule say what is accepted, so that
 * intersection, union and difference are one function.
 */
import type { Budget } from '../budget.ts';
import { buildDfa, NO_LABEL } from './dfa.ts';
import type { Dfa, Edge } from './dfa.ts';
import { ALL } from './ranges.ts';

/** The automaton of all texts. */
export const ANY_TEXT: Dfa = {
  offsets: Int32Array.of(0, 2),
  lows: Int32Array.of(ALL[0]!, ALL[2]!),
  highs: Int32Array.of(ALL[1]!, ALL[3]!),
  targets: Int32Array.of(0, 0),
  labels: Int32Array.of(0),
};

/** `labels` holds the label of each part, -1 where it does not accept. */
export type LabelRule = (labels: readonly number[]) => number;

/** Whether a product goes on where some of its parts are dead; -1 is the dead state of a part. */
export function combineDfas(
  parts: readonly Dfa[],
  rule: LabelRule,
  budget: Budget,
  isDead: (states: readonly number[]) => boolean = () => false,
  use: { isMerged: boolean } = { isMerged: true },
): Dfa {
  return buildDfa<readonly number[]>(
    {
      start: parts.map(() => 0),
      key: (states) => states.join(' '),
      edges: (states) => productEdges(parts, states, budget).filter(({ to }) => !isDead(to)),
      label: (states) =>
        rule(states.map((state, i) => (state < 0 ? NO_LABEL : parts[i]!.labels[state]!))),
    },
    budget,
    use,
  );
}

/** Texts that all parts accept and none of `not`. */
export function intersectDfas(parts: readonly Dfa[], not: readonly Dfa[], budget: Budget): Dfa {
  if (parts.length === 1 && not.length === 0) return parts[0]!;
  if (parts.length + not.length === 0) return ANY_TEXT;
  return combineDfas(
    [...parts, ...not],
    (labels) => {
      const isIn = labels.every((label, i) => (label === NO_LABEL) === i >= parts.length);
      return isIn ? 0 : NO_LABEL;
    },
    budget,
    (states) => states.some((state, i) => state < 0 && i < parts.length),
  );
}

/** An automaton of words, each with its place in the list as its label. */
export function wordsDfa(words: readonly string[], budget: Budget): Dfa {
  interface Node {
    next: Map<number, number>;
    label: number;
  }
  const nodes: Node[] = [{ next: new Map(), label: NO_LABEL }];
  words.forEach((word, index) => {
    let node = nodes[0]!;
    for (const char of word) {
      budget.takeWork();
      const code = char.codePointAt(0)!;
      const known = node.next.get(code);
      if (known === undefined) {
        node.next.set(code, nodes.length);
        nodes.push({ next: new Map(), label: NO_LABEL });
      }
      node = nodes[known ?? nodes.length - 1]!;
    }
    if (node.label === NO_LABEL) node.label = index;
  });
  return buildDfa<number>(
    {
      start: 0,
      key: String,
      edges: (id) =>
        [...nodes[id]!.next]
          .toSorted(([a], [b]) => a - b)
          .map(([code, to]) => ({ low: code, high: code, to })),
      label: (id) => nodes[id]!.label,
    },
    budget,
    { isMerged: false }, // words of different labels have nothing to share
  );
}

/** Edges of a product: from each boundary of a part's edges to the next. */
function productEdges(
  parts: readonly Dfa[],
  states: readonly number[],
  budget: Budget,
): Edge<readonly number[]>[] {
  const cuts = new Set<number>([ALL[0]!, ALL[1]! + 1, ALL[2]!, ALL[3]! + 1]);
  states.forEach((state, part) => {
    if (state < 0) return;
    const { offsets, lows, highs } = parts[part]!;
    for (let i = offsets[state]!; i < offsets[state + 1]!; i++) {
      cuts.add(lows[i]!);
      cuts.add(highs[i]! + 1);
    }
  });
  const starts = [...cuts].toSorted((a, b) => a - b);
  budget.takeWork(starts.length * parts.length);
  const cursors = states.map((state, part) => (state < 0 ? 0 : parts[part]!.offsets[state]!));
  const edges: Edge<readonly number[]>[] = [];
  for (let i = 0; i + 1 < starts.length; i++) {
    const low = starts[i]!;
    if (low > ALL[1]! && low < ALL[2]!) continue;
    const to = states.map((state, part) => stepPart(parts[part]!, { state, low, cursors, part }));
    edges.push({ low, high: starts[i + 1]! - 1, to });
  }
  return edges;
}

function stepPart(
  dfa: Dfa,
  at: { state: number; low: number; cursors: number[]; part: number },
): number {
  const { state, low, cursors, part } = at;
  if (state < 0) return -1;
  const end = dfa.offsets[state + 1]!;
  let cursor = cursors[part]!;
  while (cursor < end && dfa.highs[cursor]! < low) cursor++;
  cursors[part] = cursor;
  return cursor < end && dfa.lows[cursor]! <= low ? dfa.targets[cursor]! : -1;
}
