/**
 * Strings of a branch: any, counted, or those of an automaton.
 *
 * A lower bound on the length is part of the automaton; an upper one is counted while reading, by
 * how much is still to come at least.
 */
import type { Budget } from '../budget.ts';
import { combineDfas, intersectDfas, wordsDfa } from '../dfa/combine.ts';
import { buildDfa, type Dfa, isEmptyDfa } from '../dfa/dfa.ts';
import { ALL } from '../dfa/ranges.ts';
import { shortestTexts } from '../run/dfa-facts.ts';
import type { StringAlternative } from './alternative.ts';
import type { StringRules } from './branch.ts';

/** The strings that follow some rules; none if no string does. */
export function stringOf(rules: StringRules, budget: Budget): StringAlternative[] {
  const { patterns, not, excluded, min, max } = rules;
  if (min > max) return [];
  if (patterns.length + not.length + excluded.length === 0) {
    return [{ kind: 'string', dfa: undefined, min, max }];
  }
  const others = excluded.length === 0 ? not : [...not, wordsDfa(excluded, budget)];
  const wanted = min === 0 ? patterns : [...patterns, longTexts(min, budget)];
  const dfa = intersectDfas(wanted, others, budget);
  if (isEmptyDfa(dfa) || shortestTexts(dfa)[0]! > max) return [];
  return [{ kind: 'string', dfa, min: 0, max }];
}

/** All strings of some alternatives as one automaton. */
export function joinStrings(alternatives: readonly StringAlternative[], budget: Budget): Dfa {
  const parts = alternatives.map(({ dfa, min, max }) =>
    intersectDfas(
      [
        ...(dfa ? [dfa] : []),
        ...(min > 0 || max < Infinity ? [lengthTexts(min, max, budget)] : []),
      ],
      [],
      budget,
    ),
  );
  if (parts.length === 1) return parts[0]!;
  return combineDfas(parts, (labels) => (labels.some((label) => label >= 0) ? 0 : -1), budget);
}

function longTexts(min: number, budget: Budget): Dfa {
  return lengthTexts(min, Infinity, budget);
}

/** Texts of a number of characters. */
function lengthTexts(min: number, max: number, budget: Budget): Dfa {
  return buildDfa<number>(
    {
      start: 0,
      key: String,
      edges: (count) => {
        if (count >= max) return [];
        const to = max === Infinity ? Math.min(count + 1, min) : count + 1;
        return [
          { low: ALL[0]!, high: ALL[1]!, to },
          { low: ALL[2]!, high: ALL[3]!, to },
        ];
      },
      label: (count) => (count >= min ? 0 : -1),
    },
    budget,
  );
}
