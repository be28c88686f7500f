/**
 * Calls and values out of what a model wrote; undefined where it is none.
 */
import { isObject } from '../load/json.ts';
import type { ToolCall } from './messages.ts';

/** The value of a JSON text; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** An object with a name and arguments as a call. */
export function callOf(value: unknown): ToolCall | undefined {
  if (!isObject(value)) return undefined;
  const { name, arguments: given = {} } = value;
  if (typeof name !== 'string' || name === '' || !isObject(given)) return undefined;
  return { name, arguments: given };
}

/** A value that stands without quotes: JSON where it is JSON, else text. */
export function valueOf(text: string): unknown {
  const value = parseJson(text);
  return value === undefined ? text : value;
}
