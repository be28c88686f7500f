/**
 * Cells of a terminal: how many a text takes, and what fits. Styles take none, Chinese, Japanese
 * and Korean characters and most pictures take two.
 */
import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();

/** Cells that a text takes. */
export function cellsOf(text: string): number {
  return isPlain(text) ? text.length : stringWidth(text);
}

/** The longest beginning of a text without styles that takes at most `cells`, in whole characters. */
export function fitting(text: string, cells: number): string {
  if (isPlain(text)) return text.slice(0, cells);
  let end = 0;
  let taken = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    taken += stringWidth(segment);
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
