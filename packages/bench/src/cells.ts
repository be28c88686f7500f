/**
 * Cells of a terminal: how many a text takes, and what fits. Styles take none, Chinese, Japanese
 * and Korean characters and most pictures take two.
 */
import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';

/** Cells that a text takes. */
export function cellsOf(text: string): number {
  if (isPlain(text)) return text.length;
  let cells = 0;
  for (const { segment } of characters().segment(stripVTControlCharacters(text))) {
    cells += cellsOfOne(segment);
  }
  return cells;
}

/** The longest beginning of a text without styles that fits in `cells`, in whole characters. */
export function fitting(text: string, cells: number): string {
  if (isPlain(text)) return text.slice(0, cells);
  let end = 0;
  let taken = 0;
  for (const { segment, index } of characters().segment(text)) {
    taken += cellsOfOne(segment);
    if (taken > cells) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

/** A text with spaces behind it, `cells` wide at least. */
export function padded(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - cellsOf(text)));
}

/** Whether each character takes one cell, as those of ASCII do. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** Of one character as readers see it: pictures have two, what only joins or controls has none. */
function cellsOfOne(character: string): number {
  if (/^[\p{Mark}\p{Format}\p{Control}]+$/u.test(character)) return 0;
  if (/^\p{Emoji_Presentation}|\ufe0f/u.test(character)) return 2;
  return eastAsianWidth(character.codePointAt(0)!);
}

let segmenter: Intl.Segmenter | undefined;

/** Made when it is first asked: it takes as long as all else of a short command. */
function characters(): Intl.Segmenter {
  return (segmenter ??= new Intl.Segmenter());
}
