/**
 * Texts that have none of some words in them, as an automaton.
 *
 * A state is the longest end of the text so far that begins a word.
 *
 * Source: Aho and Corasick 1975, "Efficient String Matching".
 */
import type { Budget } from '../budget.ts';
import { buildDfa, type Dfa, type Edge } from '../dfa/dfa.ts';
import { invertRanges, rangesOf } from '../dfa/ranges.ts';

const DONE = '';

interface Place {
  /** What of a word is there; with `isDone`, the text is over. */
  end: string;
  isDone: boolean;
}

/** Texts without `words`; with `until`, and that text behind them, for the first time. */
export function freeTextDfa(
  words: readonly string[],
  until: string | undefined,
  budget: Budget,
): Dfa {
  const all = until === undefined ? words : [...words, until];
  const letters = [...new Set(all.flatMap((word) => [...word]))].toSorted(
    (a, b) => a.codePointAt(0)! - b.codePointAt(0)!,
  );
  const others = invertRanges(rangesOf(letters.join('')));
  const next = (end: string, letter: string): Place | undefined => {
    const text = end + letter;
    if (words.some((word) => text.endsWith(word))) return undefined;
    if (until !== undefined && text.endsWith(until)) return { end: DONE, isDone: true };
    for (let at = 0; at < text.length; at++) {
      const rest = text.slice(at);
      if (rest.isWellFormed() && all.some((word) => word.startsWith(rest)))
        return { end: rest, isDone: false };
    }
    return { end: '', isDone: false };
  };
  return buildDfa<Place>(
    {
      start: { end: '', isDone: false },
      key: ({ end, isDone }) => (isDone ? '.' : `-${end}`),
      label: ({ isDone }) => (isDone || until === undefined ? 0 : -1),
      edges: ({ end, isDone }) => {
        if (isDone) return [];
        const edges: Edge<Place>[] = [];
        for (let i = 0; i < others.length; i += 2) {
          edges.push({ low: others[i]!, high: others[i + 1]!, to: { end: '', isDone: false } });
        }
        for (const letter of letters) {
          const to = next(end, letter);
          const code = letter.codePointAt(0)!;
          if (to !== undefined) edges.push({ low: code, high: code, to });
        }
        return edges.toSorted((a, b) => a.low - b.low);
      },
    },
    budget,
  );
}
