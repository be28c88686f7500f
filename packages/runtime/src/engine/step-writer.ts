/**
 * Publishes steps to every tile, and makes the rows of the rope table that go with them.
 *
 * The record is built once in the host memory, then copied to a slot in each tile's SRAM: these are
 * the host channels, counted apart from tile traffic. A tile's slot is free once it has finished
 * the step before the last.
 */
import { RECORD_SLOTS, ropeTable, StepEncoder, TILE_HEADER } from '@wafer/core';
import type { Plan, RopeSource, RopeSpec, Step } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import { createCopier } from '@wafer/kernels';
import type { HostLayout } from '../host.ts';

/** Rows of the rope table, made when a position is first asked for. */
class RopeRows implements RopeSource {
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
  readonly #encoder: StepEncoder;
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
    const { rope } = plan.spec;
    this.#encoder = new StepEncoder(
      parts.host.buffer,
      { address: this.#address, bytesMax: plan.recordBytes },
      { source: new RopeRows(rope), rotaryWidth: rope.rotaryWidth },
    );
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
    for (const { words } of this.#listeners) {
      const consumed = Atomics.load(words, TILE_HEADER.consumed / 4);
      if (((this.#stepCount - consumed) | 0) >= RECORD_SLOTS) return false;
    }
    return true;
  }

  /** Writes the step to every tile and rings. Only when `canPublish`. */
  publish(step: Step): void {
    const bytes = this.#encoder.encode(step, this.#stepCount | 0);
    const slot = this.#stepCount % RECORD_SLOTS;
    this.#stepCount++;
    for (const { words, copy, records, doorbell } of this.#listeners) {
      copy(records[slot]!, this.#address, bytes);
      Atomics.store(words, TILE_HEADER.published / 4, this.#stepCount | 0);
      doorbell.ring();
    }
    this.#hostBytes += bytes * this.#listeners.length;
  }
}
