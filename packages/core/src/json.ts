/**
 * JSON from files, parsed within bounds.
 *
 * `JSON.parse` takes memory by the number of values, some hundred times their text: 50 MB of
 * brackets take seconds and gigabytes. So the text is walked first, counting what it holds.
 */
import type { WaferError } from './errors.ts';
import { reasonOf } from './reason.ts';

/** Depth of nesting; configs and tokenizers nest about ten deep. */
const DEPTH_MAX = 64;

/** Objects, lists and their members; the largest tokenizers have about three million. */
const PARTS_MAX = 2 ** 23;

/** What a text holds, counted without parsing it. */
export interface JsonCounts {
  depth: number;
  /** Brackets that open, and commas. */
  parts: number;
  /** Names in the outermost object, repeated ones too, which JSON.parse would drop. */
  names: number;
}

/** Parses a JSON object. Throws: what `fail` makes of the reason. */
export function parseJsonObject(
  text: string,
  fail: (reason: string) => WaferError,
): Record<string, unknown> {
  const { depth, parts } = countJson(text);
  if (depth > DEPTH_MAX) throw fail(`JSON nested over ${DEPTH_MAX} deep`);
  if (parts > PARTS_MAX) throw fail(`JSON of over ${PARTS_MAX} values`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail(`no JSON (${reasonOf(error)})`);
  }
  if (!isObject(value)) throw fail('no JSON object');
  return value;
}

/** Whether a parsed value is an object with named members. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Walks a text once; what it says of a text that is no JSON means nothing. */
export function countJson(text: string): JsonCounts {
  const counts = { depth: 0, parts: 0, names: 0 };
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (isInString) {
      if (unit === 0x5c) index++;
      else if (unit === 0x22) isInString = false;
    } else if (unit === 0x22) {
      isInString = true;
    } else if (unit === 0x7b || unit === 0x5b) {
      counts.parts++;
      counts.depth = Math.max(counts.depth, ++depth);
    } else if (unit === 0x7d || unit === 0x5d) {
      depth--;
    } else if (unit === 0x2c) {
      counts.parts++;
    } else if (unit === 0x3a && depth === 1) {
      counts.names++;
    }
  }
  return counts;
}

/** A value in at most 80 characters. */
export function brief(value: unknown): string {
  if (value === undefined) return 'absent';
  const isText = typeof value === 'string';
  const text = typeof value === 'bigint' ? `${value}` : isText ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
