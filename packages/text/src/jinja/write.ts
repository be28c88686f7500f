/**
 * Values as text: Python's `str` and `repr`.
 *
 * Source: the Python language reference, `object.__repr__` of the built-in types.
 */
import { TemplateFault } from './errors.ts';
import { writeFloat, writeInteger } from './numbers.ts';
import { characters, clean } from './text.ts';
import {
  Callable,
  Dict,
  DictView,
  isList,
  isLoop,
  Items,
  Markup,
  Namespace,
  RangeValue,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

/** A value as it is printed. */
export function write(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) return '';
  return represent(value);
}

/** A value as Python would write it in code. */
export function represent(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return writeInteger(value);
  if (typeof value === 'number') return writeFloat(value);
  if (typeof value === 'string') return quote(value);
  if (value instanceof Markup) return `Markup(${quote(value.text)})`;
  if (value instanceof Undefined) return 'Undefined';
  if (isList(value)) return `[${value.map(represent).join(', ')}]`;
  if (value instanceof Tuple) {
    const items = value.items.map(represent);
    return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
  }
  if (value instanceof Dict) return writePairs(value.entries());
  if (value instanceof DictView) return `dict_${value.part}(${represent(value.list())})`;
  if (value instanceof RangeValue) {
    const { start, stop, step } = value;
    return `range(${start}, ${stop}${step === 1n ? '' : `, ${step}`})`;
  }
  if (value instanceof Namespace) return `<Namespace ${writePairs([...value.attributes])}>`;
  if (value instanceof Callable && value.members.size > 0) {
    return `<Macro ${represent(value.members.get('name') ?? null)}>`;
  }
  if (isLoop(value)) {
    return `<LoopContext ${write(value.member('index') ?? null)}/${value.length()}>`;
  }
  // Python writes an address, different each time: no prompt can mean it.
  const name = value instanceof Items || value instanceof Callable ? value.name : typeName(value);
  throw new TemplateFault(`'${name}' has no text of its own`);
}

function writePairs(pairs: readonly (readonly [Value, Value])[]): string {
  return `{${pairs.map(([key, item]) => `${represent(key)}: ${represent(item)}`).join(', ')}}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const UNPRINTABLE = /[\p{C}\p{Z}]/u;

/** A text in quotes: single ones unless it holds some and no double ones. */
export function quote(text: string): string {
  const plain = clean(text);
  const mark = plain.includes("'") && !plain.includes('"') ? '"' : "'";
  const meant = characters(plain);
  const parts = characters(text).map((char, index) => {
    const shown = meant[index] ?? char;
    if (shown === mark) return `\\${char}`;
    const known = ESCAPES[shown];
    if (known !== undefined) return shown === '\\' ? `\\${char}` : known;
    return shown !== ' ' && UNPRINTABLE.test(shown) ? codeEscape(shown) : char;
  });
  return mark + parts.join('') + mark;
}

/** A character by its number, in as few digits as Python takes. */
export function codeEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
