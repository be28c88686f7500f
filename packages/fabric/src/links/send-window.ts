/**
 * The frames that were sent and not acknowledged yet: the sending half of go-back-N.
 *
 *   base ……… next          base: the oldest frame in doubt; next: the number to be given out
 *   [f][f][f][f]           acknowledge(n) frees all before n; recovery sends all again from base
 *
 * Buffers of data frames come from a pool per channel. One goes back to it only if it was sent
 * once: what is acknowledged has left this process then, while a copy that was sent again may
 * still lie in a socket's queue.
 *
 * Source: Tanenbaum, "Computer Networks" (sliding windows, go-back-N).
 */
import { assert } from '@wafer/core';
import { FrameBuffer } from './frame.ts';
import type { FrameBuffer as Frame } from './frame.ts';

/** Buffers of one channel that are free to be written. */
export class FramePool {
  readonly #payloadBytesMax: number;
  readonly #free: Frame[] = [];

  constructor(payloadBytesMax: number) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  take(): Frame {
    return this.#free.pop() ?? new FrameBuffer(this.#payloadBytesMax);
  }

  give(frame: Frame): void {
    this.#free.push(frame);
  }
}

interface Entry {
  frame: Frame;
  pool: FramePool | undefined;
}

export class SendWindow {
  #entries: Entry[] = [];
  /** Entries before this one are acknowledged; they are cut off now and then. */
  #first = 0;
  #base: number;
  #bytes = 0;

  constructor(firstSequence: number) {
    this.#base = firstSequence | 0;
  }

  /** The number the next frame gets. */
  get next(): number {
    return (this.#base + this.count) | 0;
  }

  get count(): number {
    return this.#entries.length - this.#first;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(frame: Frame, pool?: FramePool): void {
    if (frame.sequence !== this.next) this.#refuse(frame, this.next);
    this.#entries.push({ frame, pool });
    this.#bytes += frame.byteLength;
  }

  /** Frees frames before `sequence`. Returns their count; -1 if that was never given out. */
  acknowledge(sequence: number): number {
    const count = (sequence - this.#base) | 0;
    if (count > this.count) return -1;
    if (count <= 0) return 0;
    for (let i = 0; i < count; i++) {
      const { frame, pool } = this.#entries[this.#first + i]!;
      if (frame.sequence !== ((this.#base + i) | 0)) this.#refuse(frame, this.#base + i);
      this.#bytes -= frame.byteLength;
      if (frame.transmissions === 1) pool?.give(frame);
    }
    this.#first += count;
    this.#base = sequence | 0;
    if (this.#first > 64 && this.#first * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
    return count;
  }

  #refuse({ sequence }: Frame, expected: number): never {
    assert(false, 'frames in doubt are numbered in order', { sequence, expected: expected | 0 });
  }

  /** Calls `send` with every frame in doubt, oldest first. */
  forEach(send: (frame: Frame) => void): void {
    for (let i = this.#first; i < this.#entries.length; i++) send(this.#entries[i]!.frame);
  }
}
