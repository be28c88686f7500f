/**
 * Attributes, items, slices and calls: what `.`, `[]` and `()` do, with the sandbox's rules.
 *
 * `a.b` asks for Python's attribute first and for an item then, `a['b']` the other way round; what
 * is neither is undefined. Attributes that begin with `_`, and methods that change something, are
 * forbidden: faults when used.
 *
 * Source: Jinja2 3.1, "Sandbox", and its behavior.
 */
import { TemplateFault, TypeFault } from './errors.ts';
import { containerAttribute, FORBIDDEN } from './container-methods.ts';
import { numberAttribute } from './number-methods.ts';
import { textAttribute } from './text-methods.ts';
import { characters, clean } from './text.ts';
import {
  Callable,
  Cycler,
  Dict,
  isInteger,
  isList,
  isLoop,
  isNumber,
  isText,
  Markup,
  Namespace,
  numberOf,
  RangeValue,
  textOf,
  Tuple,
  typeName,
  Undefined,
  type Arguments,
  type Value,
} from './values.ts';

/** Attributes that every object of Python has, and no template may read. */
const DUNDERS = new Set(
  (
    'class doc dir eq format ge getattribute gt hash init init_subclass le lt ne new reduce ' +
    'reduce_ex repr setattr delattr sizeof str subclasshook'
  )
    .split(' ')
    .map((name) => `__${name}__`),
);

/** `value.name`. Throws: UndefinedFault of what is not there. */
export function attributeOf(value: Value, name: string): Value {
  if (value instanceof Undefined && !name.startsWith('__')) throw value.fail();
  const attribute = pythonAttribute(value, name);
  if (attribute !== undefined) return attribute;
  const item = tryItem(value, name);
  return item === undefined ? missing(value, name) : item; // not `??`: an item may be None
}

/** `value[key]`. Throws: UndefinedFault of what is not there. */
export function itemOf(value: Value, key: Value): Value {
  const item = tryItem(value, key);
  if (item !== undefined) return item;
  if (isText(key)) {
    const attribute = pythonAttribute(value, clean(textOf(key)));
    if (attribute !== undefined) return attribute;
  }
  return missing(value, key);
}

function missing(value: Value, key: Value): Undefined {
  const name = isText(key) ? `attribute '${textOf(key)}'` : 'element of that name';
  return new Undefined(`'${typeName(value)}' object has no ${name}`);
}

/** An item; undefined (of JavaScript) where there is none. */
function tryItem(value: Value, key: Value): Value | undefined {
  if (value instanceof Undefined) throw value.fail();
  if (value instanceof Dict) return tryKey(value, key);
  if (!isInteger(key)) return undefined;
  const index = Number(numberOf(key));
  if (isText(value)) {
    const char = characters(textOf(value)).at(index);
    return char === undefined || !(value instanceof Markup) ? char : new Markup(char);
  }
  if (isList(value)) return value.at(index);
  if (value instanceof Tuple) return value.items.at(index);
  if (!(value instanceof RangeValue)) return undefined;
  const place = index < 0 ? index + value.length : index;
  return place >= 0 && place < value.length ? value.at(place) : undefined;
}

function tryKey(dict: Dict, key: Value): Value | undefined {
  try {
    return dict.get(key);
  } catch (error) {
    if (error instanceof TypeFault) return undefined;
    throw error;
  }
}

function pythonAttribute(value: Value, name: string): Value | undefined {
  if (name.startsWith('_')) {
    if (!DUNDERS.has(name)) return undefined;
    return new Undefined(`access to attribute '${name}' is unsafe`);
  }
  if (FORBIDDEN.get(typeName(value))?.has(name) === true) {
    return new Undefined(`access to attribute '${name}' is unsafe`);
  }
  if (isText(value)) return textAttribute(value, name, { attributeOf, itemOf });
  if (isNumber(value)) return numberAttribute(value, name);
  if (value instanceof Namespace) return value.attributes.get(name);
  if (value instanceof Callable) return value.members.get(name);
  if (value instanceof Cycler) return cyclerAttribute(value, name);
  if (value !== null && isLoop(value)) return value.member(name);
  return containerAttribute(value, name);
}

function cyclerAttribute(cycler: Cycler, name: string): Value | undefined {
  switch (name) {
    case 'current':
      return cycler.current;
    case 'items':
      return new Tuple(cycler.items);
    case 'pos':
      return BigInt(cycler.index);
    case 'reset':
      return new Callable(name, () => {
        cycler.index = 0;
        return null;
      });
    case 'next':
      return new Callable(name, () => {
        const { current } = cycler;
        cycler.index = (cycler.index + 1) % cycler.items.length;
        return current;
      });
    default:
      return undefined;
  }
}

/** `value(…)`. Throws: TypeFault of what cannot be called. */
export function callValue(value: Value, given: Arguments): Value {
  if (value instanceof Undefined) throw value.fail();
  if (value instanceof Callable) return value.call(given);
  if (value !== null && isLoop(value)) return value.call(given);
  throw new TypeFault(`'${typeName(value)}' object is not callable`);
}

/** `value[start:stop:step]`. Throws: TypeFault. */
export function sliceOf(value: Value, start: Value, stop: Value, step: Value): Value {
  if (value instanceof Undefined) throw value.fail();
  if (isText(value)) {
    const text = sliceItems(characters(textOf(value)), start, stop, step).join('');
    return value instanceof Markup ? new Markup(text) : text;
  }
  if (isList(value)) return sliceItems(value, start, stop, step);
  if (value instanceof Tuple) return new Tuple(sliceItems(value.items, start, stop, step));
  if (value instanceof RangeValue) {
    const { length } = value;
    const [first, last, by] = bounds(length, start, stop, step);
    const [from, to] = [BigInt(first), BigInt(last)];
    const { start: base, step: stride } = value;
    return new RangeValue(base + from * stride, base + to * stride, stride * BigInt(by));
  }
  throw new TypeFault(`'${typeName(value)}' object cannot be sliced`);
}

function sliceItems<T>(items: readonly T[], start: Value, stop: Value, step: Value): T[] {
  const [first, last, by] = bounds(items.length, start, stop, step);
  if (by === 1) return items.slice(first, Math.max(first, last));
  const kept: T[] = [];
  for (let index = first; by > 0 ? index < last : index > last; index += by) {
    kept.push(items[index] as T);
  }
  return kept;
}

function bounds(length: number, start: Value, stop: Value, step: Value): [number, number, number] {
  const by = step === null ? 1 : sliceIndex(step);
  if (by === 0) throw new TemplateFault('slice step cannot be zero');
  const [low, high] = by > 0 ? [0, length] : [-1, length - 1];
  const clamp = (value: Value, missingAt: number): number => {
    if (value === null) return missingAt;
    const index = sliceIndex(value);
    return Math.min(high, Math.max(low, index < 0 ? index + length : index));
  };
  return [clamp(start, by > 0 ? low : high), clamp(stop, by > 0 ? high : low), by];
}

function sliceIndex(value: Value): number {
  if (isInteger(value)) return Number(numberOf(value));
  throw new TypeFault('slice indices must be integers or None');
}
