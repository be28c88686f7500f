/**
 * Messages of any length as JSON over one channel of a link, in pieces.
 *
 * The row count of a piece says how many follow. What cannot be sent yet waits for `flush`.
 */
import { WaferError } from '@wafer/core';
import type { FramePayload, LinkMessage, SocketLink } from '@wafer/fabric/links';
import { PIECE_BYTES } from './protocol.ts';

/** Longest message that is put together. */
const MESSAGE_BYTES_MAX = 256 * 2 ** 20;

export class ControlChannel<Outgoing, Incoming> {
  readonly #link: SocketLink;
  readonly #channels: { out: number; in: number };
  readonly #waiting: { bytes: Uint8Array; rest: number }[] = [];
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(link: SocketLink, channels: { out: number; in: number }) {
    this.#link = link;
    this.#channels = channels;
  }

  say(message: Outgoing): void {
    const whole = Buffer.from(JSON.stringify(message));
    const count = Math.ceil(whole.length / PIECE_BYTES);
    for (let i = 0; i < count; i++) {
      const bytes = whole.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES);
      this.#waiting.push({ bytes, rest: count - 1 - i });
    }
    this.flush();
  }

  /** Sends what waits, as far as the link takes it. */
  flush(): void {
    const { out } = this.#channels;
    while (this.#waiting.length > 0 && this.#link.canSend(out)) {
      const { bytes, rest } = this.#waiting.shift()!;
      const rows = { rowCount: rest, hasIndices: false, payloadBytes: bytes.length };
      this.#link.send(out, rows, (payload) => payload.set(bytes));
    }
  }

  /** Takes a piece; the message, if it is the last one. Throws: LINK_FRAME. */
  take({ rowCount: rest }: LinkMessage, payload: FramePayload): Incoming | undefined {
    const piece = new Uint8Array(payload.byteLength);
    payload.read(piece);
    this.#link.release(this.#channels.in);
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes > MESSAGE_BYTES_MAX)
      throw refusal(`a message above ${MESSAGE_BYTES_MAX} bytes`);
    if (rest > 0) return undefined;
    const text = Buffer.concat(this.#pieces).toString();
    this.#pieces = [];
    this.#bytes = 0;
    try {
      return JSON.parse(text) as Incoming;
    } catch {
      throw refusal('a message that is no JSON');
    }
  }
}

function refusal(reason: string): WaferError {
  return new WaferError('LINK_FRAME', { link: 'Wafer.Link[host]', reason });
}
