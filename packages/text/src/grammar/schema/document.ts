/**
 * A schema document: its schemas, numbered, and what references mean.
 *
 * Schemas are found by the place they stand at, under the URI of the resource around them; a
 * reference leads within the document, or to one of the metaschemas that are part of it. Nothing is
 * ever fetched. Throws: GRAMMAR_INVALID, GRAMMAR_UNSUPPORTED, GRAMMAR_LIMIT.
 */
import { type Budget, refuseGrammar, refuseKeyword } from '../budget.ts';
import { depthOf, isList, isObject, type JsonObject, type JsonValue, member } from './json.ts';
import { checkKeywords } from './keywords.ts';

/** A schema at its place. */
export interface SchemaEntry {
  id: number;
  schema: boolean | JsonObject;
  /** Where it stands, as a JSON pointer. */
  path: string;
  /** URI of the resource that it is part of. */
  base: string;
}

/** Whose rules a document follows where drafts differ. */
export type Draft = '2020-12' | '7';

const OLD_DRAFT = /draft-0?[34567]/;
const ROOT = 'wafer:schema';
/** Keywords whose value holds schemas by name, and those that hold a list. */
const MAPS = [
  ...['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'],
  'dependencies',
];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'];
const SINGLE = [
  ...['not', 'if', 'then', 'else', 'items', 'additionalItems', 'unevaluatedItems', 'contains'],
  ...['additionalProperties', 'unevaluatedProperties', 'propertyNames'],
];

export class SchemaDocument {
  readonly draft: Draft;
  readonly root: SchemaEntry;
  readonly entries: SchemaEntry[] = [];
  readonly #budget: Budget;
  readonly #ids = new Map<object, SchemaEntry>();
  /** URIs of the resources that schemas are part of. */
  readonly #bases = new Map<object, string>();
  readonly #resources = new Map<string, JsonValue>();
  readonly #anchors = new Map<string, SchemaEntry>();
  readonly #dynamicAnchors = new Map<string, SchemaEntry[]>();
  readonly #constants: readonly [SchemaEntry, SchemaEntry];

  constructor(text: string, budget: Budget) {
    this.#budget = budget;
    budget.checkLength(text.length);
    budget.checkDepth(depthOf(text));
    const value = parse(text);
    const dialect = isObject(value) ? member(value, '$schema') : undefined;
    this.draft = typeof dialect === 'string' && OLD_DRAFT.test(dialect) ? '7' : '2020-12';
    this.#constants = [this.#add(false, '#', ROOT), this.#add(true, '#', ROOT)];
    this.#resources.set(ROOT, value);
    this.#scan(value, '#', ROOT);
    this.root = this.entryOf(value, '#', ROOT);
  }

  /** The schema `true`, or `false`. */
  constant(value: boolean): SchemaEntry {
    return this.#constants[value ? 1 : 0];
  }

  /** The entry of a schema that stands somewhere. */
  entryOf(value: JsonValue | undefined, path: string, base: string): SchemaEntry {
    if (typeof value === 'boolean') return this.constant(value);
    if (!isObject(value)) return refuseGrammar(path, 'a schema is an object, true or false');
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    checkKeywords(value, path);
    const entry = this.#add(value, path, this.#bases.get(value) ?? base);
    this.#ids.set(value, entry);
    return entry;
  }

  /** The schema below a keyword of another. */
  child(parent: SchemaEntry, ...keys: readonly (string | number)[]): SchemaEntry {
    let value: JsonValue | undefined = parent.schema;
    let { path } = parent;
    for (const key of keys) {
      value = isObject(value)
        ? member(value, String(key))
        : isList(value)
          ? value[Number(key)]
          : undefined;
      path += `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    }
    return this.entryOf(value, path, parent.base);
  }

  /** What a reference of a schema leads to. */
  resolve(from: SchemaEntry, keyword: '$ref' | '$dynamicRef'): SchemaEntry {
    const reference = member(from.schema as JsonObject, keyword);
    const place = `${from.path}/${keyword}`;
    if (typeof reference !== 'string') return refuseGrammar(place, 'a reference is a text');
    const found = this.#find(reference, from.base);
    if (found === undefined) {
      return refuseKeyword(keyword, from.path, `${reference.slice(0, 80)} is not in the document`);
    }
    if (keyword === '$dynamicRef') this.#checkDynamic(reference, found, from);
    return found;
  }

  /** A dynamic reference is a plain one where its name stands once. */
  #checkDynamic(reference: string, found: SchemaEntry, from: SchemaEntry): void {
    const name = reference.slice(reference.indexOf('#') + 1);
    const isDynamic = isObject(found.schema) && member(found.schema, '$dynamicAnchor') === name;
    if (!isDynamic || this.#dynamicAnchors.get(name)?.length === 1) return;
    refuseKeyword('$dynamicRef', from.path, `${name} stands in several resources`);
  }

  #find(reference: string, base: string): SchemaEntry | undefined {
    const uri = resolveUri(reference, base);
    const hash = uri.indexOf('#');
    const resource = hash < 0 ? uri : uri.slice(0, hash);
    const fragment = decode(hash < 0 ? '' : uri.slice(hash + 1));
    const value = this.#resources.get(resource);
    if (value === undefined || fragment === undefined) return undefined;
    if (fragment !== '' && !fragment.startsWith('/')) {
      return this.#anchors.get(`${resource}#${fragment}`);
    }
    return this.#atPointer(value, fragment, resource);
  }

  #atPointer(root: JsonValue, pointer: string, resource: string): SchemaEntry | undefined {
    let value: JsonValue | undefined = root;
    let base = resource;
    for (const part of pointer.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      if (isList(value)) value = value[/^\d+$/.test(key) ? Number(key) : -1];
      else if (isObject(value)) value = member(value, key);
      else return undefined;
      if (isObject(value)) base = this.#baseOf(value, base);
    }
    if (value === undefined) return undefined;
    return this.entryOf(value, `#${pointer}`, base);
  }

  #baseOf(value: JsonObject, base: string): string {
    const id = member(value, '$id');
    const isPlain = this.draft === '7' && member(value, '$ref') !== undefined;
    return typeof id === 'string' && !isPlain ? (resolveUri(id, base).split('#')[0] ?? base) : base;
  }

  /** Notes resources and anchors of a schema and of those below it. */
  #scan(value: JsonValue | undefined, path: string, outer: string): void {
    this.#budget.takeWork();
    if (!isObject(value)) return;
    const base = this.#baseOf(value, outer);
    this.#bases.set(value, base);
    if (base !== outer) this.#resources.set(base, value);
    this.#noteAnchors(value, path, base);
    for (const key of MAPS) {
      const map = member(value, key);
      if (!isObject(map)) continue;
      for (const name of Object.keys(map)) this.#scan(map[name], `${path}/${key}/${name}`, base);
    }
    for (const key of LISTS) {
      const list = member(value, key);
      if (!isList(list)) continue;
      list.forEach((item, i) => this.#scan(item, `${path}/${key}/${i}`, base));
    }
    for (const key of SINGLE) {
      const one = member(value, key);
      if (isObject(one)) this.#scan(one, `${path}/${key}`, base);
    }
  }

  #noteAnchors(value: JsonObject, path: string, base: string): void {
    for (const key of ['$anchor', '$dynamicAnchor']) {
      const name = member(value, key);
      if (typeof name !== 'string') continue;
      const entry = this.entryOf(value, path, base);
      this.#anchors.set(`${base}#${name}`, entry);
      if (key === '$dynamicAnchor') {
        this.#dynamicAnchors.set(name, [...(this.#dynamicAnchors.get(name) ?? []), entry]);
      }
    }
    const id = member(value, '$id');
    if (this.draft !== '7' || typeof id !== 'string' || !id.includes('#')) return;
    const uri = resolveUri(id, base);
    this.#anchors.set(uri, this.entryOf(value, path, base));
  }

  #add(schema: boolean | JsonObject, path: string, base: string): SchemaEntry {
    const entry = { id: this.entries.length, schema, path, base };
    this.entries.push(entry);
    return entry;
  }
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    return refuseGrammar('#', `it is no JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

function resolveUri(reference: string, base: string): string {
  const [resource = '', ...rest] = base.split('#');
  if (reference.startsWith('#')) return resource + reference;
  if (reference === '') return resource;
  try {
    return new URL(reference, resource).href;
  } catch {
    // Relative to what is no place to start from: the document's own name, or a URN.
    return rest.length > 0 && reference === '' ? base : reference;
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
