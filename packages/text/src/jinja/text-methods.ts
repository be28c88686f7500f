/**
 * Methods of str, with all their arguments.
 *
 * A text is looked at as what it says (`clean`) and cut at the same places, so that stand-ins stay.
 *
 * Source: the Python standard library, "String Methods".
 */
import { TypeFault, ValueFault } from './errors.ts';
import { formatText, type Lookups } from './format.ts';
import { escapeHtml } from './html.ts';
import { listOf } from './operators.ts';
import { padText } from './pad.ts';
import { asInteger, asPlainText, asText, method, parametersOf } from './signature.ts';
import { capitalize, foldCase, KINDS, lower, swapCase, titleCase, upper } from './text-cases.ts';
import {
  characterIndex,
  characters,
  clean,
  lengthOf,
  LINE_END,
  occurrences,
  sliceText,
  SPACE,
} from './text.ts';
import { Callable, isText, Markup, textOf, Tuple, typeName, type Value } from './values.ts';

type Method = (text: string, name: string, wrap: (text: string) => Value) => Value;

/** A method of a text; undefined where str has none. A safe text's give safe ones. */
export function textAttribute(
  value: string | Markup,
  name: string,
  lookups: Lookups,
): Value | undefined {
  const text = textOf(value);
  const isSafe = value instanceof Markup;
  if (isSafe && name === 'unescape') return undefined;
  if (isSafe && name === 'join') return safeJoin(value);
  const wrap = (made: string): Value => (isSafe ? new Markup(made) : made);
  if (name === 'format') {
    return new Callable(name, (given) => wrap(formatText(text, given, lookups)));
  }
  if (name === 'format_map') {
    return method(name, [1, 1], ([named = null]) =>
      wrap(formatText(text, { list: [], named }, lookups)),
    );
  }
  return METHODS.get(name)?.(text, name, wrap);
}

const simple =
  (change: (text: string) => string): Method =>
  (text, name, wrap) =>
    method(name, [0, 0], () => wrap(change(text)));

const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ...[...KINDS].map(([name, isKind]): [string, Method] => [
    name,
    (text) => method(name, [0, 0], () => isKind(clean(text))),
  ]),
  ['upper', simple(upper)],
  ['lower', simple(lower)],
  ['casefold', simple(foldCase)],
  ['capitalize', simple(capitalize)],
  ['title', simple(titleCase)],
  ['swapcase', simple(swapCase)],
  ['strip', stripMethod('both')],
  ['lstrip', stripMethod('start')],
  ['rstrip', stripMethod('end')],
  ['split', splitMethod(false)],
  ['rsplit', splitMethod(true)],
  ['splitlines', splitLines],
  ['partition', partition(false)],
  ['rpartition', partition(true)],
  ['replace', replace],
  ['join', join],
  ['startswith', affix((text, part) => text.startsWith(part))],
  ['endswith', affix((text, part) => text.endsWith(part))],
  ['removeprefix', removeAffix('start')],
  ['removesuffix', removeAffix('end')],
  ['find', finder({ isLast: false, isStrict: false })],
  ['rfind', finder({ isLast: true, isStrict: false })],
  ['index', finder({ isLast: false, isStrict: true })],
  ['rindex', finder({ isLast: true, isStrict: true })],
  ['count', count],
  ['center', pad('center')],
  ['ljust', pad('left')],
  ['rjust', pad('right')],
  ['zfill', zeroFill],
  ['expandtabs', expandTabs],
  ['translate', (_text, name) => method(name, [1, 1], () => unsupported(name))],
  ['maketrans', (_text, name) => method(name, [1, 3], () => unsupported(name))],
  ['encode', (_text, name) => new Callable(name, () => unsupported(name))],
]);

/** Bytes and tables of characters: no template that makes a prompt has a use for them. */
function unsupported(name: string): never {
  throw new TypeFault(`str.${name} is not available in templates`);
}

// ---- strip

/** A text without characters of a set at its ends; white space unless given. */
export function strip(
  text: string,
  side: 'both' | 'start' | 'end',
  chars: string | undefined,
): string {
  const plain = characters(clean(text));
  const set = chars === undefined ? undefined : new Set(characters(chars));
  const isOut = (char: string | undefined): boolean =>
    char !== undefined && (set === undefined ? isSpace(char) : set.has(char));
  let start = 0;
  let end = plain.length;
  if (side !== 'end') while (start < end && isOut(plain[start])) start++;
  if (side !== 'start') while (end > start && isOut(plain[end - 1])) end--;
  return sliceText(text, start, end);
}

const ONE_SPACE = new RegExp(`^[${SPACE}]$`);

function isSpace(char: string): boolean {
  return ONE_SPACE.test(char);
}

function stripMethod(side: 'both' | 'start' | 'end'): Method {
  return (text, name, wrap) =>
    method(name, [0, 1], ([chars]) => wrap(strip(text, side, asPlainText(chars))));
}

function removeAffix(side: 'start' | 'end'): Method {
  return (text, name, wrap) =>
    method(name, [1, 1], ([value]) => {
      const [plain, part] = [clean(text), clean(asText(value))];
      if (side === 'start') return wrap(plain.startsWith(part) ? text.slice(part.length) : text);
      const isThere = part !== '' && plain.endsWith(part);
      return wrap(isThere ? text.slice(0, -part.length) : text);
    });
}

// ---- split and join

function splitMethod(isFromEnd: boolean): Method {
  return (text, name, wrap) =>
    new Callable(name, (given) => {
      const [separator, most] = parametersOf(given, ['sep', 'maxsplit']);
      const limit = asInteger(most, -1);
      const countMax = limit < 0 ? Infinity : limit;
      const part = asPlainText(separator);
      if (part === '') throw new ValueFault('empty separator');
      return (
        part === undefined
          ? splitAtSpace(text, countMax, isFromEnd)
          : splitAt(text, part, { countMax, isFromEnd })
      ).map(wrap);
    });
}

function splitAt(
  text: string,
  part: string,
  { countMax, isFromEnd }: { countMax: number; isFromEnd: boolean },
): string[] {
  const places = isFromEnd
    ? lastOccurrences(text, part, countMax)
    : occurrences(text, part, countMax);
  const parts: string[] = [];
  let end = 0;
  for (const place of places) {
    parts.push(text.slice(end, place));
    end = place + part.length;
  }
  parts.push(text.slice(end));
  return parts;
}

/** Places of a part, found from the end, in ascending order. */
function lastOccurrences(text: string, part: string, countMax: number): number[] {
  const plain = clean(text);
  const found: number[] = [];
  for (let end = plain.length; found.length < countMax;) {
    const at = end < part.length ? -1 : plain.lastIndexOf(part, end - part.length);
    if (at === -1) break;
    found.push(at);
    end = at;
  }
  return found.toReversed();
}

function splitAtSpace(text: string, countMax: number, isFromEnd: boolean): string[] {
  const words = [...clean(text).matchAll(new RegExp(`[^${SPACE}]+`, 'g'))].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const take = ({ start, end }: { start: number; end: number }): string => text.slice(start, end);
  if (words.length <= countMax) return words.map(take);
  if (isFromEnd) {
    const kept = words.slice(words.length - countMax);
    const last = words[words.length - countMax - 1];
    return [text.slice(0, last?.end), ...kept.map(take)];
  }
  const next = words[countMax];
  return [
    ...words.slice(0, countMax).map(take),
    strip(text.slice(next?.start), 'start', undefined),
  ];
}

function splitLines(text: string, name: string, wrap: (text: string) => Value): Value {
  return new Callable(name, (given) => {
    const [keep] = parametersOf(given, ['keepends']);
    return linesOf(text, keep !== undefined && keep !== false && keep !== 0n).map(wrap);
  });
}

/** The lines of a text, with or without what ends them. */
export function linesOf(text: string, keepsEnds = false): string[] {
  const lines: string[] = [];
  let start = 0;
  for (const match of clean(text).matchAll(LINE_END)) {
    const end = match.index + match[0].length;
    lines.push(text.slice(start, keepsEnds ? end : match.index));
    start = end;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}

function partition(isLast: boolean): Method {
  return (text, name, wrap) =>
    method(name, [1, 1], ([value]) => {
      const [plain, part] = [clean(text), clean(asText(value))];
      if (part === '') throw new ValueFault('empty separator');
      const at = isLast ? plain.lastIndexOf(part) : plain.indexOf(part);
      const middle = [text.slice(0, at), text.slice(at, at + part.length)];
      const parts = [...middle, text.slice(at + part.length)];
      if (at === -1) return new Tuple((isLast ? ['', '', text] : [text, '', '']).map(wrap));
      return new Tuple(parts.map(wrap));
    });
}

function join(text: string, name: string): Value {
  return method(name, [1, 1], ([items = null]) =>
    listOf(items)
      .map((item, index) => asText(item, `sequence item ${index}: expected`))
      .join(text),
  );
}

function safeJoin(value: Markup): Value {
  return method('join', [1, 1], ([items = null]) => {
    const parts = listOf(items).map((item) => escapeHtml(item).text);
    return new Markup(parts.join(value.text));
  });
}

function replace(text: string, name: string, wrap: (text: string) => Value): Value {
  return method(name, [2, 3], ([old, made, most]) =>
    wrap(replaceText(text, [asText(old), asText(made)], asInteger(most, -1))),
  );
}

/** A text with a part put in the place of another, so many times; -1: every time. */
export function replaceText(
  text: string,
  [old, made]: readonly [string, string],
  count: number,
): string {
  const countMax = count < 0 ? Infinity : count;
  if (old !== '') return splitAt(text, clean(old), { countMax, isFromEnd: false }).join(made);
  // Nothing stands before each character, and at the end.
  const chars = characters(text);
  const parts = chars.map((char, index) => (index < countMax ? made + char : char));
  return parts.join('') + (chars.length < countMax ? made : '');
}

// ---- search

/** The part between two indices, as slices read them; undefined where they exclude each other. */
function window(
  text: string,
  start: Value | undefined,
  stop: Value | undefined,
): { part: string; first: number } | undefined {
  const length = lengthOf(text);
  const at = (value: Value | undefined, missing: number): number => {
    const index = value === null ? missing : asInteger(value, missing);
    return index < 0 ? Math.max(0, index + length) : index;
  };
  const [first, last] = [at(start, 0), Math.min(length, at(stop, length))];
  if (first > length || first > last) return undefined;
  return { part: sliceText(text, first, last), first };
}

function affix(isThere: (text: string, part: string) => boolean): Method {
  return (text, name) =>
    method(name, [1, 3], ([value = null, start, stop]) => {
      const found = window(clean(text), start, stop);
      const parts = value instanceof Tuple ? value.items : [value];
      for (const part of parts) {
        if (!isText(part)) {
          throw new TypeFault(
            `${name} first arg must be str or a tuple of str, not ${typeName(part)}`,
          );
        }
        if (found !== undefined && isThere(found.part, clean(textOf(part)))) return true;
      }
      return false;
    });
}

function finder({ isLast, isStrict }: { isLast: boolean; isStrict: boolean }): Method {
  return (text, name) =>
    method(name, [1, 3], ([value, start, stop]) => {
      const wanted = clean(asText(value));
      const found = window(clean(text), start, stop);
      const unit = isLast ? found?.part.lastIndexOf(wanted) : found?.part.indexOf(wanted);
      if (found === undefined || unit === undefined || unit === -1) {
        if (isStrict) throw new ValueFault('substring not found');
        return -1n;
      }
      return BigInt(found.first + characterIndex(found.part, unit));
    });
}

function count(text: string, name: string): Value {
  return method(name, [1, 3], ([value, start, stop]) => {
    const wanted = clean(asText(value));
    const found = window(clean(text), start, stop);
    if (found === undefined) return 0n;
    if (wanted === '') return BigInt(lengthOf(found.part) + 1);
    return BigInt(occurrences(found.part, wanted, Infinity).length);
  });
}

// ---- width

function pad(side: 'center' | 'left' | 'right'): Method {
  return (text, name, wrap) =>
    method(name, [1, 2], ([width, fill]) => {
      const char = fill === undefined ? ' ' : asText(fill);
      if (lengthOf(char) !== 1)
        throw new TypeFault('the fill character must be one character long');
      if (width === undefined) throw new TypeFault('width is missing');
      return wrap(padText(text, { width: asInteger(width, 0), fill: char, side }));
    });
}

function zeroFill(text: string, name: string, wrap: (text: string) => Value): Value {
  return method(name, [1, 1], ([width]) => {
    const zeros = '0'.repeat(Math.max(0, asInteger(width, 0) - lengthOf(text)));
    const sign = /^[+-]/.test(clean(text)) ? 1 : 0;
    return wrap(text.slice(0, sign) + zeros + text.slice(sign));
  });
}

function expandTabs(text: string, name: string, wrap: (text: string) => Value): Value {
  return new Callable(name, (given) => {
    const [size] = parametersOf(given, ['tabsize']);
    const width = asInteger(size, 8);
    let column = 0;
    const parts = characters(text).map((char) => {
      if (char === '\t') {
        const spaces = width > 0 ? width - (column % width) : 0;
        column += spaces;
        return ' '.repeat(spaces);
      }
      column = char === '\n' || char === '\r' ? 0 : column + 1;
      return char;
    });
    return wrap(parts.join(''));
  });
}
