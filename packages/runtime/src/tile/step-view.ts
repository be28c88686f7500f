/**
 * Reads the step record in a tile's SRAM; no object is made per step.
 *
 * All pointers it hands out are byte addresses in the tile's SRAM, ready for the kernels.
 */
import { RECORD, SEGMENT } from '@wafer/core';

export class StepView {
  readonly #words: Int32Array;
  #record = 0; // bytes

  constructor(memory: ArrayBufferLike) {
    this.#words = new Int32Array(memory);
  }

  /** Turns to the record at an address. */
  open(record: number): void {
    this.#record = record;
  }

  get rowCount(): number {
    return this.#header(RECORD.rowCount);
  }

  get segmentCount(): number {
    return this.#header(RECORD.segmentCount);
  }

  get logitRowCount(): number {
    return this.#header(RECORD.logitRowCount);
  }

  /** Address of the rope table, [T, rotaryWidth / 2, 2]. */
  get rope(): number {
    return this.#record + this.#header(RECORD.rope);
  }

  token(row: number): number {
    return this.#words[((this.#record + this.#header(RECORD.tokens)) >>> 2) + row]!;
  }

  logitRow(index: number): number {
    return this.#words[((this.#record + this.#header(RECORD.logitRows)) >>> 2) + index]!;
  }

  segmentFirstRow(segment: number): number {
    return this.#segment(segment, SEGMENT.firstRow);
  }

  segmentRowCount(segment: number): number {
    return this.#segment(segment, SEGMENT.rowCount);
  }

  segmentStart(segment: number): number {
    return this.#segment(segment, SEGMENT.startPosition);
  }

  /** Address of the segment's block table, i32. */
  segmentBlocks(segment: number): number {
    return this.#record + this.#segment(segment, SEGMENT.blockTable);
  }

  /** Address at which block 0 of the table of windows would be; it begins with blocks seen. */
  segmentWindowBlocks(segment: number): number {
    return this.#record + this.#segment(segment, SEGMENT.windowTable);
  }

  #header(word: number): number {
    return this.#words[(this.#record >>> 2) + word]!;
  }

  #segment(segment: number, word: number): number {
    const segments = (this.#record + this.#header(RECORD.segments)) >>> 2;
    return this.#words[segments + segment * SEGMENT.words + word]!;
  }
}
