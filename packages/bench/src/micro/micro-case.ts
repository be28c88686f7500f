/**
 * One micro-benchmark: something small that is called again and again, and what it produced.
 */

export interface MicroCase {
  name: string;
  /** Bytes that a call reads or carries; 0 where that says nothing. */
  bytes: number;
  /** Operations of a call; a multiply-add counts as two. */
  flops: number;
  /** Runs once. Calls leave the same output, however many there are. */
  run(): void;
  /** What the last call left. */
  output(): Uint8Array;
}

/** Hands out addresses of one memory, 16-byte aligned. */
export class Space {
  readonly memory: WebAssembly.Memory;
  #end = 64;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  add(bytes: number): number {
    const address = this.#end;
    this.#end = Math.ceil((address + bytes) / 16) * 16;
    if (this.#end > this.memory.buffer.byteLength) throw new RangeError(`full at ${this.#end}`);
    return address;
  }

  /** Space for numbers in [-1, 1), always the same. */
  addFloats(count: number): number {
    const address = this.add(count * 4);
    const values = new Float32Array(this.memory.buffer, address, count);
    for (let i = 0; i < count; i++) values[i] = ((i * 7919) % 2003) / 1001.5 - 1;
    return address;
  }

  bytes(address: number, byteCount: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, byteCount).slice();
  }
}
