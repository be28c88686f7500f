/**
 * Keywords of any value: its type, the values that a schema lists, what depends on a key.
 */
import { refuseGrammar, refuseKeyword } from '../budget.ts';
import {
  ALL_TYPES,
  type Branch,
  type Literal,
  ofTypes,
  TYPES,
  withNumber,
  withObject,
  withRefusal,
  withString,
} from './branch.ts';
import { decimalOf } from './decimal.ts';
import type { SchemaDocument } from './document.ts';
import { isList, isObject, type JsonObject, type JsonValue, member } from './json.ts';
import { namesOf, without } from './member-keywords.ts';
import type { KeywordUse } from './number-keywords.ts';

/** A way on: what is known, and what is still to be read. */
export interface Option {
  branch: Branch;
  todo: readonly (Literal | KeywordUse)[];
}

/** Exactly one of some literals: each, without those of the others that it could meet. */
export function oneOfOptions(
  branch: Branch,
  literals: readonly Literal[],
  use: { isNegative: boolean; isDisjoint: (a: Literal, b: Literal) => boolean },
): Option[] {
  if (use.isNegative) {
    // None of them, or two at least.
    const options: Option[] = [{ branch, todo: literals.map((literal) => literal ^ 1) }];
    literals.forEach((a, i) => {
      for (const b of literals.slice(i + 1)) options.push({ branch, todo: [a, b] });
    });
    return options;
  }
  return literals.map((literal, i) => {
    const others = literals.filter((_, j) => j !== i);
    const met = others.filter((other) => !use.isDisjoint(literal, other));
    return { branch, todo: [literal, ...met.map((other) => other ^ 1)] };
  });
}

/** If one holds the next does, else another. */
export function ifOptions(
  branch: Branch,
  { entry, isNegative }: KeywordUse,
  use: { document: SchemaDocument; isScope: boolean },
): Option[] {
  const { document, isScope } = use;
  const has = (key: string): boolean => member(entry.schema as JsonObject, key) !== undefined;
  const of = (key: string): Literal =>
    has(key) ? document.child(entry, key).id * 2 : document.constant(true).id * 2;
  const flip = isNegative ? 1 : 0;
  if (!has('then') && !has('else')) {
    if (isNegative) return [];
    if (!isScope) return [{ branch, todo: [] }];
  }
  return [
    { branch, todo: [of('if'), of('then') ^ flip] },
    { branch, todo: [of('if') ^ 1, of('else') ^ flip] },
  ];
}

/** Objects without a key, or with what it brings along. */
export function dependentOptions(
  branch: Branch,
  use: KeywordUse,
  document: SchemaDocument,
): Option[] {
  const { entry, keyword } = use;
  const map = member(entry.schema as JsonObject, keyword);
  if (!isObject(map)) return refuseGrammar(`${entry.path}/${keyword}`, 'an object is wanted');
  let options: Option[] = [{ branch, todo: [] }];
  for (const name of Object.keys(map)) {
    options = options.flatMap(({ branch: before, todo }) => {
      // Objects without the key are free, and so is what is no object.
      const free = before.object.required.has(name)
        ? ofTypes(before, ALL_TYPES & ~TYPES.object)
        : without(before, name, document);
      const held = withObject(ofTypes(before, TYPES.object), { required: new Set([name]) });
      const isNames = keyword === 'dependentRequired' || isList(map[name]);
      const then = isNames
        ? { branch: withObject(held, { required: new Set(namesOf(entry, keyword, name)) }), todo }
        : { branch: held, todo: [...todo, document.child(entry, keyword, name).id * 2] };
      return [{ branch: free, todo }, then];
    });
  }
  return options;
}

/** The value is one of a list, or none of it. */
export function listedBranch(branch: Branch, { entry, keyword, isNegative }: KeywordUse): Branch {
  const given = member(entry.schema as JsonObject, keyword)!;
  if (keyword === 'enum' && !isList(given)) {
    return refuseGrammar(`${entry.path}/enum`, 'a list is wanted');
  }
  const values = keyword === 'enum' ? (given as readonly JsonValue[]) : [given];
  if (!isNegative) {
    const types = values.reduce<number>((sum, value) => sum | typeOf(value), 0);
    return { ...ofTypes(branch, types), isListed: true };
  }
  let next = branch;
  for (const value of values) {
    if (typeof value === 'string') next = withString(next, { excluded: [value] });
    else if (typeof value === 'number') next = withNumber(next, { excluded: [decimalOf(value)] });
    else if (value === null || typeof value === 'boolean') {
      next = ofTypes(next, ALL_TYPES & ~typeOf(value));
    } else {
      const reason = 'that a list or an object is not a certain one';
      next = withRefusal(next, typeOf(value), { keyword, path: entry.path, reason });
    }
  }
  return next;
}

/** The bit of a value's type. */
export function typeOf(value: JsonValue): number {
  if (value === null) return TYPES.null;
  if (isList(value)) return TYPES.array;
  if (typeof value === 'boolean') return value ? TYPES.true : TYPES.false;
  if (typeof value === 'number') return TYPES.number;
  return typeof value === 'string' ? TYPES.string : TYPES.object;
}

const TYPE_BITS: Readonly<Record<string, number>> = {
  ...TYPES,
  boolean: TYPES.true | TYPES.false,
  integer: TYPES.number,
};

function typeNames({ entry }: KeywordUse): string[] {
  const given = member(entry.schema as JsonObject, 'type');
  const names = isList(given) ? given : [given];
  for (const name of names) {
    const isKnown = typeof name === 'string' && Object.hasOwn(TYPE_BITS, name);
    if (!isKnown || name === 'true' || name === 'false') {
      refuseKeyword('type', entry.path, `${JSON.stringify(name)?.slice(0, 40)} is no type`);
    }
  }
  return names as string[];
}

/** The types that a schema wants, or does not. */
export function typeBranch(branch: Branch, use: KeywordUse): Branch {
  const names = typeNames(use);
  const bits = names.reduce((sum, name) => sum | TYPE_BITS[name]!, 0);
  const isWhole = names.includes('integer') && !names.includes('number');
  if (!use.isNegative) {
    const of = ofTypes(branch, bits);
    return isWhole ? withNumber(of, { isInteger: true }) : of;
  }
  if (!isWhole) return ofTypes(branch, ALL_TYPES & ~bits);
  const others = ofTypes(branch, ALL_TYPES & ~(bits & ~TYPES.number));
  return withNumber(others, { notMultiples: [decimalOf(1)] });
}
