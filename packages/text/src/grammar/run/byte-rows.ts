/**
 * Where each byte leads from each state, in rows of 256 that are made when a state is first asked.
 *
 * Rows lie side by side in large blocks: thousands of small arrays would be the collector's work.
 */

export const UNKNOWN = -2;

const ROW = 256;
const BLOCK_ROWS = 64;

export class ByteRows {
  readonly #blocks: Int32Array[] = [];
  /** Row of each state; -1 if it has none. */
  #rows = new Int32Array(256).fill(-1);
  #count = 0;

  /** Where a byte leads from a state; UNKNOWN if nobody has said. */
  get(state: number, byte: number): number {
    const row = state < this.#rows.length ? this.#rows[state]! : -1;
    if (row < 0) return UNKNOWN;
    return this.#blocks[(row / BLOCK_ROWS) | 0]![(row % BLOCK_ROWS) * ROW + byte]!;
  }

  set(state: number, byte: number, to: number): void {
    if (state >= this.#rows.length) this.#grow(state + 1);
    let row = this.#rows[state]!;
    if (row < 0) {
      row = this.#count++;
      this.#rows[state] = row;
      if (row % BLOCK_ROWS === 0) {
        this.#blocks.push(new Int32Array(ROW * BLOCK_ROWS).fill(UNKNOWN));
      }
    }
    this.#blocks[(row / BLOCK_ROWS) | 0]![(row % BLOCK_ROWS) * ROW + byte] = to;
  }

  #grow(count: number): void {
    const rows = new Int32Array(Math.max(count, this.#rows.length * 2)).fill(-1);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}
