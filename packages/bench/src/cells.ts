/**
 * Cells of a terminal: how many a text takes, what fits, and where a line is broken that does not.
 * Styles take none, Chinese, Japanese and Korean characters and most pictures take two.
 */
import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';

/** Cells that a text takes. */
export function cellsOf(text: string): number {
  const bare = stripVTControlCharacters(text);
  if (isPlain(bare)) return bare.length;
  let cells = 0;
  for (const { segment } of characters().segment(bare)) {
    cells += cellsOfOne(segment);
  }
  return cells;
}

/** The longest beginning of a text without styles that fits in `cells`, in whole characters. */
export function fitting(text: string, cells: number): string {
  if (isPlain(text.slice(0, cells + 1))) return text.slice(0, cells); // and no mark follows
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

/**
 * Breaks a line at spaces; it goes on under where its value begins, behind a name and two spaces.
 * A word that is wider than a line is broken too.
 */
export function wrapLine(line: string, width: number): string[] {
  if (width === Infinity || cellsOf(line) <= width) return [line];
  const [lead = ''] = /^ *(\S+( \S+)* {2,}(?=\S))?/.exec(line) ?? [];
  const leadCells = cellsOf(lead);
  const indent = ' '.repeat(leadCells <= width / 2 ? leadCells : 2);
  const lines: string[] = [];
  let current = '';
  for (const word of line.slice(lead.length).split(' ')) {
    const before = current === '' ? (lines.length === 0 ? lead : indent) : `${current} `;
    if (current !== '' && cellsOf(before + word) > width) {
      lines.push(current);
      current = indent + word;
    } else current = before + word;
    if (stripVTControlCharacters(current) !== current) continue;
    for (let room = roomOf(current, width); room < current.length; room = roomOf(current, width)) {
      const end = breakOf(current, { room, from: indent.length });
      lines.push(current.slice(0, end));
      current = indent + current.slice(end);
    }
  }
  return [...lines, current].map((each) => each.trimEnd());
}

/** How much of a line fits. */
function roomOf(line: string, width: number): number {
  return fitting(line, width).length;
}

/** Where a word that is too wide is broken: behind a comma, a colon or a slash, if it has one. */
function breakOf(line: string, { room, from }: { room: number; from: number }): number {
  const ends = [',', ':', '/'].map((mark) => line.lastIndexOf(mark, room - 1) + 1);
  // Where not even one character fits, it is written all the same.
  return ends.find((end) => end > from + 1) ?? Math.max(room, from + 1);
}

/** Whether each character takes one cell, as those of ASCII and Latin-1 and our own marks do. */
function isPlain(text: string): boolean {
  return /^[ -~\u00a0-\u00ac\u00ae-\u02ff–—…→←⇄×│─█░▁-▇]*$/.test(text);
}

/** Of one character as readers see it: pictures have two, what only joins or controls has none. */
function cellsOfOne(character: string): number {
  if (character === '\t') return 1; // at least
  if (/^[\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Format}\p{Control}]+$/u.test(character)) return 0;
  if (/^\p{Emoji_Presentation}|\ufe0f/u.test(character)) return 2;
  const [first = '', ...more] = character;
  const spacing = more.filter((each) => /[\p{Spacing_Mark}\u0e33\u0eb3\uff9e\uff9f]/u.test(each));
  return eastAsianWidth(first.codePointAt(0)!) + spacing.length;
}

let segmenter: Intl.Segmenter | undefined;

/** Made when it is first asked: it takes as long as all else of a short command. */
function characters(): Intl.Segmenter {
  return (segmenter ??= new Intl.Segmenter());
}
