/**
 * Keywords of numbers and strings: what each says of a branch, and what its opposite does.
 */
import { Budget, refuseGrammar, refuseLimit } from '../budget.ts';
import type { Dfa } from '../dfa/dfa.ts';
import { patternDfa } from '../regex/regex-dfa.ts';
import { type Branch, ofTypes, TYPES, withNumber, withRefusal, withString } from './branch.ts';
import { decimalOf } from './decimal.ts';
import type { SchemaEntry } from './document.ts';
import { FORMAT_LENGTHS, FORMATS } from './formats.ts';
import { type JsonObject, member } from './json.ts';
import { isCountable } from './number-dfa.ts';

/** A text or a list longer than this is nothing that a model writes. */
const COUNT_MAX = 2 ** 28;
const MIN_MAX = 2 ** 20;

/** A keyword of a schema, and whether its opposite is wanted. */
export interface KeywordUse {
  entry: SchemaEntry;
  keyword: string;
  isNegative: boolean;
}

/** The value of a keyword as a count of things. */
export function countOf({ entry, keyword }: KeywordUse): number {
  const value = member(entry.schema as JsonObject, keyword);
  const isCount = typeof value === 'number' && Number.isInteger(value) && value >= 0;
  if (!isCount) return refuseGrammar(`${entry.path}/${keyword}`, 'a whole number is wanted');
  return value;
}

/** At least, or at most, so many: what no text reaches bounds nothing, or is refused. */
export function boundsOf(
  use: KeywordUse,
  isLower: boolean,
): { min?: number; max?: number } | undefined {
  const count = countOf(use);
  const isMin = isLower !== use.isNegative;
  const bound = !use.isNegative ? count : isLower ? count - 1 : count + 1;
  if (!isMin) return bound < 0 ? undefined : { max: bound >= COUNT_MAX ? Infinity : bound };
  if (bound > MIN_MAX) refuseLimit(`things that ${use.keyword} wants`, MIN_MAX);
  return { min: bound };
}

/** What a keyword of numbers does to a branch. */
export function applyNumber(branch: Branch, use: KeywordUse): Branch[] {
  const { entry, keyword, isNegative } = use;
  const schema = entry.schema as JsonObject;
  const given = member(schema, keyword);
  const base = isNegative ? ofTypes(branch, TYPES.number) : branch;
  if (keyword === 'exclusiveMinimum' || keyword === 'exclusiveMaximum') {
    if (typeof given === 'boolean') return isNegative ? [] : [branch]; // of draft 4: says how
  }
  if (typeof given !== 'number')
    return refuseGrammar(`${entry.path}/${keyword}`, 'a number is wanted');
  const value = decimalOf(given);
  if (keyword === 'multipleOf') {
    if (!(given > 0)) refuseGrammar(`${entry.path}/${keyword}`, 'a number above 0 is wanted');
    if (!isCountable(value)) refuseLimit('digits of multipleOf', 5);
    return [withNumber(base, isNegative ? { notMultiples: [value] } : { multiples: [value] })];
  }
  const isLower = keyword === 'minimum' || keyword === 'exclusiveMinimum';
  const oldName = isLower ? 'exclusiveMinimum' : 'exclusiveMaximum';
  const isOpen = keyword === oldName || member(schema, oldName) === true;
  const bound = [{ value, isOpen: isOpen !== isNegative }];
  return [withNumber(base, isLower === isNegative ? { upper: bound } : { lower: bound })];
}

/** What a keyword of strings does to a branch. */
export function applyString(branch: Branch, use: KeywordUse, dfas: PatternCache): Branch[] {
  const { entry, keyword, isNegative } = use;
  const base = isNegative ? ofTypes(branch, TYPES.string) : branch;
  if (keyword === 'minLength' || keyword === 'maxLength') {
    const bounds = boundsOf(use, keyword === 'minLength');
    return bounds ? [withString(base, bounds)] : [];
  }
  const path = `${entry.path}/${keyword}`;
  const given = member(entry.schema as JsonObject, keyword);
  if (typeof given !== 'string') return refuseGrammar(path, 'a text is wanted');
  if (keyword === 'format' && !Object.hasOwn(FORMATS, given)) {
    const reason = `the format ${given.slice(0, 40)} is not one of the list`;
    return [withRefusal(base, TYPES.string, { keyword, path: entry.path, reason })];
  }
  const dfa = keyword === 'format' ? dfas.format(given) : dfas.pattern(given, path);
  if (isNegative) return [withString(base, { not: [dfa] })];
  const max = (keyword === 'format' && FORMAT_LENGTHS[given]) || Infinity;
  return [withString(base, { patterns: [dfa], max })];
}

const formats = new Map<string, Dfa>();

/** Automata of patterns, each made once. */
export class PatternCache {
  readonly #budget: Budget;
  readonly #made = new Map<string, Dfa>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Texts in which a pattern is found. */
  pattern(source: string, path: string): Dfa {
    return this.#make(`p${source}`, () =>
      patternDfa(source, { kind: 'search', path, budget: this.#budget }),
    );
  }

  /** Texts of a format; made once for all documents. */
  format(name: string): Dfa {
    const use = { kind: 'whole', path: name, budget: new Budget() } as const;
    const dfa = formats.get(name) ?? patternDfa(FORMATS[name]!, use);
    formats.set(name, dfa);
    return dfa;
  }

  #make(key: string, make: () => Dfa): Dfa {
    const dfa = this.#made.get(key) ?? make();
    this.#made.set(key, dfa);
    return dfa;
  }
}
