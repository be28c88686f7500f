/**
 * Text that comes in pieces, broken at spaces where a terminal ends: a word that has begun on a
 * line which it does not fit is taken back and begun again on the next one.
 *
 *     … said the Sca|            … said the      |
 *     recrow         |    →      Scarecrow       |
 *
 * Words of letters that may take two cells are left to the terminal, which breaks them anywhere.
 */
import { cellsOf } from '@wafer/bench/common';

const TAB_CELLS = 8;

export class WordWrap {
  /** Cells of the line so far. */
  #column = 0;
  /** What has come of a word whose letters take a cell each; undefined in any other. */
  #word: string | undefined = '';

  /** What to write for the next piece, on a terminal of `width` columns. */
  add(piece: string, width: number): string {
    return (piece.match(/\s|\S+/g) ?? []).map((part) => this.#part(part, width)).join('');
  }

  /** Something else was written, that ended its line. */
  reset(): void {
    this.#column = 0;
    this.#word = '';
  }

  #part(part: string, width: number): string {
    if (/^\s/.test(part)) return this.#space(part, width);
    const cells = cellsOf(part);
    const before = this.#word;
    const isPlain = /^[!-~\u00a1-\u02ff‘-”…–—]*$/.test(part);
    const word = isPlain && before !== undefined ? before + part : undefined;
    this.#word = word;
    if (this.#column + cells <= width || word === undefined || word.length > width) {
      this.#column = 1 + ((this.#column + cells - 1) % width);
      return part;
    }
    const backCells = word.length - part.length;
    // Behind the last cell, the cursor stands on it.
    const steps = backCells - (this.#column === width ? 1 : 0);
    this.#column = word.length;
    if (backCells === 0) return `\n${word}`;
    return `${steps > 0 ? `\u001b[${steps}D` : ''}\u001b[K\n${word}`;
  }

  #space(space: string, width: number): string {
    this.#word = '';
    const isEnd = space === '\n' || this.#column >= width;
    const cells = space === '\t' ? TAB_CELLS - (this.#column % TAB_CELLS) : 1;
    this.#column = isEnd ? 0 : Math.min(width, this.#column + cells);
    return isEnd ? '\n' : space;
  }
}
