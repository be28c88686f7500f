/**
 * Tests: what stands behind `is`.
 *
 * Source: Jinja2 3.1, "List of Builtin Tests".
 */
import { TypeFault } from './errors.ts';
import { FILTERS } from './filters/all.ts';
import { contains, holds, isEqual, iterate, operate, tryLength } from './operators.ts';
import type { Test } from './scope.ts';
import { KINDS } from './text-cases.ts';
import { clean } from './text.ts';
import {
  Callable,
  Dict,
  DictView,
  isLoop,
  isNumber,
  isText,
  keyOf,
  Markup,
  textOf,
  Undefined,
  type Arguments,
  type Value,
} from './values.ts';
import { write } from './write.ts';

function none(given: Arguments): void {
  if (given.list.length + given.named.size > 0) throw new TypeFault('the test takes no argument');
}

/** A test of the value alone. */
const plain =
  (test: (value: Value) => boolean): Test =>
  (value, given) => {
    none(given);
    return test(value);
  };

/** A test against one other value; only where it has a name may it be given by it. */
const against =
  (test: (value: Value, other: Value) => boolean, name?: string): Test =>
  (value, { list, named }) => {
    // A value that is given may be None.
    const other = list.length > 0 || name === undefined ? list[0] : named.get(name);
    if (other === undefined || list.length + named.size !== 1) {
      throw new TypeFault('the test takes one argument');
    }
    return test(value, other);
  };

const isRest = (value: Value, by: Value, rest: bigint): boolean =>
  isEqual(operate('%', value, by), rest);

function isIterable(value: Value): boolean {
  try {
    iterate(value);
    return true;
  } catch (error) {
    if (error instanceof TypeFault) return value !== null && isLoop(value);
    throw error;
  }
}

/** Whether two values are one: what is written alike is, except for lists and dicts. */
function isSame(a: Value, b: Value): boolean {
  if (isNumber(a) || isText(a)) return typeof a === typeof b && isEqual(a, b);
  return a === b;
}

function isSequence(value: Value): boolean {
  if (value instanceof DictView || (value !== null && isLoop(value))) return false;
  return tryLength(value) !== undefined;
}

function isCase(value: Value, name: string): boolean {
  return KINDS.get(name)?.(clean(write(value))) ?? false;
}

function isNameIn(value: Value, table: ReadonlyMap<string, unknown>): boolean {
  keyOf(value); // a list has no hash, which Python is asked for
  return isText(value) && table.has(clean(textOf(value)));
}

function isCallable(value: Value): boolean {
  return (
    value instanceof Callable || value instanceof Undefined || (value !== null && isLoop(value))
  );
}

const equal = against(isEqual);
const unequal = against((a, b) => !isEqual(a, b));
const greater = against((a, b) => holds('>', a, b));
const atLeast = against((a, b) => holds('>=', a, b));
const less = against((a, b) => holds('<', a, b));
const atMost = against((a, b) => holds('<=', a, b));

export const TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['odd', plain((value) => isRest(value, 2n, 1n))],
  ['even', plain((value) => isRest(value, 2n, 0n))],
  ['divisibleby', against((value, by) => isRest(value, by, 0n), 'num')],
  ['defined', plain((value) => !(value instanceof Undefined))],
  ['undefined', plain((value) => value instanceof Undefined)],
  ['none', plain((value) => value === null)],
  ['boolean', plain((value) => typeof value === 'boolean')],
  ['true', plain((value) => value === true)],
  ['false', plain((value) => value === false)],
  ['integer', plain((value) => typeof value === 'bigint')],
  ['float', plain((value) => typeof value === 'number')],
  ['number', plain(isNumber)],
  ['string', plain(isText)],
  ['lower', plain((value) => isCase(value, 'islower'))],
  ['upper', plain((value) => isCase(value, 'isupper'))],
  ['mapping', plain((value) => value instanceof Dict)],
  ['sequence', plain(isSequence)],
  ['iterable', plain(isIterable)],
  ['callable', plain(isCallable)],
  ['escaped', plain((value) => value instanceof Markup)],
  ['sameas', against(isSame, 'other')],
  ['in', against((value, container) => contains(container, value), 'seq')],
  ...['==', 'eq', 'equalto'].map((name): [string, Test] => [name, equal]),
  ...['!=', 'ne'].map((name): [string, Test] => [name, unequal]),
  ...['>', 'gt', 'greaterthan'].map((name): [string, Test] => [name, greater]),
  ...['>=', 'ge'].map((name): [string, Test] => [name, atLeast]),
  ...['<', 'lt', 'lessthan'].map((name): [string, Test] => [name, less]),
  ...['<=', 'le'].map((name): [string, Test] => [name, atMost]),
  ['test', plain((value) => isNameIn(value, TESTS))],
  ['filter', plain((value) => isNameIn(value, FILTERS))],
]);
