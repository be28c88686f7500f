/**
 * An answer put together from pieces, as the calls of tools are: markers, JSON of a schema, free
 * text up to a marker.
 *
 *     <tool_call>\n{"name": "add", "arguments":  JSON  }\n</tool_call>
 *
 * A special token stands for its text wherever a piece of text has it, and nowhere else: no text of
 * an answer makes one, so that none closes what a marker closes.
 */
import type { SpecialTokens } from '../../tokenizer/token-bytes.ts';

/** A piece of an answer; plain data. */
export type FormPart =
  /** These characters. A form of `markForm` has no special tokens in them. */
  | { text: string }
  /** One special token. */
  | { token: number }
  /** What an expression matches from beginning to end. */
  | { regex: string }
  /**
   * JSON of a schema, an object where `isObject`. Where a keyword is not enforced it is refused,
   * or, with `isLenient`, anything of its type goes.
   */
  | { json: unknown; isObject?: boolean; isLenient?: boolean; path: string }
  /** Any text that has none of some texts in it; with `until`, and then that text. */
  | { without: readonly string[]; until?: string }
  | { all: readonly FormPart[] }
  | { oneOf: readonly FormPart[] }
  | { times: FormPart; min: number; max: number };

type FreePart = Extract<FormPart, { without: unknown }>;
export type JsonPart = Extract<FormPart, { json: unknown }>;

/** The same, special tokens in their places. */
export function markForm(part: FormPart, special: SpecialTokens): FormPart {
  const marked = (one: FormPart): FormPart => {
    if ('text' in one) return allOf(cut(one.text, special));
    if ('without' in one) return markFree(one, special);
    if ('all' in one) return { all: one.all.map(marked) };
    if ('oneOf' in one) return { oneOf: one.oneOf.map(marked) };
    return 'times' in one ? { ...one, times: marked(one.times) } : one;
  };
  return marked(part);
}

/**
 * Free text never has a special token; one that ends it stands behind it. Nor has it the texts of
 * those that end it, since whoever reads the answer sees texts alone.
 */
function markFree({ without, until }: FreePart, special: SpecialTokens): FormPart {
  if (until === undefined) return { without };
  const [first = { text: until }, ...rest] = cut(until, special);
  if ('text' in first) return allOf([{ without, until: first.text }, ...rest]);
  return allOf([{ without: [...without, until] }, first, ...rest]);
}

/** A text cut at special tokens, the longest that fits at each place. */
function cut(text: string, special: SpecialTokens): FormPart[] {
  const pieces: FormPart[] = [];
  let begun = 0;
  for (let at = 0; at < text.length;) {
    let [length, token] = [0, -1];
    for (const [marker, id] of special) {
      if (marker.length > length && text.startsWith(marker, at)) {
        [length, token] = [marker.length, id];
      }
    }
    if (length === 0) {
      at++;
      continue;
    }
    if (begun < at) pieces.push({ text: text.slice(begun, at) });
    pieces.push({ token });
    at += length;
    begun = at;
  }
  if (begun < text.length) pieces.push({ text: text.slice(begun) });
  return pieces;
}

function allOf(parts: readonly FormPart[]): FormPart {
  return parts.length === 1 ? parts[0]! : { all: parts };
}
