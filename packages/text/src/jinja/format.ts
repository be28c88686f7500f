/**
 * `text.format(…)`: fields in braces, with conversions and formats.
 *
 * Source: the Python standard library, "Format String Syntax".
 */
import { formatValue } from './format-value.ts';
import { TypeFault, ValueFault } from './errors.ts';
import { clean } from './text.ts';
import { Dict, type Value } from './values.ts';
import { represent, write } from './write.ts';

export interface FormatValues {
  list: readonly Value[];
  /** Keyword arguments, or the mapping of `format_map`. */
  named: ReadonlyMap<string, Value> | Value;
}

/** How fields reach into values: handed in, as reaching into a text leads back here. */
export interface Lookups {
  attributeOf(value: Value, name: string): Value;
  itemOf(value: Value, key: Value): Value;
}

const DEPTH_MAX = 2;

/** Fills the fields of a text. Throws: TypeFault, ValueFault. */
export function formatText(text: string, values: FormatValues, lookups: Lookups): string {
  return new Formatter(values, lookups).run(text, DEPTH_MAX);
}

class Formatter {
  readonly #values: FormatValues;
  readonly #lookups: Lookups;
  #automatic = 0;
  #style: 'automatic' | 'manual' | undefined;

  constructor(values: FormatValues, lookups: Lookups) {
    this.#values = values;
    this.#lookups = lookups;
  }

  run(text: string, depth: number): string {
    if (depth < 0) throw new ValueFault('Max string recursion exceeded');
    const plain = clean(text);
    let made = '';
    let at = 0;
    while (at < plain.length) {
      const next = plain.slice(at).search(/[{}]/);
      if (next === -1) break;
      made += text.slice(at, at + next);
      at += next;
      if (plain.charAt(at + 1) === plain.charAt(at)) {
        made += text.charAt(at);
        at += 2;
      } else if (plain.charAt(at) === '}') {
        throw new ValueFault("Single '}' encountered in format string");
      } else {
        const end = fieldEnd(plain, at);
        made += this.#field(plain.slice(at + 1, end), depth);
        at = end + 1;
      }
    }
    return made + text.slice(at);
  }

  #field(field: string, depth: number): string {
    const [, name = '', conversion, spec = ''] =
      /^((?:\[[^\]]*\]|[^!:[])*)(?:!([^:]*))?(?::([^]*))?$/.exec(field) ?? [];
    let value = this.#value(name);
    if (conversion !== undefined) {
      if (!['s', 'r', 'a'].includes(conversion)) throw new ValueFault(`conversion '${conversion}'`);
      value = conversion === 's' ? write(value) : represent(value);
    }
    return formatValue(value, this.run(spec, depth - 1));
  }

  #value(path: string): Value {
    const [first = ''] = /^[^.[]*/.exec(path) ?? [];
    let value = this.#first(first);
    for (const match of path.slice(first.length).matchAll(/\.([^.[]+)|\[([^\]]+)\]|([^])/g)) {
      const [, attribute, item, other] = match;
      if (other !== undefined) throw new ValueFault(`'${path}' names no field`);
      if (attribute !== undefined) value = this.#lookups.attributeOf(value, attribute);
      else {
        const key = /^\d+$/.test(item ?? '') ? BigInt(item ?? 0) : (item ?? '');
        value = this.#lookups.itemOf(value, key);
      }
    }
    return value;
  }

  #first(name: string): Value {
    const { list, named } = this.#values;
    const isNumber = name === '' || /^\d+$/.test(name);
    if (isNumber) {
      const style = name === '' ? 'automatic' : 'manual';
      if (this.#style !== undefined && this.#style !== style) {
        throw new ValueFault('cannot switch between automatic and manual field numbering');
      }
      this.#style = style;
      const value = list[name === '' ? this.#automatic++ : Number(name)];
      if (value === undefined) throw new ValueFault('Replacement index out of range');
      return value;
    }
    const value = named instanceof Map || named instanceof Dict ? named.get(name) : undefined;
    if (value === undefined) throw new TypeFault(`no value named '${name}'`);
    return value as Value;
  }
}

function fieldEnd(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text.charAt(index) === '{') depth++;
    else if (text.charAt(index) === '}' && --depth === 0) return index;
  }
  throw new ValueFault("expected '}' before end of string");
}
