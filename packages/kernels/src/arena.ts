/**
 * A tile's memory for checks and benchmarks: buffers between guard zones, full of junk.
 *
 * The whole memory holds junk before a kernel runs, so that what is read unset shows; afterwards
 * `strayWrite` finds any byte changed outside the buffers that the kernel may write.
 */
import type { Rounding } from '@wafer/core';
import { compileKernels } from './compile.ts';
import { instantiateKernels, MEMORY_PAGES_MAX } from './instantiate.ts';
import type { Kernels } from './kernels.ts';

const GUARD_BYTES = 64;
const PAGE_BYTES = 65536;
const JUNK = 0xa5; // as f32: a small negative number

/** A stretch of an arena. */
export interface Stretch {
  address: number;
  bytes: number;
}

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  readonly #bytes: Uint8Array;
  #end = GUARD_BYTES;

  constructor(rounding: Rounding, bytes: number, options: { isWide?: boolean } = {}) {
    const initial = Math.ceil(bytes / PAGE_BYTES);
    this.memory = new WebAssembly.Memory({ initial, maximum: MEMORY_PAGES_MAX, shared: true });
    this.kernels = instantiateKernels(compileKernels(rounding), this.memory, options);
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.clear();
  }

  /** Frees all stretches and fills the memory with junk. */
  clear(): void {
    this.#end = GUARD_BYTES;
    this.#bytes.fill(JUNK);
  }

  /** A new stretch, 16-byte aligned, guarded on both sides. */
  add(bytes: number): Stretch {
    const address = this.#end;
    this.#end = Math.ceil((address + bytes + GUARD_BYTES) / 16) * 16;
    if (this.#end > this.#bytes.length) throw new RangeError(`arena is full: ${this.#end} bytes`);
    return { address, bytes };
  }

  /** A new stretch with contents. */
  put(contents: Float32Array | Int32Array | Uint8Array): Stretch {
    const stretch = this.add(contents.byteLength);
    const { buffer, byteOffset, byteLength } = contents;
    this.#bytes.set(new Uint8Array(buffer, byteOffset, byteLength), stretch.address);
    return stretch;
  }

  /** A stretch as f32, shared with the kernels. */
  floats({ address, bytes }: Stretch): Float32Array {
    return new Float32Array(this.memory.buffer, address, bytes / 4);
  }

  /** A stretch as i32, shared with the kernels. */
  integers({ address, bytes }: Stretch): Int32Array {
    return new Int32Array(this.memory.buffer, address, bytes / 4);
  }

  /** Runs a kernel; returns the first address changed outside of `writable`, or -1. */
  strayWrite(writable: readonly Stretch[], run: () => void): number {
    const before = this.#bytes.slice();
    run();
    for (const { address, bytes } of writable) {
      before.set(this.#bytes.subarray(address, address + bytes), address);
    }
    if (Buffer.compare(before, this.#bytes) === 0) return -1;
    return before.findIndex((byte, address) => byte !== this.#bytes[address]);
  }
}
