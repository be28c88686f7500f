/**
 * Arguments that stand one by one between tags, as forms: texts as they are, other values as JSON.
 *
 * Only objects that list their members can be held so; each comes once at most, in the order of
 * the schema. A value that may be a text or something else cannot be told apart. What cannot be
 * held is refused for strict tools; others then have any members, and any JSON as their values.
 */
import { isObject } from '@wafer/core';
import type { FormPart } from '../grammar/form/form.ts';
import { all, maybe, oneOf, text, times, type HeldTool } from './held-calls.ts';
import { ToolSchemas } from './tool-schemas.ts';

/** Keywords that hold members in a way of their own. */
const PLAIN_KEYS = new Set([
  ...['type', 'properties', 'required', 'additionalProperties', 'title', 'description'],
  ...['$schema', '$id', '$defs', 'definitions', 'default', 'examples'],
]);
const TEXT_KEYS = new Set(['type', 'title', 'description', 'default', 'examples', 'enum']);

const NAME = '[A-Za-z0-9_.-]{1,64}';
const MEMBERS_MAX = 64;

/** What stands before a name, between it and its value, and behind that. */
export interface ValueTags {
  opening: string;
  named: string;
  after: string;
}

/** Members of a tool's arguments; undefined where they cannot be held and are to be. */
export function taggedValues(tool: HeldTool, tags: ValueTags): FormPart | undefined {
  const root = tool.parameters ?? {};
  const unheld = tool.isStrict ? undefined : anyMembers(tags);
  if (!isObject(root) || !Object.keys(root).every((key) => PLAIN_KEYS.has(key))) return unheld;
  const properties = isObject(root['properties']) ? root['properties'] : {};
  const required: unknown[] = Array.isArray(root['required']) ? root['required'] : [];
  const isListed = required.every(
    (name) => typeof name === 'string' && Object.hasOwn(properties, name),
  );
  if (!isListed) return unheld;
  const schemas = new ToolSchemas([{ name: tool.name, parameters: root }]);
  const parts: FormPart[] = [];
  for (const [name, schema] of Object.entries(properties)) {
    const value = valueOf(schema, {
      tool,
      name,
      root,
      types: schemas.of(tool.name).named(name).types,
      tags,
    });
    if (value === undefined) return undefined;
    const member = all(text(`${tags.opening}${name}${tags.named}`), value);
    parts.push(required.includes(name) ? member : maybe(member));
  }
  return all(...parts);
}

/** Members of any names. */
function anyMembers({ opening, named, after }: ValueTags): FormPart {
  const value: FormPart = { without: [], until: after };
  return times(all(text(opening), { regex: NAME }, text(named), value), 0, MEMBERS_MAX);
}

/** A value and the tag behind it. */
function valueOf(
  schema: unknown,
  use: {
    tool: HeldTool;
    name: string;
    root: Record<string, unknown>;
    types: ReadonlySet<string> | undefined;
    tags: ValueTags;
  },
): FormPart | undefined {
  const { tool, name, root, types, tags } = use;
  const isText = types?.has('string') ?? true;
  if (!isText) {
    const { $defs, definitions } = root;
    const path = `${tool.path}.properties.${name}`;
    const json = { ...($defs ? { $defs } : {}), ...(definitions ? { definitions } : {}) };
    const own = isObject(schema) ? { ...schema, ...json } : schema;
    return all({ json: own, isLenient: !tool.isStrict, path }, text(tags.after));
  }
  const isPlain = isObject(schema) && Object.keys(schema).every((key) => TEXT_KEYS.has(key));
  if (tool.isStrict && (!isPlain || types?.size !== 1)) return undefined;
  const listed = isObject(schema) ? schema['enum'] : undefined;
  if (Array.isArray(listed) && listed.every((one) => typeof one === 'string')) {
    return all(oneOf(listed.map((one) => text(one))), text(tags.after));
  }
  return { without: [], until: tags.after };
}
