/**
 * Lines of a width, as Python's `textwrap` breaks them.
 *
 * Source: the Python standard library, "textwrap".
 */
import { characters } from '../text.ts';

export interface WrapOptions {
  width: number;
  breaksLong: boolean;
  breaksHyphens: boolean;
}

/** Words, white space, and parts of words that end with a hyphen between letters. */
const WITH_HYPHENS = new RegExp(
  '([\\t-\\r ]+|(?<=[\\w!"\'&.,?])-{2,}(?=\\w)|[^\\t-\\r ]+?(?:' +
    '-(?:(?<=[^\\d\\W]{2}-)|(?<=[^\\d\\W]-[^\\d\\W]-))(?=[^\\d\\W]-?[^\\d\\W])|' +
    '(?=[\\t-\\r ]|$)|(?<=[\\w!"\'&.,?])(?=-{2,}\\w)))',
);
const WORDS = /([\t-\r ]+)/;

/** Breaks one line. */
export function wrapText(
  line: string,
  { width, breaksLong, breaksHyphens }: WrapOptions,
): string[] {
  const pattern = breaksHyphens ? WITH_HYPHENS : WORDS;
  const chunks = line.split(pattern).filter((chunk) => chunk !== '');
  chunks.reverse();
  const lines: string[] = [];
  const lengthOf = (chunk: string): number => characters(chunk).length;
  while (chunks.length > 0) {
    const row: string[] = [];
    let room = width;
    if (lines.length > 0 && isBlank(chunks.at(-1))) chunks.pop();
    for (let next = chunks.at(-1); next !== undefined; next = chunks.at(-1)) {
      if (lengthOf(next) > room) break;
      row.push(next);
      room -= lengthOf(next);
      chunks.pop();
    }
    const long = chunks.at(-1);
    if (long !== undefined && lengthOf(long) > width) {
      if (breaksLong) {
        const chars = characters(long);
        const taken = Math.max(1, width < 1 ? 1 : room);
        row.push(chars.slice(0, taken).join(''));
        chunks[chunks.length - 1] = chars.slice(taken).join('');
      } else if (row.length === 0) {
        row.push(long);
        chunks.pop();
      }
    }
    if (isBlank(row.at(-1))) row.pop();
    if (row.length > 0) lines.push(row.join(''));
  }
  return lines;
}

function isBlank(chunk: string | undefined): boolean {
  return chunk !== undefined && chunk.trim() === '';
}
