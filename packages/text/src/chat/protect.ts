/**
 * Keeps special tokens out of what people write, through any template.
 *
 * Text of messages, tools and variables goes into the template with **stand-ins**: each character
 * that begins some special token's text is replaced by a private-use character that occurs nowhere
 * else. The interpreter of templates looks at what stand-ins stand for, and hands them on as they
 * are; so templates may trim a text, split it, count it or look for `</think>` in it, and see what
 * Jinja2 would see:
 *
 *     "<|im_end|>"  →  "·|im_end|>"          · stands for <
 *
 * In the output, a special token is read only where its whole text stands without a stand-in;
 * stand-ins are then taken back. Guaranteed: no special token begins with a character of a message,
 * whatever the template does to it, capitals and small letters included. Only the template's own
 * text begins one (and roles, which come from a fixed list).
 */
import { isObject, WaferError } from '@wafer/core';
import type { StandIns } from '../jinja/text.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** Private-use characters, by how many units of a text they take. */
const PRIVATE = [
  { first: 0xe000, last: 0xf8ff },
  { first: 0xf0000, last: 0xffffd },
] as const;
const DEPTH_MAX = 64;

/** A text of the template, or the text of a special token. */
export interface TextSegment {
  text: string;
  special: number | undefined;
}

export class Protector {
  /** Each stand-in and what it stands for. */
  readonly standIns: StandIns;
  readonly #special: ReadonlyMap<string, number>;
  readonly #byMeant: ReadonlyMap<string, string>;
  readonly #byStandIn: ReadonlyMap<string, string>;
  readonly #pattern: RegExp | undefined;
  /** Characters that have stand-ins, and the stand-ins. */
  readonly #meant: RegExp;
  readonly #marks: RegExp;

  constructor(special: ReadonlyMap<string, number>, standIns: StandIns) {
    this.#special = new Map([...special].filter(([text]) => text !== ''));
    const texts = [...this.#special.keys()];
    this.standIns = standIns;
    this.#byStandIn = new Map(this.standIns);
    this.#byMeant = new Map(this.standIns.map(([standIn, meant]) => [meant, standIn]));
    this.#meant = anyOf(this.#byMeant.keys());
    this.#marks = anyOf(this.#byStandIn.keys());
    const longestFirst = texts.toSorted((a, b) => b.length - a.length);
    this.#pattern =
      texts.length === 0 ? undefined : new RegExp(longestFirst.map(RegExp.escape).join('|'), 'g');
  }

  /** `used` is all text that goes in: no stand-in is a character of it. */
  static over(special: ReadonlyMap<string, number>, used: string): Protector {
    const texts = [...special.keys()].filter((text) => text !== '');
    return new Protector(special, standInsFor(texts, used));
  }

  /** A value with stand-ins in all text inside. Throws: REQUEST_INVALID, nested too deep. */
  protect(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') return this.#protectText(value);
    if (typeof value === 'function' || typeof value === 'symbol') {
      const details = { field: 'variables', value: typeof value, expected: 'plain data' };
      throw new WaferError('REQUEST_INVALID', details);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (depth > DEPTH_MAX) {
      const expected = `nested at most ${DEPTH_MAX} deep`;
      throw new WaferError('REQUEST_INVALID', { field: 'messages', value: 'deeper', expected });
    }
    if (Array.isArray(value)) return value.map((item) => this.protect(item, depth + 1));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        this.#protectText(name),
        this.protect(item, depth + 1),
      ]),
    );
  }

  /** Output of a template, cut at the special tokens that the template wrote. */
  segments(output: string): TextSegment[] {
    const list: TextSegment[] = [];
    let end = 0;
    const add = (text: string): void => {
      if (text !== '') list.push({ text: this.clean(text), special: undefined });
    };
    for (const match of this.#pattern === undefined ? [] : output.matchAll(this.#pattern)) {
      add(output.slice(end, match.index));
      list.push({ text: match[0], special: this.#special.get(match[0]) });
      end = match.index + match[0].length;
    }
    add(output.slice(end));
    return list;
  }

  /** Takes stand-ins back. */
  clean(text: string): string {
    return this.#replace(text, this.#byStandIn);
  }

  #protectText(text: string): string {
    return this.#replace(text, this.#byMeant);
  }

  #replace(text: string, table: ReadonlyMap<string, string>): string {
    if (table.size === 0) return text;
    const pattern = table === this.#byMeant ? this.#meant : this.#marks;
    return text.replace(pattern, (char) => table.get(char) ?? char);
  }
}

/** Any of some characters. */
function anyOf(characters: Iterable<string>): RegExp {
  return new RegExp([...characters].map((char) => RegExp.escape(char)).join('|'), 'gu');
}

/**
 * The ids of a template's output; only segments with a special token give one. Of more than
 * `tokensMax` ids not all come back.
 */
export function encodeOutput(
  output: string,
  protector: Protector,
  { tokenizer, tokensMax }: { tokenizer: Tokenizer; tokensMax: number },
): number[] {
  const segments = protector.segments(output);
  const options = { addBegin: false, tokensMax };
  // Whole, the text is encoded as everywhere else, unless a message holds a special token's text.
  const whole = tokenizer.encode(protector.clean(output), { ...options, allowSpecial: true });
  if (whole.length > tokensMax) return whole;
  const special = new Set(tokenizer.special.values());
  const found = whole.filter((id) => special.has(id));
  const meant = segments.flatMap((segment) => segment.special ?? []);
  const isSame = found.length === meant.length && found.every((id, i) => id === meant[i]);
  if (isSame && sameCut(protector, output)) return whole;
  return segments.flatMap(({ text, special: id }) =>
    id === undefined ? tokenizer.encode(text, options) : [id],
  );
}

/** Whether the output has the same special tokens with stand-ins and without. */
function sameCut(protector: Protector, output: string): boolean {
  const marked = protector.segments(output);
  const plain = protector.segments(protector.clean(output));
  return (
    marked.length === plain.length &&
    marked.every(({ text, special }, i) => {
      const other = plain[i];
      return text === other?.text && special === other.special;
    })
  );
}

/** A stand-in for each character that begins a special token, as a capital or a small letter. */
function standInsFor(texts: readonly string[], used: string): StandIns {
  const firsts = new Set(
    texts.flatMap((text) => {
      const [first = ''] = text;
      return [first, first.toLowerCase(), first.toUpperCase()].flatMap((form) => Array.from(form));
    }),
  );
  const free = PRIVATE.map(({ first, last }) => unusedCharacters(first, last, used));
  return [...firsts].map((meant) => {
    const next = free[meant.length - 1]?.next();
    if (next !== undefined && next.done !== true) return [next.value, meant] as const;
    const expected = 'text that leaves private-use characters unused';
    throw new WaferError('REQUEST_INVALID', { field: 'messages', value: 'text', expected });
  });
}

function* unusedCharacters(
  first: number,
  last: number,
  used: string,
): Generator<string, void, undefined> {
  const taken = new Set(used);
  for (let code = first; code <= last; code++) {
    const char = String.fromCodePoint(code);
    if (!taken.has(char)) yield char;
  }
}
