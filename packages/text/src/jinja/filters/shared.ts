/**
 * What filters have in common: their arguments, and reaching into items by a path.
 */
import { itemOf } from '../members.ts';
import type { Filter, Rendering } from '../scope.ts';
import { parametersOf } from '../signature.ts';
import { lower } from '../text-cases.ts';
import { clean } from '../text.ts';
import { isText, Markup, textOf, Undefined, type Value } from '../values.ts';
import { write } from '../write.ts';

export type Given = readonly (Value | undefined)[];

/** A filter with parameters, of which so many must be given. */
export function filter(
  names: readonly string[],
  run: (value: Value, given: Given, rendering: Rendering) => Value,
  least = 0,
): Filter {
  return (value, given, rendering) => run(value, parametersOf(given, names, { least }), rendering);
}

/** A filter of texts: whatever the value is, as text. What is safe stays safe. */
export function textFilter(
  names: readonly string[],
  run: (text: string, given: Given) => string,
): Filter {
  return filter(names, (value, given) => {
    const made = run(write(value), given);
    return value instanceof Markup ? new Markup(made) : made;
  });
}

/** What is compared where case does not matter. */
export function ignoreCase(value: Value): Value {
  return isText(value) ? lower(textOf(value)) : value;
}

/** Whether an argument that is a flag is set. */
export function isSet(value: Value | undefined): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0n && value !== '';
}

/** Reaches into items by a path such as `function.name` or `0`. */
export function reach(path: Value, missing?: Value): (item: Value) => Value {
  const parts = partsOf(path);
  return (item) => {
    let value = item;
    for (const part of parts) {
      value = itemOf(value, part);
      if (missing !== undefined && missing !== null && value instanceof Undefined) value = missing;
    }
    return value;
  };
}

function partsOf(path: Value): Value[] {
  if (path === null) return [];
  if (!isText(path)) return [path];
  return clean(textOf(path))
    .split('.')
    .map((part) => (/^\d+$/.test(part) ? BigInt(part) : part));
}

/** Several paths, separated by commas: a list of what they reach. */
export function reachAll(path: Value, change: (value: Value) => Value): (item: Value) => Value {
  const paths: Value[] = isText(path) ? clean(textOf(path)).split(',') : [path];
  const reaches = paths.map((one) => reach(one));
  return (item) => reaches.map((one) => change(one(item)));
}
