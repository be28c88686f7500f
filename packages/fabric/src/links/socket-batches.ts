/**
 * Frames on their way into a socket: small ones are copied into one write at the end of a turn,
 * large ones leave as they are, as soon as they are there.
 */
import type { Socket } from 'node:net';

/** Frames of up to so many bytes in all are copied into one; more leave at once. */
const BATCH_BYTES = 32 * 1024;
/** Bytes that may wait for the socket; beyond, messages wait for room. */
const QUEUE_BYTES = 256 * 1024;

export class SocketBatches {
  readonly #socket: Socket;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #batch: Uint8Array = Buffer.allocUnsafeSlow(BATCH_BYTES);

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Whether a frame would leave soon. */
  get hasRoom(): boolean {
    return this.#queuedBytes + this.#socket.writableLength < QUEUE_BYTES;
  }

  /** Takes a frame, whose bytes stay as they are until it has left. */
  add(frame: Uint8Array): void {
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    // Large frames are on their way while the next one is checked.
    if (this.#queuedBytes >= BATCH_BYTES) this.drain();
  }

  /** Hands all frames to the socket. */
  drain(): void {
    const queue = this.#queue;
    if (queue.length === 0 || this.#socket.destroyed) return;
    const bytes = this.#queuedBytes;
    this.#queue = [];
    this.#queuedBytes = 0;
    if (queue.length === 1) {
      this.#socket.write(queue[0]!);
      return;
    }
    if (bytes <= BATCH_BYTES) {
      this.#writeBatch(queue);
      return;
    }
    this.#socket.cork();
    for (const frame of queue) this.#socket.write(frame);
    this.#socket.uncork();
  }

  /** Writes small frames as one: a copy costs less than a list of them. */
  #writeBatch(queue: readonly Uint8Array[]): void {
    let at = 0;
    for (const frame of queue) {
      this.#batch.set(frame, at);
      at += frame.length;
    }
    this.#socket.write(this.#batch.subarray(0, at));
    // Whatever could not leave at once still lies in the batch.
    if (this.#socket.writableLength > 0) this.#batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  }
}
