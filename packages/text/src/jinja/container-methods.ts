/**
 * Methods of dicts, lists and tuples that change nothing; the others are forbidden.
 *
 * Source: the Python standard library, "Built-in Types".
 */
import { TypeFault, ValueFault } from './errors.ts';
import { isEqual, iterate, listOf } from './operators.ts';
import { asInteger, method } from './signature.ts';
import { Dict, DictView, Grouping, isList, RangeValue, Tuple, type Value } from './values.ts';

/** What would change a value, by its type. */
export const FORBIDDEN: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['dict', new Set(['clear', 'pop', 'popitem', 'setdefault', 'update'])],
  ['list', new Set(['append', 'clear', 'pop', 'reverse', 'insert', 'sort', 'extend', 'remove'])],
]);

/** A method of a dict, a list, a tuple or a range. */
export function containerAttribute(value: Value, name: string): Value | undefined {
  if (value instanceof Dict) return dictMethod(value, name);
  if (value instanceof RangeValue) {
    const parts = { start: value.start, stop: value.stop, step: value.step };
    if (name in parts) return parts[name as keyof typeof parts];
    return sequenceMethod(listOf(value), name);
  }
  if (isList(value)) {
    if (name === 'copy') return method(name, [0, 0], () => [...value]);
    return sequenceMethod(value, name);
  }
  if (value instanceof Grouping && ['grouper', 'list'].includes(name)) {
    return value.items[name === 'list' ? 1 : 0];
  }
  return value instanceof Tuple ? sequenceMethod(value.items, name) : undefined;
}

function dictMethod(dict: Dict, name: string): Value | undefined {
  switch (name) {
    case 'get':
      return method(name, [1, 2], ([key = null, missing = null]) => {
        const value = dict.get(key);
        return value === undefined ? missing : value;
      });
    case 'keys':
    case 'values':
    case 'items':
      return method(name, [0, 0], () => new DictView(dict, name));
    case 'copy':
      return method(name, [0, 0], () => Dict.from(dict.entries()));
    case 'fromkeys':
      return method(name, [1, 2], ([keys = null, value = null]) =>
        Dict.from(listOf(keys).map((key) => [key, value])),
      );
    default:
      return undefined;
  }
}

function sequenceMethod(items: readonly Value[], name: string): Value | undefined {
  if (name === 'count') {
    return method(name, [1, 1], ([wanted = null]) =>
      BigInt(items.filter((item) => isEqual(item, wanted)).length),
    );
  }
  if (name !== 'index') return undefined;
  return method(name, [1, 3], ([wanted = null, start, stop]) => {
    const at = (index: number): number => (index < 0 ? Math.max(0, index + items.length) : index);
    const first = at(asInteger(start, 0));
    const last = at(asInteger(stop, items.length));
    const found = items.findIndex(
      (item, index) => index >= first && index < last && isEqual(item, wanted),
    );
    if (found === -1) throw new ValueFault('the value is not in the list');
    return BigInt(found);
  });
}

/** `dict(…)`: of pairs or another dict, and of keyword arguments. Throws: TypeFault. */
export function makeDict(list: readonly Value[], named: ReadonlyMap<string, Value>): Dict {
  if (list.length > 1) throw new TypeFault(`dict expected at most 1 argument, got ${list.length}`);
  const [first] = list;
  const pairs = first === undefined ? [] : first instanceof Dict ? first.entries() : pairsOf(first);
  return Dict.from([...pairs, ...named]);
}

function pairsOf(value: Value): [Value, Value][] {
  const pairs: [Value, Value][] = [];
  const iterator = iterate(value);
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    const [key, item, ...more] = listOf(next.value);
    if (key === undefined || item === undefined || more.length > 0) {
      throw new ValueFault('dictionary update sequence element has not length 2');
    }
    pairs.push([key, item]);
  }
  return pairs;
}
