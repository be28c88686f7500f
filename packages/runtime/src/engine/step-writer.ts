/**
 * Encodes a step as the record that tiles read, and publishes it to every tile.
 *
 * The record is built once in the host memory, then copied to a slot in each tile's SRAM: these are
 * the host channels, counted apart from tile traffic. A tile's slot is free once it has finished
 * the step before the last.
 */
import { RECORD, RECORD_SLOTS, ropeTable, SEGMENT, TILE_HEADER } from '@wafer/core';
import type { Plan, RopeSpec } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import { createCopier } from '@wafer/kernels';
import type { HostLayout } from '../host.ts';
import type { Step } from './step.ts';

const ALIGNMENT = 16;

/** Rows of the rope table, made when a position is first asked for. */
class RopeRows {
  readonly #rotaryWidth: number;
  readonly #rowOf: (position: number) => Float32Array;
  #rows: Float32Array;
  #known = 0;

  constructor(rope: RopeSpec) {
    this.#rotaryWidth = rope.rotaryWidth;
    this.#rowOf = ropeTable(rope);
    this.#rows = new Float32Array(64 * rope.rotaryWidth);
  }

  /** Copies rows of consecutive positions to `target` at `offset` (elements). */
  copy(target: Float32Array, offset: number, positions: { start: number; count: number }): void {
    const end = positions.start + positions.count;
    this.#grow(end);
    const width = this.#rotaryWidth;
    target.set(this.#rows.subarray(positions.start * width, end * width), offset);
  }

  #grow(end: number): void {
    const width = this.#rotaryWidth;
    if (end * width > this.#rows.length) {
      const larger = new Float32Array(Math.max(end * width, 2 * this.#rows.length));
      larger.set(this.#rows);
      this.#rows = larger;
    }
    for (; this.#known < end; this.#known++) {
      this.#rows.set(this.#rowOf(this.#known), this.#known * width);
    }
  }
}

/** One tile as the writer sees it. */
interface Listener {
  words: Int32Array;
  copy: (target: number, source: number, bytes: number) => void;
  records: readonly number[];
  doorbell: Doorbell;
}

export class StepWriter {
  readonly #listeners: Listener[];
  readonly #words: Int32Array;
  readonly #floats: Float32Array;
  readonly #rope: RopeRows;
  readonly #rotaryWidth: number;
  readonly #address: number;
  #stepCount = 0;
  #hostBytes = 0;

  constructor(
    plan: Plan,
    parts: {
      host: WebAssembly.Memory;
      layout: HostLayout;
      memories: ReadonlyMap<number, WebAssembly.Memory>;
      doorbells: Int32Array;
      threadOf: readonly number[];
    },
  ) {
    this.#address = parts.layout.record;
    this.#words = new Int32Array(parts.host.buffer);
    this.#floats = new Float32Array(parts.host.buffer);
    this.#rope = new RopeRows(plan.spec.rope);
    this.#rotaryWidth = plan.spec.rope.rotaryWidth;
    this.#listeners = plan.tiles.map((tile) => {
      const memory = parts.memories.get(tile.index)!;
      return {
        words: new Int32Array(memory.buffer, 0, 2),
        copy: createCopier(parts.host, memory).copy,
        records: tile.records,
        doorbell: new Doorbell(parts.doorbells, parts.threadOf[tile.index]!),
      };
    });
  }

  /** Steps published so far. */
  get stepCount(): number {
    return this.#stepCount;
  }

  /** Bytes written to the tiles' records so far. */
  get hostBytes(): number {
    return this.#hostBytes;
  }

  /** Whether every tile has a free slot. */
  canPublish(): boolean {
    return this.#listeners.every(({ words }) => {
      const consumed = Atomics.load(words, TILE_HEADER.consumed / 4);
      return ((this.#stepCount - consumed) | 0) < RECORD_SLOTS;
    });
  }

  /** Writes the step to every tile and rings. Only when `canPublish`. */
  publish(step: Step): void {
    const bytes = this.#encode(step);
    const slot = this.#stepCount % RECORD_SLOTS;
    this.#stepCount++;
    for (const { words, copy, records, doorbell } of this.#listeners) {
      copy(records[slot]!, this.#address, bytes);
      Atomics.store(words, TILE_HEADER.published / 4, this.#stepCount | 0);
      doorbell.ring();
    }
    this.#hostBytes += bytes * this.#listeners.length;
  }

  /** Builds the record; its bytes. */
  #encode(step: Step): number {
    const { rowCount, segments, logitRows } = step;
    const words = this.#words;
    const base = this.#address / 4;
    let end = RECORD.words * 4; // bytes from the record's start
    const reserve = (wordCount: number): number => {
      const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
      end = offset + wordCount * 4;
      return offset;
    };
    words[base + RECORD.rowCount] = rowCount;
    words[base + RECORD.segmentCount] = segments.length;
    words[base + RECORD.logitRowCount] = logitRows.length;
    const tokens = reserve(rowCount);
    words[base + RECORD.tokens] = tokens;
    for (let row = 0; row < rowCount; row++) words[base + tokens / 4 + row] = step.tokens[row]!;
    const logits = reserve(logitRows.length);
    words[base + RECORD.logitRows] = logits;
    for (let i = 0; i < logitRows.length; i++) words[base + logits / 4 + i] = logitRows[i]!;
    const table = reserve(segments.length * SEGMENT.words);
    words[base + RECORD.segments] = table;
    const rope = reserve(rowCount * this.#rotaryWidth);
    words[base + RECORD.rope] = rope;
    for (let i = 0; i < segments.length; i++) {
      const { firstRow, rowCount: count, startPosition: start } = segments[i]!;
      const { blocks, windowBlocks, windowFirst } = segments[i]!;
      const at = base + table / 4 + i * SEGMENT.words;
      words[at + SEGMENT.firstRow] = firstRow;
      words[at + SEGMENT.rowCount] = count;
      words[at + SEGMENT.startPosition] = start;
      const blockTable = reserve(blocks.length);
      words[at + SEGMENT.blockTable] = blockTable;
      for (let b = 0; b < blocks.length; b++) words[base + blockTable / 4 + b] = blocks[b]!;
      const windows = reserve(windowBlocks.length);
      words[at + SEGMENT.windowTable] = windows - 4 * windowFirst;
      for (let b = 0; b < windowBlocks.length; b++) {
        words[base + windows / 4 + b] = windowBlocks[b]!;
      }
      this.#rope.copy(this.#floats, base + rope / 4 + firstRow * this.#rotaryWidth, {
        start,
        count,
      });
    }
    words[base + RECORD.bytes] = end;
    return end;
  }
}
