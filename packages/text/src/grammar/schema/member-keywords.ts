/**
 * Keywords of arrays and objects: what each says of a branch, and what its opposite does.
 *
 * `#items` and `#keys` stand for keywords that mean something together. That some item fails a
 * schema is that the array contains one that does; that some key does, of keys that nothing names,
 * is refused.
 */
import { refuseGrammar, refuseKeyword } from '../budget.ts';
import {
  type Branch,
  type Conjunction,
  type ItemGroup,
  type KeyGroup,
  ofTypes,
  TYPES,
  withArray,
  withObject,
  withRefusal,
} from './branch.ts';
import type { SchemaDocument, SchemaEntry } from './document.ts';
import { isList, isObject, type JsonObject, member } from './json.ts';
import { boundsOf, countOf, type KeywordUse, type PatternCache } from './number-keywords.ts';

/** What reading members takes. */
export interface MemberContext {
  document: SchemaDocument;
  dfas: PatternCache;
}

const EXISTS = 'that some other key fails it';

/** The literal that a schema holds. */
function holds({ id }: SchemaEntry): Conjunction {
  return [id * 2];
}

function fails({ id }: SchemaEntry): Conjunction {
  return [id * 2 + 1];
}

// ---- arrays

/** Items by place, whichever draft writes them. */
export function itemGroup(entry: SchemaEntry, document: SchemaDocument): ItemGroup {
  const { keyword, rest } = itemKeywords(entry);
  const list = keyword === undefined ? [] : (member(entry.schema as JsonObject, keyword) as []);
  return {
    items: list.map((_, i) => holds(document.child(entry, keyword!, i))),
    rest: rest === undefined ? undefined : holds(document.child(entry, rest)),
  };
}

/** Which keyword lists items, and which says what the others are. */
function itemKeywords(entry: SchemaEntry): { keyword?: string; rest?: string } {
  const schema = entry.schema as JsonObject;
  const items = member(schema, 'items');
  if (isList(items)) {
    const rest = member(schema, 'additionalItems') === undefined ? undefined : 'additionalItems';
    return { keyword: 'items', ...(rest && { rest }) };
  }
  const prefix = member(schema, 'prefixItems');
  if (prefix !== undefined && !isList(prefix)) {
    refuseGrammar(`${entry.path}/prefixItems`, 'a list is wanted');
  }
  return {
    ...(prefix && { keyword: 'prefixItems' }),
    ...(items !== undefined && { rest: 'items' }),
  };
}

export function applyArray(branch: Branch, use: KeywordUse, context: MemberContext): Branch[] {
  const { entry, keyword, isNegative } = use;
  const base = isNegative ? ofTypes(branch, TYPES.array) : branch;
  switch (keyword) {
    case 'minItems':
    case 'maxItems': {
      const bounds = boundsOf(use, keyword === 'minItems');
      return bounds ? [withArray(base, bounds)] : [];
    }
    case 'uniqueItems':
      return applyUnique(base, use);
    case 'contains':
      return applyContains(base, use, context);
    default:
      break;
  }
  const group = itemGroup(entry, context.document);
  if (!isNegative) return [withArray(base, { groups: [group] })];
  const options = group.items.map((item, i) => {
    const items = [...Array.from({ length: i }, () => []), [item[0]! ^ 1]];
    return withArray(base, { min: i + 1, groups: [{ items, rest: undefined }] });
  });
  if (group.rest === undefined) return options;
  const literal = group.rest[0]! ^ 1;
  const reason = 'that an item behind others fails it';
  const refusal = { keyword: 'items', path: entry.path, reason };
  const some = { literal, min: 1, max: Infinity };
  options.push(
    group.items.length === 0
      ? withArray(base, { contains: [some] })
      : withRefusal(base, TYPES.array, refusal),
  );
  return options;
}

function applyUnique(base: Branch, { entry, keyword, isNegative }: KeywordUse): Branch[] {
  const isWanted = member(entry.schema as JsonObject, keyword) === true;
  if (!isWanted) return isNegative ? [] : [base];
  if (!isNegative) return [withArray(base, { uniqueAt: entry.path })];
  return [withRefusal(base, TYPES.array, { keyword, path: entry.path, reason: 'its opposite' })];
}

function applyContains(base: Branch, use: KeywordUse, { document }: MemberContext): Branch[] {
  const { entry, isNegative } = use;
  const schema = entry.schema as JsonObject;
  const bound = (keyword: string, fallback: number): number =>
    member(schema, keyword) === undefined ? fallback : countOf({ ...use, keyword });
  const isOld = document.draft === '7';
  const min = isOld ? 1 : bound('minContains', 1);
  const max = isOld ? Infinity : bound('maxContains', Infinity);
  const literal = document.child(entry, 'contains').id * 2;
  const rule = (from: number, to: number): Branch =>
    withArray(base, { contains: [{ literal, min: from, max: to }] });
  if (!isNegative) return [rule(min, max)];
  return [
    ...(min > 0 ? [rule(0, min - 1)] : []),
    ...(max < Infinity ? [rule(max + 1, Infinity)] : []),
  ];
}

// ---- objects

/** Values by key, as a schema's own keywords say. */
export function keyGroup(entry: SchemaEntry, { document, dfas }: MemberContext): KeyGroup {
  const schema = entry.schema as JsonObject;
  const map = (keyword: string): [string, Conjunction][] => {
    const value = member(schema, keyword);
    if (value === undefined) return [];
    if (!isObject(value)) return refuseGrammar(`${entry.path}/${keyword}`, 'an object is wanted');
    return Object.keys(value).map((key) => [key, holds(document.child(entry, keyword, key))]);
  };
  const rest = member(schema, 'additionalProperties');
  return {
    names: new Map(map('properties')),
    patterns: map('patternProperties').map(([source, value]) => ({
      ...{ source, value },
      dfa: dfas.pattern(source, `${entry.path}/patternProperties`),
    })),
    rest: rest === undefined ? undefined : holds(document.child(entry, 'additionalProperties')),
  };
}

export function applyObject(branch: Branch, use: KeywordUse, context: MemberContext): Branch[] {
  const { entry, keyword, isNegative } = use;
  const { document } = context;
  const base = isNegative ? ofTypes(branch, TYPES.object) : branch;
  const refusal = { keyword, path: entry.path, reason: EXISTS };
  switch (keyword) {
    case 'minProperties':
    case 'maxProperties': {
      const bounds = boundsOf(use, keyword === 'minProperties');
      return bounds ? [withObject(base, bounds)] : [];
    }
    case 'required': {
      const names = namesOf(entry, keyword);
      if (!isNegative) return [withObject(base, { required: new Set(names) })];
      return names.map((name) => without(base, name, document));
    }
    case 'propertyNames': {
      const literal = document.child(entry, keyword).id * 2;
      if (isNegative) return [withRefusal(base, TYPES.object, refusal)];
      return [withObject(base, { keys: [literal] })];
    }
    default:
      break;
  }
  const group = keyGroup(entry, context);
  if (!isNegative) return [withObject(base, { groups: [group] })];
  const options = [...group.names].map(([name, value]) =>
    withObject(base, {
      required: new Set([name]),
      groups: [{ names: new Map([[name, [value[0]! ^ 1]]]), patterns: [], rest: undefined }],
    }),
  );
  const isOpen = group.rest !== undefined && group.rest[0] !== document.constant(true).id * 2;
  if (isOpen || group.patterns.length > 0) {
    const name = group.patterns.length > 0 ? 'patternProperties' : 'additionalProperties';
    options.push(withRefusal(base, TYPES.object, { ...refusal, keyword: name }));
  }
  return options;
}

/** A branch of objects without a key. */
export function without(branch: Branch, name: string, document: SchemaDocument): Branch {
  const names = new Map([[name, fails(document.constant(true))]]);
  return withObject(branch, { groups: [{ names, patterns: [], rest: undefined }] });
}

/** A keyword that lists names. */
export function namesOf(entry: SchemaEntry, ...keys: readonly string[]): string[] {
  let value: unknown = entry.schema;
  for (const key of keys) value = isObject(value) ? member(value, key) : undefined;
  const path = [entry.path, ...keys].join('/');
  if (typeof value === 'boolean' && keys[0] === 'required') {
    return refuseKeyword('required', entry.path, 'of draft 3, which says it of a property');
  }
  const isNames = isList(value) && value.every((name) => typeof name === 'string');
  return isNames ? [...(value as string[])] : refuseGrammar(path, 'a list of names is wanted');
}
