/**
 * The values of a template: Python's, as far as a template can tell.
 *
 *     None null · bool boolean · int bigint · float number · str string · list array
 *
 * and classes for the rest. Lists and dicts are never changed once made (the sandbox forbids it);
 * only namespaces are.
 */
import { TypeFault, UndefinedFault } from './errors.ts';
import type { PythonNumber } from './numbers.ts';
import { clean } from './text.ts';

export type Value = null | boolean | bigint | number | string | readonly Value[] | PythonObject;

/** Everything that is an object of its own. */
export type PythonObject =
  | Undefined
  | Markup
  | Tuple
  | Dict
  | DictView
  | RangeValue
  | Items
  | Callable
  | Namespace
  | Loop
  | Cycler;

/** What is not there: prints as nothing, is empty and false; any other use is a fault. */
export class Undefined {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }

  fail(): UndefinedFault {
    return new UndefinedFault(this.message);
  }
}

/** A text that is safe in HTML: what joins it is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** A pair of `groupby`, whose parts have names too. */
export class Grouping extends Tuple {
  constructor(grouper: Value, list: readonly Value[]) {
    super([grouper, list]);
  }
}

/** A dict: keys in the order in which they came. */
export class Dict {
  readonly #entries = new Map<string, [Value, Value]>();

  static from(pairs: Iterable<readonly [Value, Value]>): Dict {
    const dict = new Dict();
    for (const [key, value] of pairs) dict.#set(key, value);
    return dict;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Undefined (of JavaScript) where there is none. Throws: TypeFault for what cannot be a key. */
  get(key: Value): Value | undefined {
    return this.#entries.get(keyOf(key))?.[1];
  }

  has(key: Value): boolean {
    return this.#entries.has(keyOf(key));
  }

  entries(): [Value, Value][] {
    return [...this.#entries.values()];
  }

  keys(): Value[] {
    return this.entries().map(([key]) => key);
  }

  values(): Value[] {
    return this.entries().map(([, value]) => value);
  }

  #set(key: Value, value: Value): void {
    const name = keyOf(key);
    const first = this.#entries.get(name)?.[0];
    this.#entries.set(name, [first === undefined ? key : first, value]);
  }
}

/** `d.keys()` and its like. */
export class DictView {
  readonly dict: Dict;
  readonly part: 'keys' | 'values' | 'items';

  constructor(dict: Dict, part: DictView['part']) {
    this.dict = dict;
    this.part = part;
  }

  list(): Value[] {
    if (this.part === 'keys') return this.dict.keys();
    if (this.part === 'values') return this.dict.values();
    return this.dict.entries().map((pair) => new Tuple(pair));
  }
}

export class RangeValue {
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;
  readonly length: number;

  constructor(start: bigint, stop: bigint, step: bigint) {
    this.start = start;
    this.stop = stop;
    this.step = step;
    const span = step > 0n ? stop - start + step - 1n : start - stop - step - 1n;
    const size = step > 0n ? step : -step;
    this.length = span <= 0n ? 0 : Number(span / size);
  }

  at(index: number): bigint {
    return this.start + BigInt(index) * this.step;
  }
}

/** An iterator that is used up once, as filters give. */
export class Items {
  readonly iterator: Iterator<Value>;
  /** How Python names it. */
  readonly name: string;

  constructor(items: Iterable<Value>, name = 'generator') {
    this.iterator = items[Symbol.iterator]();
    this.name = name;
  }
}

/** Arguments of a call. */
export interface Arguments {
  list: readonly Value[];
  named: ReadonlyMap<string, Value>;
}

/** A function, a method or a macro. */
export class Callable {
  readonly name: string;
  readonly call: (given: Arguments) => Value;
  /** Of a macro: what templates may ask about it. */
  readonly members: ReadonlyMap<string, Value>;

  constructor(
    name: string,
    call: (given: Arguments) => Value,
    members: ReadonlyMap<string, Value> = new Map(),
  ) {
    this.name = name;
    this.call = call;
    this.members = members;
  }
}

/** The one thing that a template can change. */
export class Namespace {
  readonly attributes: Map<string, Value> = new Map();
}

/** What `loop` is, inside a loop. */
export interface Loop {
  readonly kind: 'loop';
  member(name: string): Value | undefined;
  length(): number;
  call(given: Arguments): Value;
}

/** `cycler(…)`. */
export class Cycler {
  readonly items: readonly Value[];
  index = 0;

  constructor(items: readonly Value[]) {
    this.items = items;
  }

  get current(): Value {
    return this.items[this.index] ?? null;
  }
}

export function isLoop(value: Value): value is Loop {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'loop';
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether it is a str: safe or not. */
export function isText(value: Value): value is string | Markup {
  return typeof value === 'string' || value instanceof Markup;
}

/** Whether it is a number; Python's flags are. */
export function isNumber(value: Value): value is boolean | bigint | number {
  return ['bigint', 'number', 'boolean'].includes(typeof value);
}

/** Whether it is an int; Python's flags are. */
export function isInteger(value: Value): value is boolean | bigint {
  return typeof value === 'bigint' || typeof value === 'boolean';
}

/** A flag, an int or a float as a number. */
export function numberOf(value: boolean | bigint | number): PythonNumber {
  return typeof value === 'boolean' ? BigInt(value) : value;
}

/** The characters of a str. */
export function textOf(value: string | Markup): string {
  return typeof value === 'string' ? value : value.text;
}

/** What two equal keys have in common. Throws: TypeFault where Python cannot hash it. */
export function keyOf(value: Value): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return `s${clean(value)}`;
  if (value instanceof Markup) return `s${clean(value.text)}`;
  if (typeof value === 'boolean') return `n${Number(value)}`;
  if (typeof value === 'bigint') return `n${value}`;
  if (typeof value === 'number') {
    return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`;
  }
  if (value instanceof Tuple) {
    const parts = value.items.map((item) => keyOf(item));
    return `t${parts.map((part) => `${part.length}:${part}`).join('')}`;
  }
  if (value instanceof Undefined) return 'undefined';
  if (isList(value) || value instanceof Dict || value instanceof DictView) {
    throw new TypeFault(`unhashable type: '${typeName(value)}'`);
  }
  return `o${identity(value)}`;
}

const identities = new WeakMap<object, number>();
let identityCount = 0;

function identity(value: object): number {
  const known = identities.get(value) ?? ++identityCount;
  identities.set(value, known);
  return known;
}

/** The name of a value's type in Python. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'str';
  if (isList(value)) return 'list';
  if (value instanceof Dict) return 'dict';
  if (value instanceof DictView) return `dict_${value.part}`;
  if (value instanceof Items) return value.name;
  if (isLoop(value)) return 'LoopContext';
  if (value instanceof Callable) return 'function';
  const name = value.constructor.name;
  return value instanceof Tuple || value instanceof RangeValue ? name.toLowerCase() : name;
}
