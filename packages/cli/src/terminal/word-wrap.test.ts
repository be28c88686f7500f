import { expect, test } from 'vitest';
import { WordWrap } from './word-wrap.ts';

const ESCAPE = '\u001b';
/** A step back, the end of a line taken away, or a letter. */
const TOKEN = new RegExp(`${ESCAPE}\\[(\\d+)D|${ESCAPE}\\[K|[^${ESCAPE}]`, 'g');

/** What a terminal of these columns shows: one that goes to the next line when it must. */
function shown(written: string, columns: number): string[] {
  const lines: string[][] = [[]];
  let column = 0;
  for (const [token, steps] of written.matchAll(TOKEN)) {
    const line = lines.at(-1)!;
    if (token === '\n') {
      lines.push([]);
      column = 0;
    } else if (steps !== undefined) column = Math.max(0, Math.min(column, columns - 1) - +steps);
    else if (token === `${ESCAPE}[K`) line.length = Math.min(column, columns - 1);
    else {
      if (column === columns) {
        lines.push([]);
        column = 0;
      }
      lines.at(-1)![column++] = token;
    }
  }
  return lines.map((line) => line.join('').trimEnd());
}

const TEXT =
  'So he went on, and then he began to feel better. He was so frightened that he could not\n' +
  '  help, and an-extraordinarily-long-word-that-fits-no-line came “along” …\n\nThe end.';

/** Pieces of 1 to 7 letters, as a seed says. */
function piecesOf(text: string, seed: number): string[] {
  const pieces: string[] = [];
  for (let at = 0, state = seed; at < text.length;) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    const end = at + 1 + (Math.floor(state / 2 ** 16) % 7);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

test.each([8, 13, 20, 31, 40, 90])(
  'at %i columns no word is broken that fits, and all are there',
  (columns) => {
    const words = TEXT.split(/\s+/);
    for (let seed = 1; seed <= 40; seed++) {
      const wrap = new WordWrap();
      const written = piecesOf(TEXT, seed).map((piece) => wrap.add(piece, columns));
      const lines = shown(written.join(''), columns);
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
      const seen = lines.join('\n').split(/\s+/);
      const long = words.filter((word) => word.length > columns);
      if (long.length === 0) expect(seen).toEqual(words);
      for (const word of words) if (word.length <= columns) expect(seen).toContain(word);
      expect(seen.join('')).toBe(words.join(''));
    }
  },
);

test('what fits is written as it comes, what takes two cells is left to the terminal', () => {
  const wrap = new WordWrap();
  expect(wrap.add('\tone  two\n  three', 40)).toBe('\tone  two\n  three');
  expect(wrap.add(' 昔々あるところに、おじいさん', 12)).toBe(' 昔々あるところに、おじいさん');
});

test('after another line it begins anew', () => {
  const wrap = new WordWrap();
  wrap.add('seven c', 8);
  wrap.reset();
  expect(wrap.add('olumns', 8)).toBe('olumns');
});
