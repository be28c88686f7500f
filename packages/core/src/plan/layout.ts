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

/** What a buffer holds. */
export type BufferRole =
  | 'control' // the tile's header, and the lines of its channels
  | 'record' // a step record
  | 'shard' // weights, and vectors beside them
  | 'adapter' // slots of adapters that are loaded later
  | 'constant' // gains of norms that have none
  | 'kv' // KV blocks of all positions
  | 'kv-windows' // KV blocks of layers that see a window or a chunk
  | 'activations' // rows of a step, and what routing decided about them
  | 'scratch';

/** How long its content counts: until the next layer or step, or as long as the wafer runs. */
export type BufferLifetime = 'layer' | 'step' | 'run';

/** What a stretch of SRAM is for. */
export interface BufferUse {
  role: BufferRole;
  lifetime: BufferLifetime;
}

/** A named stretch of a tile's SRAM. The name is for people: nothing is read from it. */
export interface SramBuffer extends BufferUse {
  name: string;
  address: number; // bytes
  bytes: number;
}

/** Grows one tile's memory map. */
export class SramLayout {
  readonly buffers: SramBuffer[] = [];
  #end = 0;

  /** Address of a new buffer. */
  add(name: string, bytes: number, { role, lifetime }: BufferUse): number {
    assert(Number.isSafeInteger(bytes) && bytes >= 0, 'a buffer has a size', { name, bytes });
    const address = this.#end;
    this.buffers.push({ name, address, bytes, role, lifetime });
    this.#end = Math.ceil((address + bytes) / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  get bytes(): number {
    return this.#end;
  }
}

/** Bytes of the buffers with a role. */
export function bytesOf(buffers: readonly SramBuffer[], role: BufferRole): number {
  return buffers.reduce((sum, buffer) => sum + (buffer.role === role ? buffer.bytes : 0), 0);
}
