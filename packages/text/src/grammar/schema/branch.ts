/**
 * What a value must be, all at once: constraints by type, met together.
 *
 * A schema is taken apart into branches, of which a value satisfies at least one. A branch holds no
 * schemas to be applied to the value itself any more; those of its members and items are lists of
 * literals: numbers of schemas, doubled, plus one where the schema must not hold.
 */
import type { Dfa } from '../dfa/dfa.ts';
import { NO_NUMBER_RULES, type NumberRules } from './number-dfa.ts';

/** Twice the number of a schema; plus one if it must not hold. */
export type Literal = number;

/** Literals that hold together, ascending. */
export type Conjunction = readonly Literal[];

export const TYPES = {
  null: 1,
  true: 2,
  false: 4,
  number: 8,
  string: 16,
  array: 32,
  object: 64,
} as const;
export const ALL_TYPES = 127;

export interface StringRules {
  patterns: readonly Dfa[];
  not: readonly Dfa[];
  excluded: readonly string[];
  min: number;
  max: number;
}

/** Items by their places, and all behind them. */
export interface ItemGroup {
  items: readonly Conjunction[];
  /** Undefined: anything, and nothing was said. */
  rest: Conjunction | undefined;
  /** Whether its items do not count as evaluated. */
  isSilent?: boolean;
}

/** How many items satisfy a schema. */
export interface ContainsRule {
  literal: Literal;
  min: number;
  max: number;
}

export interface ArrayRules {
  groups: readonly ItemGroup[];
  contains: readonly ContainsRule[];
  min: number;
  max: number;
  /** Where it is said that items differ. */
  uniqueAt: string | undefined;
}

export interface PatternKeys {
  source: string;
  dfa: Dfa;
  value: Conjunction;
}

/** Values by their keys: of names, of patterns, and of keys that neither says anything of. */
export interface KeyGroup {
  names: ReadonlyMap<string, Conjunction>;
  patterns: readonly PatternKeys[];
  rest: Conjunction | undefined;
  /** Whether its keys do not count as evaluated. */
  isSilent?: boolean;
}

export interface ObjectRules {
  groups: readonly KeyGroup[];
  /** What each key must be. */
  keys: readonly Literal[];
  required: ReadonlySet<string>;
  min: number;
  max: number;
}

/** What cannot be enforced of a type. */
export interface TypeRefusal {
  keyword: string;
  path: string;
  reason: string;
}

export interface Branch {
  types: number;
  /** Whether the value is one of a list that the schema tells. */
  isListed: boolean;
  number: NumberRules;
  string: StringRules;
  array: ArrayRules;
  object: ObjectRules;
  refusals: readonly (TypeRefusal & { types: number })[];
}

export const ANYTHING: Branch = {
  types: ALL_TYPES,
  isListed: false,
  number: NO_NUMBER_RULES,
  string: { patterns: [], not: [], excluded: [], min: 0, max: Infinity },
  array: { groups: [], contains: [], min: 0, max: Infinity, uniqueAt: undefined },
  object: { groups: [], keys: [], required: new Set(), min: 0, max: Infinity },
  refusals: [],
};

/** Only some types. */
export function ofTypes(branch: Branch, types: number): Branch {
  return { ...branch, types: branch.types & types };
}

export function withNumber(branch: Branch, rules: Partial<NumberRules>): Branch {
  const { number } = branch;
  const join = <Item>(a: readonly Item[], b: readonly Item[] | undefined): Item[] => [
    ...a,
    ...(b ?? []),
  ];
  return {
    ...branch,
    number: {
      isInteger: number.isInteger || (rules.isInteger ?? false),
      lower: join(number.lower, rules.lower),
      upper: join(number.upper, rules.upper),
      multiples: join(number.multiples, rules.multiples),
      notMultiples: join(number.notMultiples, rules.notMultiples),
      excluded: join(number.excluded, rules.excluded),
    },
  };
}

export function withString(branch: Branch, rules: Partial<StringRules>): Branch {
  const { string } = branch;
  return {
    ...branch,
    string: {
      patterns: [...string.patterns, ...(rules.patterns ?? [])],
      not: [...string.not, ...(rules.not ?? [])],
      excluded: [...string.excluded, ...(rules.excluded ?? [])],
      min: Math.max(string.min, rules.min ?? 0),
      max: Math.min(string.max, rules.max ?? Infinity),
    },
  };
}

export function withArray(branch: Branch, rules: Partial<ArrayRules>): Branch {
  const { array } = branch;
  return {
    ...branch,
    array: {
      groups: [...array.groups, ...(rules.groups ?? [])],
      contains: [...array.contains, ...(rules.contains ?? [])],
      min: Math.max(array.min, rules.min ?? 0),
      max: Math.min(array.max, rules.max ?? Infinity),
      uniqueAt: array.uniqueAt ?? rules.uniqueAt,
    },
  };
}

export function withObject(branch: Branch, rules: Partial<ObjectRules>): Branch {
  const { object } = branch;
  return {
    ...branch,
    object: {
      groups: [...object.groups, ...(rules.groups ?? [])],
      keys: [...object.keys, ...(rules.keys ?? [])],
      required: new Set([...object.required, ...(rules.required ?? [])]),
      min: Math.max(object.min, rules.min ?? 0),
      max: Math.min(object.max, rules.max ?? Infinity),
    },
  };
}

export function withRefusal(branch: Branch, types: number, refusal: TypeRefusal): Branch {
  return { ...branch, refusals: [...branch.refusals, { ...refusal, types }] };
}

/** Both at once. */
export function meet(a: Branch, b: Branch): Branch {
  let both = ofTypes(a, b.types);
  both = withNumber(both, b.number);
  both = withString(both, b.string);
  both = withArray(both, b.array);
  both = withObject(both, b.object);
  return {
    ...both,
    isListed: a.isListed || b.isListed,
    refusals: [...a.refusals, ...b.refusals],
  };
}

/** Literals of several lists, ascending and once each. */
export function conjoin(lists: readonly Conjunction[]): Conjunction {
  return [...new Set(lists.flat())].toSorted((a, b) => a - b);
}
