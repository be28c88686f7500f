/**
 * `tojson`: what Python's `json.dumps` writes, with transformers' defaults.
 *
 * Source: the Python standard library, "json"; transformers' chat templates.
 */
import { TypeFault, ValueFault } from './errors.ts';
import { writeFloat, writeInteger } from './numbers.ts';
import { sorted } from './operators.ts';
import { characters, clean } from './text.ts';
import { Dict, isList, isText, textOf, Tuple, typeName, type Value } from './values.ts';

export interface JsonOptions {
  isAscii: boolean;
  /** The text of one level; undefined: all on one line. */
  indent: string | undefined;
  itemSeparator: string;
  keySeparator: string;
  sortsKeys: boolean;
}

const DEPTH_MAX = 500;

/** A value as JSON. Throws: TypeFault for what JSON has not. */
export function writeJson(value: Value, options: JsonOptions, depth = 0): string {
  if (depth > DEPTH_MAX) throw new ValueFault(`nested over ${DEPTH_MAX} deep`);
  if (isText(value)) return quoteJson(textOf(value), options.isAscii);
  const scalar = scalarText(value);
  if (scalar !== undefined) return scalar;
  if (isList(value) || value instanceof Tuple) {
    const items = isList(value) ? value : value.items;
    const parts = items.map((item) => writeJson(item, options, depth + 1));
    return enclose('[]', parts, options, depth);
  }
  if (value instanceof Dict) {
    const entries = value.entries();
    const ordered = options.sortsKeys ? sorted(entries, ([key]) => key, false) : entries;
    const parts = ordered.map(([key, item]) => {
      const name = quoteJson(keyText(key), options.isAscii);
      return name + options.keySeparator + writeJson(item, options, depth + 1);
    });
    return enclose('{}', parts, options, depth);
  }
  throw new TypeFault(`Object of type ${typeName(value)} is not JSON serializable`);
}

function scalarText(value: Value): string | undefined {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return writeInteger(value);
  if (typeof value !== 'number') return undefined;
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return writeFloat(value);
}

function keyText(key: Value): string {
  if (isText(key)) return textOf(key);
  const text = scalarText(key);
  if (text !== undefined) return text;
  throw new TypeFault(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

function enclose(
  [open = '', close = '']: string,
  parts: readonly string[],
  { indent, itemSeparator }: JsonOptions,
  depth: number,
): string {
  if (parts.length === 0) return open + close;
  if (indent === undefined) return open + parts.join(itemSeparator) + close;
  const [inner, outer] = [`\n${indent.repeat(depth + 1)}`, `\n${indent.repeat(depth)}`];
  return open + inner + parts.join(itemSeparator + inner) + outer + close;
}

const SHORT: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

/** Escapes go in front of the text's own characters, so that stand-ins stay. */
function quoteJson(text: string, isAscii: boolean): string {
  const meant = characters(clean(text));
  const parts = characters(text).map((char, index) => {
    const plain = meant[index] ?? char;
    if (plain === '"' || plain === '\\') return `\\${char}`;
    const short = SHORT[plain];
    if (short !== undefined) return short;
    const isPlain = plain >= ' ' && (!isAscii || plain <= '~');
    return isPlain ? char : units(plain);
  });
  return `"${parts.join('')}"`;
}

function units(char: string): string {
  return Array.from({ length: char.length }, (_, index) => {
    return `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}

/** The options that a template gives, by their names in Python. Throws: TypeFault. */
export function jsonOptions(values: readonly (Value | undefined)[]): JsonOptions {
  const [isAscii = false, indent = null, separators = null, sortsKeys = false] = values;
  const isIndented = indent !== null;
  const given = separators instanceof Tuple ? separators.items : separators;
  const [item = isIndented ? ',' : ', ', key = ': '] = isList(given) ? given : [];
  if (!isText(item) || !isText(key)) throw new TypeFault('separators must be two texts');
  if (isList(given) && given.length !== 2) throw new ValueFault('separators must be two texts');
  return {
    isAscii: isAscii === true || isAscii === 1n,
    indent: isIndented ? indentText(indent) : undefined,
    itemSeparator: textOf(item),
    keySeparator: textOf(key),
    sortsKeys: sortsKeys === true || sortsKeys === 1n,
  };
}

function indentText(indent: Value): string {
  if (isText(indent)) return textOf(indent);
  if (typeof indent === 'bigint') return ' '.repeat(Math.max(0, Number(indent)));
  if (typeof indent === 'boolean') return indent ? ' ' : '';
  throw new TypeFault(`indent must be int or str, not ${typeName(indent)}`);
}
