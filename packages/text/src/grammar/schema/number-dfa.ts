/**
 * The texts of the numbers within bounds, of a multiple, or none of some.
 *
 *     -? (0 | [1-9] [0-9]*) (. [0-9]+)?     digit by digit beside each bound
 *
 * Of each bound the automaton knows whether the digits so far are less, equal or greater, and how
 * many there are: with as many digits before the point the first difference decides, else their
 * number. Of a divisor it knows the remainder. A number that nothing constrains may have an
 * exponent, too. Zero may be negative, as JSON has it.
 */
import type { Budget } from '../budget.ts';
import { buildDfa, type Dfa, type Edge } from '../dfa/dfa.ts';
import { patternDfa } from '../regex/regex-dfa.ts';
import { type Decimal, scaledOf } from './decimal.ts';

export interface NumberRules {
  isInteger: boolean;
  /** Greater or equal, or greater. */
  lower: { value: Decimal; isOpen: boolean }[];
  upper: { value: Decimal; isOpen: boolean }[];
  multiples: Decimal[];
  notMultiples: Decimal[];
  /** Equal to none of these. */
  excluded: Decimal[];
}

export const NO_NUMBER_RULES: NumberRules = {
  ...{ isInteger: false, lower: [], upper: [] },
  ...{ multiples: [], notMultiples: [], excluded: [] },
};

const ANY_NUMBER = '-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,2})?';
const ANY_INTEGER = '-?(0|[1-9][0-9]*)';
const REMAINDERS_MAX = 100_000;

/** What is known of the digits so far beside one bound: -1 less, 0 equal, 1 greater. */
interface Beside {
  relation: number;
  /** Digits read before the point, then behind it; no more than matter. */
  count: number;
}

interface NumberState {
  /** Start, sign, zero, digits, point, digits behind it. */
  part: 's' | '-' | '0' | 'd' | '.' | 'f';
  isNegative: boolean;
  isZero: boolean;
  besides: readonly Beside[];
  /** Remainder by each divisor; -1 once no multiple is possible any more. */
  remainders: readonly number[];
  /** Digits behind the point, no more than matter. */
  places: number;
}

/** The automaton of the numbers that follow some rules. Throws: GRAMMAR_LIMIT. */
export function numberDfa(rules: NumberRules, budget: Budget): Dfa {
  const { lower, upper, multiples, notMultiples, excluded } = rules;
  const boundCount = lower.length + upper.length + excluded.length;
  const isPlain = boundCount + multiples.length + notMultiples.length === 0;
  if (isPlain) {
    const pattern = rules.isInteger ? ANY_INTEGER : ANY_NUMBER;
    return patternDfa(pattern, { kind: 'whole', path: 'number', budget });
  }
  const walk = new NumberWalk(rules);
  return buildDfa<NumberState>(
    {
      start: walk.start,
      key: keyOf,
      edges: (state) => walk.edges(state),
      label: (state) => (walk.isIn(state) ? 0 : -1),
    },
    budget,
  );
}

function keyOf({ part, isNegative, isZero, besides, remainders, places }: NumberState): string {
  const bounds = besides.map(({ relation, count }) => `${relation},${count}`);
  const signs = `${isNegative ? '-' : '+'}${isZero ? 0 : 1}`;
  return `${part}${signs} ${places} ${remainders.join(' ')} ${bounds.join(' ')}`;
}

class NumberWalk {
  readonly start: NumberState;
  readonly #rules: NumberRules;
  readonly #bounds: readonly Decimal[];
  readonly #divisors: readonly { whole: number; places: number }[];
  readonly #placesMax: number;

  constructor(rules: NumberRules) {
    this.#rules = rules;
    const { lower, upper, excluded, multiples, notMultiples } = rules;
    this.#bounds = [...lower, ...upper].map(({ value }) => value).concat(excluded);
    this.#divisors = [...multiples, ...notMultiples].map((divisor) => {
      const { whole, places } = scaledOf(divisor);
      return { whole: Number(whole), places };
    });
    const places = this.#bounds.map(({ fraction }) => fraction.length);
    this.#placesMax = [...places, ...this.#divisors.map((d) => d.places + 1), 1].reduce(
      (most, count) => Math.max(most, count),
    );
    this.start = {
      ...{ part: 's', isNegative: false, isZero: true, places: 0 },
      besides: this.#bounds.map(() => ({ relation: 0, count: 0 })),
      remainders: this.#divisors.map(() => 0),
    };
  }

  edges(state: NumberState): Edge<NumberState>[] {
    const { part } = state;
    const edges: Edge<NumberState>[] = [];
    const add = (char: string, to: NumberState): void => {
      edges.push({ low: char.charCodeAt(0), high: char.charCodeAt(0), to });
    };
    if (part === 's') add('-', { ...state, part: '-', isNegative: true });
    const mayPoint = (part === '0' || part === 'd') && !this.#rules.isInteger;
    if (mayPoint) add('.', this.#point(state));
    if (part === '0') return edges;
    for (let digit = 0; digit < 10; digit++) {
      const isFirst = part === 's' || part === '-';
      const to =
        part === '.' || part === 'f' ? this.#fraction(state, digit) : this.#whole(state, digit);
      add(String(digit), isFirst && digit === 0 ? { ...state, part: '0' } : to);
    }
    return edges;
  }

  isIn(state: NumberState): boolean {
    if (state.part !== '0' && state.part !== 'd' && state.part !== 'f') return false;
    const { lower, upper, excluded, multiples } = this.#rules;
    const relations = this.#bounds.map((bound, i) => relationOf(state, bound, state.besides[i]!));
    const isAbove = lower.every(({ isOpen }, i) => relations[i]! >= (isOpen ? 1 : 0));
    const isBelow = upper.every(
      ({ isOpen }, i) => relations[lower.length + i]! <= (isOpen ? -1 : 0),
    );
    const first = lower.length + upper.length;
    const isOther = excluded.every((_, i) => relations[first + i] !== 0);
    const isMultiple = this.#divisors.every(
      (divisor, i) => isMultipleOf(state, divisor, state.remainders[i]!) === i < multiples.length,
    );
    return isAbove && isBelow && isOther && isMultiple;
  }

  #whole(state: NumberState, digit: number): NumberState {
    return {
      ...state,
      part: 'd',
      isZero: state.isZero && digit === 0,
      besides: this.#bounds.map(({ whole }, i) => {
        const { relation, count } = state.besides[i]!;
        if (count >= whole.length) return { relation: 1, count: whole.length + 1 };
        const next = relation || Math.sign(digit - Number(whole[count]));
        return { relation: next, count: count + 1 };
      }),
      remainders: this.#divisors.map(({ whole }, i) => (state.remainders[i]! * 10 + digit) % whole),
    };
  }

  #point(state: NumberState): NumberState {
    return {
      ...state,
      part: '.',
      besides: this.#bounds.map(({ whole }, i) => {
        const { relation, count } = state.besides[i]!;
        return { relation: count < whole.length ? -1 : relation, count: 0 };
      }),
    };
  }

  #fraction(state: NumberState, digit: number): NumberState {
    const places = state.places + 1;
    return {
      ...state,
      part: 'f',
      isZero: state.isZero && digit === 0,
      places: Math.min(places, this.#placesMax),
      besides: this.#bounds.map(({ fraction }, i) => {
        const { relation, count } = state.besides[i]!;
        const next = relation || Math.sign(digit - Number(fraction[count] ?? 0));
        return { relation: next, count: next === 0 ? Math.min(count + 1, fraction.length) : 0 };
      }),
      remainders: this.#divisors.map(({ whole, places: needed }, i) => {
        const remainder = state.remainders[i]!;
        if (remainder < 0) return -1;
        if (places > needed) return digit === 0 ? remainder : -1;
        return (remainder * 10 + digit) % whole;
      }),
    };
  }
}

/** How the whole number is to a bound: below 0 less, above 0 greater. */
function relationOf(state: NumberState, bound: Decimal, { relation, count }: Beside): number {
  let size = relation;
  if (state.part === 'f') {
    if (relation === 0 && count < bound.fraction.length) size = -1;
  } else {
    // `0` has no digits beside the bound's.
    const read = state.part === '0' ? 0 : count;
    if (read < bound.whole.length) size = -1;
    else if (relation === 0) size = bound.fraction === '' ? 0 : -1;
  }
  const isBoundZero = bound.whole + bound.fraction === '';
  if (state.isZero && isBoundZero) return 0;
  const isNegative = state.isNegative && !state.isZero;
  if (!isNegative) return bound.isNegative ? 1 : size;
  return bound.isNegative ? -size || 0 : -1;
}

function isMultipleOf(
  state: NumberState,
  divisor: { whole: number; places: number },
  remainder: number,
): boolean {
  if (remainder < 0) return false;
  let left = remainder;
  for (let place = state.places; place < divisor.places; place++)
    left = (left * 10) % divisor.whole;
  return left === 0;
}

/** Whether a divisor is small enough to be counted with. */
export function isCountable(divisor: Decimal): boolean {
  return scaledOf(divisor).whole <= BigInt(REMAINDERS_MAX);
}
