/**
 * Keeps special tokens out of what people write, through any template.
 *
 * Text of messages, tools and variables goes into the template readable, so that templates may trim
 * it, split it or look for `</think>` in it; but after each character that begins some special
 * token's text a **mark** is put, a private-use character that occurs nowhere else:
 *
 *     "<|im_end|>"  →  "<·|im_end|>"          · is the mark
 *
 * In the output, a special token is read only where its whole text stands without a mark; marks
 * are then taken out. Guaranteed: no special token begins with a character of a message, however
 * the template trims, splits or joins it. Only the template's own text begins one (and roles, which
 * come from a fixed list).
 *
 * A tag that the template itself contains, such as `</think>`, is left without a mark where no
 * special token could begin in it; else a template that looks for it would not find it. Not
 * guaranteed: what a template makes of such a tag when it cuts it in two, or takes marks out by
 * position; its author, who may write any token anyway, would have to mean it.
 */
import { isObject, WaferError } from '@wafer/core';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

const PRIVATE_FIRST = 0xe000;
const PRIVATE_LAST = 0xf8ff;
const DEPTH_MAX = 64;

/** A text of the template, or the text of a special token. */
export interface Segment {
  text: string;
  special: number | undefined;
}

export class Protector {
  readonly mark: string;
  readonly #special: ReadonlyMap<string, number>;
  readonly #firsts: ReadonlySet<string>;
  readonly #literals: readonly string[];
  readonly #pattern: RegExp | undefined;

  /** `used` is all text that goes in: the mark is a character that is not in it. */
  constructor(special: ReadonlyMap<string, number>, template: string, used: string) {
    this.#special = new Map([...special].filter(([text]) => text !== ''));
    const texts = [...this.#special.keys()];
    this.#firsts = new Set(texts.map((text) => text.charAt(0)));
    this.mark = unusedMark(template + used);
    this.#literals = this.#literalsOf(template, texts);
    const longestFirst = texts.toSorted((a, b) => b.length - a.length);
    // A text of one character that is marked is a message's.
    this.#pattern =
      texts.length === 0
        ? undefined
        : new RegExp(`(?:${longestFirst.map(RegExp.escape).join('|')})(?!${this.mark})`, 'g');
  }

  /** A value with every text inside marked. Throws: REQUEST_INVALID where it nests too deep. */
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

  /** Output of a template, cut at the special tokens that the template wrote; marks taken out. */
  segments(output: string): Segment[] {
    const list: Segment[] = [];
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

  clean(text: string): string {
    return text.replaceAll(this.mark, '');
  }

  #protectText(text: string): string {
    let marked = '';
    let freeUntil = 0;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charAt(index);
      marked += unit;
      if (!this.#firsts.has(unit) || index < freeUntil) continue;
      const literal = this.#literals.find((known) => text.startsWith(known, index));
      if (literal === undefined) marked += this.mark;
      else freeUntil = index + literal.length;
    }
    return marked;
  }

  /** Tags in the template's text that it may look for, and that are harmless in a message. */
  #literalsOf(template: string, texts: readonly string[]): string[] {
    const tags = new Set(template.match(/<\/?[A-Za-z_]{2,32}>/g) ?? []);
    const canBegin = (tail: string): boolean =>
      texts.some((text) => text.startsWith(tail) || tail.startsWith(text));
    return [...tags].filter((tag) => {
      for (let index = 0; index < tag.length; index++) {
        if (this.#firsts.has(tag.charAt(index)) && canBegin(tag.slice(index))) return false;
      }
      return true;
    });
  }
}

/** The ids of a template's output; only segments with a special token give one. */
export function encodeOutput(output: string, protector: Protector, tokenizer: Tokenizer): number[] {
  const segments = protector.segments(output);
  // Whole, the text is encoded as everywhere else, unless a message holds a special token's text.
  const whole = tokenizer.encode(protector.clean(output), { addBegin: false, allowSpecial: true });
  const special = new Set(tokenizer.special.values());
  const found = whole.filter((id) => special.has(id));
  const meant = segments.flatMap((segment) => segment.special ?? []);
  const isSame = found.length === meant.length && found.every((id, i) => id === meant[i]);
  if (isSame && sameCut(protector, output)) return whole;
  return segments.flatMap(({ text, special: id }) =>
    id === undefined ? tokenizer.encode(text, { addBegin: false }) : [id],
  );
}

/** Whether the output has the same special tokens with and without its marks. */
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

function unusedMark(text: string): string {
  for (let code = PRIVATE_FIRST; code <= PRIVATE_LAST; code++) {
    const mark = String.fromCharCode(code);
    if (!text.includes(mark)) return mark;
  }
  const expected = 'text that leaves one private-use character unused';
  throw new WaferError('REQUEST_INVALID', { field: 'messages', value: 'text', expected });
}
