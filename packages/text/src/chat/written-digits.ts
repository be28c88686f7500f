/**
 * Numbers as they were written: where a schema wants a text after all, `1.10` is not `1.1`.
 *
 * Kept beside the objects and lists that hold the numbers, so that values stay plain data.
 */
const DIGITS = new WeakMap<object, Map<string, string>>();

/** Remembers how a number was written, where it would be written otherwise. */
export function noteDigits(number: {
  holder: unknown;
  name: string;
  value: unknown;
  source: string;
}): void {
  const { holder, name, value, source } = number;
  if (typeof value !== 'number' || String(value) === source) return;
  if (typeof holder !== 'object' || holder === null) return;
  const digits = DIGITS.get(holder) ?? new Map<string, string>();
  DIGITS.set(holder, digits.set(name, source));
}

/** How a number of an object or a list was written; undefined where as it would be again. */
export function writtenDigits(holder: object, name: string): string | undefined {
  return DIGITS.get(holder)?.get(name);
}
