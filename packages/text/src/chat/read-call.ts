/**
 * Calls and values out of what a model wrote; undefined where it is none.
 *
 * What was said is kept: a number that a double cannot hold as it was written stays text, and what
 * stands without quotes is read as the tool's schema says.
 */
import { isObject } from '@wafer/core';
import type { ToolCall } from './messages.ts';
import { parsePython } from './python-calls.ts';
import { NO_TOOLS, type ToolSchemas, type ValueSchema, type ValueTypes } from './tool-schemas.ts';
import { noteDigits, writtenDigits } from './written-digits.ts';

/** The value of a JSON text; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, keepNumber) as unknown;
  } catch {
    return undefined;
  }
}

/** A number whose digits a double loses, as an account's, stays the text that it was. */
function keepNumber(
  this: unknown,
  name: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined) return value;
  noteDigits({ holder: this, name, value, source });
  const isExact = /^-?\d+$/.test(source) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isExact ? value : source;
}

/** The values of JSON texts in a row, apart by space, commas or semicolons. */
export function parseJsons(text: string): unknown[] | undefined {
  const values: unknown[] = [];
  for (let at = 0; at < text.length;) {
    const { end } = jsonEnd(text, at);
    if (end === undefined) return undefined;
    values.push(parseJson(text.slice(at, end)));
    at = nextJson(text, end);
  }
  return values;
}

/** Whether a text ends within a text of JSON, of one value or of several in a row. */
export function isInJsonText(text: string): boolean {
  for (let at = 0; ;) {
    const { end, isInText } = jsonEnd(text, at);
    if (end === undefined) return isInText;
    at = nextJson(text, end);
  }
}

function nextJson(text: string, end: number): number {
  const gap = /[\s;,]*/y;
  gap.lastIndex = end;
  gap.exec(text);
  return gap.lastIndex;
}

/** All of these as calls; undefined where one is none, or none is there. */
export function allCalls(calls: readonly (ToolCall | undefined)[]): ToolCall[] | undefined {
  const real = calls.filter((call) => call !== undefined);
  return real.length === calls.length && real.length > 0 ? real : undefined;
}

/** An object with a name and arguments as a call; some formats say `parameters`. */
export function callOf(given: unknown, tools: ToolSchemas = NO_TOOLS): ToolCall | undefined {
  // Some models write a call as the API does that they are asked through.
  const isWrapped = isObject(given) && given['type'] === 'function';
  const value = isWrapped && isObject(given['function']) ? given['function'] : given;
  if (!isObject(value)) return undefined;
  const { name, parameters = {}, arguments: written = parameters } = value;
  const id = isObject(given) ? given['id'] : undefined;
  // Some models write the arguments' JSON as a text, which is empty where there are none.
  const values = typeof written === 'string' ? parseJson(written.trim() || '{}') : written;
  if (typeof name !== 'string' || name === '' || !isObject(values)) return undefined;
  return {
    name,
    arguments: typedObject(values, tools.of(name)),
    ...(typeof id === 'string' ? { id } : {}),
  };
}

function typedObject(
  given: Readonly<Record<string, unknown>>,
  schema: ValueSchema,
): Record<string, unknown> {
  const entries = Object.entries(given).map(([key, item]) => {
    const digits = writtenDigits(given, key);
    return [key, typedInside(item, schema.named(key), digits)] as const;
  });
  return Object.fromEntries(entries);
}

/** A value and those inside, each as its schema says. */
function typedInside(value: unknown, schema: ValueSchema, digits: string | undefined): unknown {
  return typedParts(typed(value, schema.types, digits), schema);
}

/** The parts of a list or an object, each as its schema says. */
function typedParts(value: unknown, schema: ValueSchema): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown, place) =>
      typedInside(item, schema.item(place), writtenDigits(value, String(place))),
    );
  }
  return isObject(value) ? typedObject(value, schema) : value;
}

/** A value with a type of its own: as it is, unless it cannot be what the schema asks for. */
function typed(value: unknown, types: ValueTypes, digits: string | undefined): unknown {
  if (types === undefined) return value;
  const isText = types.has('string');
  if (typeof value === 'string') return isText ? value : unquoted(value, types);
  const isOther = types.has('number') || types.has('integer');
  if (typeof value === 'number' && isText && !isOther) return digits ?? String(value);
  if (typeof value === 'boolean' && isText && !types.has('boolean')) return String(value);
  return value;
}

/**
 * A value that stands without quotes: of the types its schema has; without a schema JSON where it
 * is JSON and would be written the same again, else text.
 */
export function valueOf(text: string, schema: ValueSchema): unknown {
  return typedParts(unquoted(text, schema.types), schema);
}

function unquoted(text: string, types: ValueTypes): unknown {
  if (types?.has('string') === true && types.size === 1) return text;
  const plain = text.trim();
  const value = parseJson(plain);
  if (types === undefined) {
    if (typeof value === 'number') return JSON.stringify(value) === plain ? value : text;
    return value === undefined ? text : value;
  }
  const found = fits(value, types) ? value : pythonValue(plain, types);
  const isLost = typeof found === 'number' && types.has('string') && String(found) !== plain;
  if (isLost) return text;
  return found === undefined ? (value ?? text) : found;
}

/** `True`, `None` and Python's quotes, which models write that read their templates' output. */
function pythonValue(text: string, types: ValueTypes): unknown {
  const isFlag = types?.has('boolean') === true && /^(?:true|false)$/i.test(text);
  if (isFlag) return text.toLowerCase() === 'true';
  if (types?.has('null') === true && /^(?:null|none)$/i.test(text)) return null;
  const value = parsePython(text);
  if (value !== undefined && fits(value, types)) return value;
  return types?.has('string') === true ? text : undefined;
}

function fits(value: unknown, types: ValueTypes): boolean {
  if (value === undefined || types === undefined) return false;
  if (value === null) return types.has('null');
  if (Array.isArray(value)) return types.has('array');
  if (typeof value === 'number') return types.has('number') || types.has('integer');
  // Text in quotes, where text is asked for without: the quotes are part of it.
  return typeof value !== 'string' && types.has(typeof value);
}

/** Where the JSON value at a place ends; `isInText`: the text ends inside a string. */
export function jsonEnd(
  text: string,
  start: number,
): { end: number | undefined; isInText: boolean } {
  let depth = 0;
  let isInText = false;
  for (let index = start; index < text.length; index++) {
    const unit = text.charAt(index);
    if (isInText) {
      if (unit === '\\') index++;
      else if (unit === '"') isInText = false;
    } else if (unit === '"') isInText = true;
    else if (unit === '{' || unit === '[') depth++;
    else if (unit === '}' || unit === ']') depth--;
    if (depth <= 0 && !isInText && /[}\]"]/.test(unit)) return { end: index + 1, isInText };
  }
  return { end: undefined, isInText };
}
