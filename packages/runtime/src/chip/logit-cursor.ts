/**
 * Walks the logits that the tiles of one chip hand over: row by row, each tile's columns in turn,
 * in stretches that fit a frame. Both ends walk alike, so that frames need no addresses.
 */
import type { Plan } from '@wafer/core';
import type { HostLayout } from '../host.ts';

export class LogitCursor {
  /** Tiles of the chip that report logits. */
  readonly tileCount: number;
  readonly #parts: { firstId: number; count: number }[];
  readonly #base: number;
  readonly #rowBytes: number;
  #row = 0;
  #part = 0;
  #offset = 0;

  constructor(
    plan: Plan,
    chip: { chipOf: readonly number[]; chip: number },
    layout: Pick<HostLayout, 'logits'>,
  ) {
    this.#parts = plan.headTiles
      .filter((tile) => chip.chipOf[tile] === chip.chip)
      .map((tile) => {
        const found = plan.tiles[tile]!.programs.infer.find(({ op }) => op === 'logits');
        if (found?.op !== 'logits') return { firstId: 0, count: 0 };
        return { firstId: found.firstId, count: found.weights?.rows ?? 0 };
      });
    this.tileCount = this.#parts.length;
    this.#base = layout.logits;
    this.#rowBytes = plan.spec.vocabCount * 4;
  }

  /** Rows that were walked to their end. */
  get row(): number {
    return this.#row;
  }

  /** Where the next stretch lies in the host memory. */
  get address(): number {
    const { firstId } = this.#parts[this.#part]!;
    return this.#base + this.#row * this.#rowBytes + firstId * 4 + this.#offset;
  }

  /** Bytes up to the end of the columns of the tile whose turn it is. */
  get bytesLeft(): number {
    return (this.#parts[this.#part]?.count ?? 0) * 4 - this.#offset;
  }

  /** Goes on by a stretch, to the next tile's columns after the last or an empty one. */
  advance(bytes: number): void {
    this.#offset += bytes;
    if (bytes > 0 && this.bytesLeft > 0) return;
    this.#offset = 0;
    this.#part++;
    if (this.#part < this.#parts.length) return;
    this.#part = 0;
    this.#row++;
  }

  /** Goes back to the first row. */
  reset(): void {
    this.#row = 0;
    this.#part = 0;
    this.#offset = 0;
  }
}
