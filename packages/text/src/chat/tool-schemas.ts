/**
 * What the schemas of tools say about the types of arguments.
 *
 * Only types are read: of `type`, of `enum` and `const`, through `anyOf`, `oneOf`, `allOf` and
 * `$ref` within the same schema. What a schema does not say is undefined: any type.
 */
import { isObject } from '@wafer/core';

/** Names of JSON schema's types; undefined: any. */
export type ValueTypes = ReadonlySet<string> | undefined;

/** References may go round in circles. */
const DEPTH_MAX = 16;

export class ToolSchemas {
  readonly #parameters = new Map<string, Record<string, unknown>>();

  /** Tools in the shape of the OpenAI API, or bare functions; others say nothing. */
  constructor(tools: readonly object[] = []) {
    for (const tool of tools) {
      const outer: unknown = tool;
      if (!isObject(outer)) continue;
      const known = isObject(outer['function']) ? outer['function'] : outer;
      const { name, parameters = known['input_schema'] } = known;
      if (typeof name === 'string' && isObject(parameters)) this.#parameters.set(name, parameters);
    }
  }

  /** What is known of all arguments of a tool together. */
  of(tool: string): ValueSchema {
    const root = this.#parameters.get(tool);
    return root === undefined ? ANY : new ValueSchema(root, root);
  }
}

/** What is known of one value and of those inside. */
export class ValueSchema {
  readonly #schema: unknown;
  readonly #root: Record<string, unknown>;

  constructor(schema: unknown, root: Record<string, unknown>) {
    this.#schema = schema;
    this.#root = root;
  }

  get types(): ValueTypes {
    const types = typesOf(this.#schema, this.#root, new Set());
    return types?.size === 0 ? undefined : types;
  }

  /** Of a value by name, where this is of an object; any of what several such objects say. */
  named(name: string): ValueSchema {
    const found: unknown[] = [];
    for (const { properties, additionalProperties: others } of objectsOf(
      this.#schema,
      this.#root,
    )) {
      if (isObject(properties) && Object.hasOwn(properties, name)) found.push(properties[name]);
      else if (isObject(others)) found.push(others);
    }
    if (found.length === 0) return ANY;
    return new ValueSchema(found.length === 1 ? found[0] : { anyOf: found }, this.#root);
  }

  /** Of a value by place, where this is of a list. */
  item(place: number): ValueSchema {
    const { prefixItems: firsts, items } = this.#plain() ?? {};
    const list = Array.isArray(firsts) ? firsts : Array.isArray(items) ? items : [];
    if (place < list.length) return new ValueSchema(list[place], this.#root);
    return isObject(items) ? new ValueSchema(items, this.#root) : ANY;
  }

  /** The schema behind references; undefined where there are several that it may be. */
  #plain(): Record<string, unknown> | undefined {
    let schema = this.#schema;
    for (let depth = 0; depth < DEPTH_MAX && isObject(schema); depth++) {
      const { $ref: reference } = schema;
      if (typeof reference === 'string') schema = resolve(reference, this.#root);
      else if (schema['properties'] !== undefined || schema['items'] !== undefined) return schema;
      else {
        const option = onlyOption(schema);
        if (option === undefined) return schema;
        schema = option;
      }
    }
    return undefined;
  }
}

/** The schemas of objects that one is made of, or is one of: behind references and `anyOf`. */
function objectsOf(
  schema: unknown,
  root: Record<string, unknown>,
  seen = new Set<object>(),
): Record<string, unknown>[] {
  if (!isObject(schema) || seen.has(schema)) return [];
  seen.add(schema);
  const { $ref: reference } = schema;
  if (typeof reference === 'string') return objectsOf(resolve(reference, root), root, seen);
  const parts = ['anyOf', 'oneOf', 'allOf'].flatMap((name): unknown[] => {
    const list: unknown = schema[name];
    return Array.isArray(list) ? list : [];
  });
  const own = isObject(schema['properties']) || isObject(schema['additionalProperties']);
  return [...(own ? [schema] : []), ...parts.flatMap((part) => objectsOf(part, root, seen))];
}

/** The one way that a value may have besides null. */
function onlyOption(schema: Record<string, unknown>): unknown {
  const options = ['anyOf', 'oneOf', 'allOf'].map((name) => schema[name]).find(Array.isArray);
  const real = options?.filter((option) => !isObject(option) || option['type'] !== 'null') ?? [];
  return real.length === 1 ? real[0] : undefined;
}

const ANY = new ValueSchema(undefined, {});

export const NO_TOOLS: ToolSchemas = new ToolSchemas();

/** Schemas may name each other in circles, many times over: what was `seen` says nothing more. */
function typesOf(schema: unknown, root: Record<string, unknown>, seen: Set<object>): ValueTypes {
  if (!isObject(schema)) return undefined;
  if (seen.has(schema)) return new Set();
  seen.add(schema);
  const { type, $ref: reference, const: constant, enum: values } = schema;
  if (typeof type === 'string') {
    return new Set(schema['nullable'] === true ? [type, 'null'] : [type]);
  }
  if (Array.isArray(type)) return new Set(type.filter((name) => typeof name === 'string'));
  if (typeof reference === 'string') return typesOf(resolve(reference, root), root, seen);
  for (const name of ['anyOf', 'oneOf']) {
    const options = schema[name];
    if (!Array.isArray(options)) continue;
    const all = options.map((option) => typesOf(option, root, seen));
    return all.includes(undefined) ? undefined : new Set(all.flatMap((types) => [...types!]));
  }
  if (Array.isArray(schema['allOf'])) {
    const all = schema['allOf'].map((part) => typesOf(part, root, seen));
    return all.find((types) => types !== undefined && types.size > 0);
  }
  if (Array.isArray(values)) return new Set(values.map(typeOf));
  return constant === undefined ? undefined : new Set([typeOf(constant)]);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The part of a schema that a pointer such as `#/$defs/size` names. */
function resolve(reference: string, root: Record<string, unknown>): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let part: unknown = root;
  for (const name of reference.slice(2).split('/')) {
    const key = name.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isObject(part) || !Object.hasOwn(part, key)) return undefined;
    part = part[key];
  }
  return part;
}
