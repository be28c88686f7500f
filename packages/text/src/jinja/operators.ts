/**
 * Operators between values: equality, order, arithmetic, membership, truth, iteration.
 *
 * Source: the Python language reference, 6.7 to 6.11.
 */
import { SizeLimit, TypeFault } from './errors.ts';
import { escapeHtml } from './html.ts';
import { calculate, compareNumbers, type Operation } from './numbers.ts';
import { formatPercent } from './percent-format.ts';
import { characters, clean, compareText } from './text.ts';
import {
  Callable,
  Cycler,
  Dict,
  DictView,
  isInteger,
  isList,
  isLoop,
  isNumber,
  isText,
  Items,
  keyOf,
  Markup,
  Namespace,
  numberOf,
  RangeValue,
  textOf,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

export function isTrue(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value === 'number') return value !== 0;
  const length = tryLength(value);
  return length === undefined || length > 0;
}

/** Python's `len`; undefined where a value has none. */
export function tryLength(value: Value): number | undefined {
  if (isText(value)) {
    const text = textOf(value);
    return characters(text).length;
  }
  if (isList(value)) return value.length;
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof DictView) return value.dict.size;
  if (value instanceof RangeValue) return value.length;
  if (value instanceof Undefined) return 0;
  return value !== null && isLoop(value) ? value.length() : undefined;
}

/** A way through the parts of a value. Throws: TypeFault where it has none. */
export function iterate(value: Value): Iterator<Value> {
  const list = tryList(value);
  if (list !== undefined) return list[Symbol.iterator]();
  if (value instanceof Items) return value.iterator;
  if (value !== null && isLoop(value)) throw new TypeFault('a loop cannot be looped over');
  throw new TypeFault(`'${typeName(value)}' object is not iterable`);
}

/** Everything that a value has parts of, as a list. Throws: TypeFault. */
export function listOf(value: Value): Value[] {
  const list = tryList(value);
  if (list !== undefined) return list;
  const iterator = iterate(value);
  const items: Value[] = [];
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    items.push(next.value);
  }
  return items;
}

function tryList(value: Value): Value[] | undefined {
  if (isList(value)) return [...value];
  if (isText(value)) {
    const text = textOf(value);
    return characters(text);
  }
  if (value instanceof Tuple) return [...value.items];
  if (value instanceof Dict) return value.keys();
  if (value instanceof DictView) return value.list();
  if (value instanceof RangeValue)
    return Array.from({ length: value.length }, (_, i) => value.at(i));
  return value instanceof Undefined ? [] : undefined;
}

// ---- equality and order

export function isEqual(a: Value, b: Value): boolean {
  if (a === b && typeof a !== 'number') return true;
  if (isNumber(a)) return isNumber(b) && compareNumbers(numberOf(a), numberOf(b)) === 0;
  if (isText(a)) return isText(b) && clean(textOf(a)) === clean(textOf(b));
  if (isList(a)) return isList(b) && areEqual(a, b);
  if (a instanceof Tuple) return b instanceof Tuple && areEqual(a.items, b.items);
  if (a instanceof Undefined) return b instanceof Undefined;
  if (a instanceof Dict) return b instanceof Dict && areSameEntries(a, b);
  if (a instanceof RangeValue) return b instanceof RangeValue && areEqual(listOf(a), listOf(b));
  if (a instanceof DictView && b instanceof DictView && a.part !== 'values') {
    const keys = new Set(b.list().map((item) => keyOf(item)));
    return a.dict.size === b.dict.size && a.list().every((item) => keys.has(keyOf(item)));
  }
  return false;
}

function areEqual(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, index) => isEqual(item, b[index] ?? null));
}

function areSameEntries(a: Dict, b: Dict): boolean {
  if (a.size !== b.size) return false;
  return a.entries().every(([key, value]) => {
    const other = b.get(key);
    return other !== undefined && isEqual(value, other);
  });
}

export type Comparison = '<' | '<=' | '>' | '>=';

/** Whether an order holds. Throws: TypeFault, UndefinedFault. */
export function holds(comparison: Comparison, a: Value, b: Value): boolean {
  for (const side of [a, b]) if (side instanceof Undefined) throw side.fail();
  if (isNumber(a) && isNumber(b)) {
    return isInOrder(comparison, compareNumbers(numberOf(a), numberOf(b)));
  }
  if (isText(a) && isText(b)) return isInOrder(comparison, compareText(textOf(a), textOf(b)));
  if (isList(a) && isList(b)) return holdsForItems(comparison, a, b);
  if (a instanceof Tuple && b instanceof Tuple) return holdsForItems(comparison, a.items, b.items);
  const types = `'${typeName(a)}' and '${typeName(b)}'`;
  throw new TypeFault(`'${comparison}' not supported between instances of ${types}`);
}

function isInOrder(comparison: Comparison, difference: number | undefined): boolean {
  if (difference === undefined) return false;
  if (comparison === '<') return difference < 0;
  if (comparison === '<=') return difference <= 0;
  return comparison === '>' ? difference > 0 : difference >= 0;
}

function holdsForItems(comparison: Comparison, a: readonly Value[], b: readonly Value[]): boolean {
  const count = Math.min(a.length, b.length);
  for (let index = 0; index < count; index++) {
    const [left, right] = [a[index] ?? null, b[index] ?? null];
    if (!isEqual(left, right)) return holds(comparison, left, right);
  }
  return isInOrder(comparison, a.length - b.length);
}

/** Sorted as Python sorts: stable, by `<` alone. */
export function sorted<T>(items: readonly T[], key: (item: T) => Value, isReverse: boolean): T[] {
  const keyed = items.map((item) => ({ item, key: key(item) }));
  const order = isReverse ? -1 : 1;
  keyed.sort((a, b) => {
    if (holds('<', a.key, b.key)) return -order;
    return holds('<', b.key, a.key) ? order : 0;
  });
  return keyed.map(({ item }) => item);
}

// ---- membership

/** Python's `in`. Throws: TypeFault. */
export function contains(container: Value, item: Value): boolean {
  if (isText(container)) {
    if (isText(item)) return clean(textOf(container)).includes(clean(textOf(item)));
    throw new TypeFault(`'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (container instanceof Dict) return container.has(item);
  if (container instanceof DictView && container.part === 'keys') return container.dict.has(item);
  if (container instanceof Namespace || container instanceof Callable || isNumber(container)) {
    throw new TypeFault(`argument of type '${typeName(container)}' is not iterable`);
  }
  if (container === null || container instanceof Cycler) {
    throw new TypeFault(`argument of type '${typeName(container)}' is not iterable`);
  }
  const iterator = iterate(container);
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    if (next.value === item || isEqual(next.value, item)) return true;
  }
  return false;
}

// ---- arithmetic

/** An operator between two values. Throws: TemplateFault, as where Python raises. */
export function operate(operation: Operation, a: Value, b: Value): Value {
  if (operation === '%' && isText(a)) return formatPercent(a, b);
  for (const side of [a, b]) if (side instanceof Undefined) throw side.fail();
  if (isNumber(a) && isNumber(b)) return calculate(operation, numberOf(a), numberOf(b));
  const result = operation === '+' ? tryAdd(a, b) : operation === '*' ? tryRepeat(a, b) : undefined;
  if (result !== undefined) return result;
  const types = `'${typeName(a)}' and '${typeName(b)}'`;
  throw new TypeFault(`unsupported operand type(s) for ${operation}: ${types}`);
}

function tryAdd(a: Value, b: Value): Value | undefined {
  if (isText(a) && isText(b)) {
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    return new Markup(escapeHtml(a).text + escapeHtml(b).text);
  }
  if (isList(a) && isList(b)) return [...a, ...b];
  if (a instanceof Tuple && b instanceof Tuple) return new Tuple([...a.items, ...b.items]);
  return undefined;
}

/** Repeated parts are refused beyond this many: a list takes memory before anyone can stop it. */
const PARTS_MAX = 2 ** 24;

function tryRepeat(a: Value, b: Value): Value | undefined {
  if (isInteger(a) && !isInteger(b)) return tryRepeat(b, a);
  if (!isInteger(b)) return undefined;
  const count = Math.max(0, Number(numberOf(b)));
  const length = isText(a) || isList(a) || a instanceof Tuple ? (tryLength(a) ?? 0) : 0;
  if (length * count > PARTS_MAX) {
    throw new SizeLimit(`repeated to ${length * count} parts`, PARTS_MAX);
  }
  if (typeof a === 'string') return a.repeat(length === 0 ? 0 : count);
  if (a instanceof Markup) return new Markup(a.text.repeat(length === 0 ? 0 : count));
  const repeat = (items: readonly Value[]): Value[] =>
    Array.from({ length: length === 0 ? 0 : count }, () => items).flat() as Value[];
  if (isList(a)) return repeatList(a, length === 0 ? 0 : count);
  return a instanceof Tuple ? new Tuple(repeat(a.items)) : undefined;
}

function repeatList(items: readonly Value[], count: number): Value[] {
  const all: Value[] = [];
  for (let turn = 0; turn < count; turn++) for (const item of items) all.push(item);
  return all;
}
