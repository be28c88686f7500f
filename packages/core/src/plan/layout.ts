/**
 * Hands out the SRAM of one tile: named buffers, 64-byte aligned, never moved, never freed.
 *
 *   0            control: step words, then one 64-byte line per inbound channel
 *   …            weights · KV blocks · activation windows · step records · scratch
 *
 * Nothing is allocated after start; what a tile may ever need is in its layout.
 */
import { assert } from '../errors.ts';

const ALIGNMENT = 64; // one cache line: no two buffers share one

/** A named stretch of a tile's SRAM. */
export interface SramBuffer {
  name: string;
  address: number; // bytes
  bytes: number;
}

/** Grows one tile's memory map. */
export class SramLayout {
  readonly buffers: SramBuffer[] = [];
  #end = 0;

  /** Address of a new buffer. */
  add(name: string, bytes: number): number {
    assert(Number.isSafeInteger(bytes) && bytes >= 0, 'a buffer has a size', { name, bytes });
    const address = this.#end;
    this.buffers.push({ name, address, bytes });
    this.#end = Math.ceil((address + bytes) / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  get bytes(): number {
    return this.#end;
  }
}
