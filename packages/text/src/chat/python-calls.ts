/**
 * Values and calls as Python writes them: what Llama 4 answers with.
 *
 *     [get_weather(city="Köln", days=[1, 2]), now()]
 *
 * Literals only; whatever else stands there makes the whole text none.
 *
 * Source: the Python language reference, 2.4 and 2.5 (literals).
 */
import type { ToolCall } from './messages.ts';
import { noteDigits } from './written-digits.ts';

const SPACE = /\s*/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*/uy;
const NUMBER = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const TEXT = /'((?:[^'\\\n]|\\[^])*)'|"((?:[^"\\\n]|\\[^])*)"/y;
const CONSTANTS = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
  ['true', true],
  ['false', false],
  ['null', null],
]);
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
  '\n': '',
};
const DEPTH_MAX = 64;

class NotPython extends Error {}

interface Written {
  value: unknown;
  source: string;
}

/** The value of a literal; undefined where it is none. */
export function parsePython(text: string): unknown {
  return attempt(text, (reader) => reader.value(0));
}

/** The calls of a list of calls; undefined where it is none. */
export function parsePythonCalls(text: string): ToolCall[] | undefined {
  return attempt(text, (reader) => reader.list('[', ']', () => reader.call()));
}

function attempt<T>(text: string, read: (reader: Reader) => T): T | undefined {
  const reader = new Reader(text);
  try {
    const value = read(reader);
    return reader.isAtEnd() ? value : undefined;
  } catch (error) {
    if (error instanceof NotPython) return undefined;
    throw error;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    this.#match(SPACE);
    return this.#at === this.#text.length;
  }

  call(): ToolCall {
    const name = this.#expect(NAME);
    const pairs = this.list('(', ')', () => {
      const key = this.#expect(NAME);
      this.#take('=');
      return [key, this.#written(0)] as const;
    });
    return { name, arguments: objectOf(pairs) };
  }

  value(depth: number): unknown {
    if (depth > DEPTH_MAX) throw new NotPython();
    const next = this.#peek();
    const inner = (): Written => this.#written(depth + 1);
    if (next === '[') return listOf(this.list('[', ']', inner));
    if (next === '(') return listOf(this.list('(', ')', inner));
    if (next === '{') {
      const pairs = this.list('{', '}', () => {
        const key = this.#string();
        this.#take(':');
        return [key, inner()] as const;
      });
      return objectOf(pairs);
    }
    if (next === '"' || next === "'") return this.#string();
    const number = this.#match(NUMBER);
    if (number !== '') return exactNumber(number);
    const name = this.#expect(NAME);
    if (!CONSTANTS.has(name)) throw new NotPython();
    return CONSTANTS.get(name);
  }

  list<T>(open: string, close: string, item: () => T): T[] {
    this.#take(open);
    const items: T[] = [];
    while (this.#peek() !== close) {
      if (items.length > 0) this.#take(',');
      if (this.#peek() === close) break;
      items.push(item());
    }
    this.#take(close);
    return items;
  }

  /** A value, and how it stands there. */
  #written(depth: number): Written {
    this.#match(SPACE);
    const start = this.#at;
    const value = this.value(depth);
    return { value, source: this.#text.slice(start, this.#at) };
  }

  #string(): string {
    const parts: string[] = [];
    // Strings side by side are one.
    while (/["']/.test(this.#peek())) {
      const body = this.#expect(TEXT).slice(1, -1);
      parts.push(body.replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|([^]))/gi, unescape));
    }
    if (parts.length === 0) throw new NotPython();
    return parts.join('');
  }

  #peek(): string {
    this.#match(SPACE);
    return this.#text.charAt(this.#at);
  }

  #take(text: string): void {
    if (this.#peek() !== text) throw new NotPython();
    this.#at += text.length;
  }

  #expect(pattern: RegExp): string {
    this.#match(SPACE);
    const found = this.#match(pattern);
    if (found === '') throw new NotPython();
    return found;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}

function listOf(items: readonly Written[]): unknown[] {
  const list = items.map(({ value }) => value);
  items.forEach((item, place) => noteDigits({ holder: list, name: String(place), ...item }));
  return list;
}

function objectOf(pairs: readonly (readonly [string, Written])[]): Record<string, unknown> {
  const object = Object.fromEntries(pairs.map(([key, { value }]) => [key, value]));
  for (const [name, item] of pairs) noteDigits({ holder: object, name, ...item });
  return object;
}

/** A number; its text where a double would lose digits, or leading zeros. */
function exactNumber(text: string): unknown {
  const value = Number(text);
  if (/^[+-]?0\d/.test(text)) return text;
  return /^[+-]?\d+$/.test(text) && !Number.isSafeInteger(value) ? text : value;
}

function unescape(all: string, hex?: string, code?: string, other = ''): string {
  const digits = hex ?? code;
  if (digits !== undefined) return String.fromCharCode(Number.parseInt(digits, 16));
  return ESCAPES[other] ?? (/["'\\]/.test(other) ? other : all);
}
