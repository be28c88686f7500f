/**
 * Finds frames in a stream of bytes, whatever pieces it comes in, and trusts none of it.
 *
 *   bytes ─▶ header (32 bytes, checked) ─▶ payload (pieces of the chunks, checked) ─▶ sink
 *              │ damaged: look for the next magic, byte by byte
 *
 * Damage is reported once per loss and never delivered; bytes that are sound but break the
 * protocol throw a coded error. A payload stays in the chunks it came in until the sink copies it
 * to where it belongs. A payload in very many pieces is gathered, so that memory stays within one
 * payload and a few views.
 */
import { crc32 } from 'node:zlib';
import { assert, WaferError } from '@wafer/core';
import type { FrameHeader } from './frame.ts';
import {
  CONTROL_BYTES_MAX,
  emptyHeader,
  FRAME,
  FRAME_MAGIC,
  FRAME_VERSION,
  frameBytes,
  hasTag,
  HEADER_BYTES,
  readHeader,
  TAG_BYTES,
} from './frame.ts';
import type { FrameOpener } from './frame-tags.ts';

/** Pieces of a payload that are kept as views; beyond, it is gathered in one buffer. */
const PIECES_MAX = 1024;

/** The payload of one frame, read from front to back. Valid only while the sink handles it. */
export class FramePayload {
  #pieces: Uint8Array[] = [];
  #gathered: Uint8Array | undefined;
  #filled = 0;
  #piece = 0;
  #offset = 0;
  #isSkipped = false;
  byteLength = 0;

  /** Empties it for a payload of the given length, which is not kept if `isSkipped`. */
  reset(byteLength: number, isSkipped = false): void {
    this.#isSkipped = isSkipped;
    this.#pieces.length = 0;
    this.#gathered = undefined;
    this.#filled = 0;
    this.#piece = 0;
    this.#offset = 0;
    this.byteLength = byteLength;
  }

  get missingBytes(): number {
    return this.byteLength - this.#filled;
  }

  /** Takes the next piece. */
  add(piece: Uint8Array): void {
    if (!this.#isSkipped) this.#keep(piece);
    this.#filled += piece.length;
  }

  #keep(piece: Uint8Array): void {
    if (this.#gathered === undefined && this.#pieces.length === PIECES_MAX) this.#gather();
    if (this.#gathered === undefined) this.#pieces.push(piece);
    else this.#gathered.set(piece, this.#filled);
  }

  #gather(): void {
    const gathered = new Uint8Array(this.byteLength);
    let at = 0;
    for (const piece of this.#pieces) {
      gathered.set(piece, at);
      at += piece.length;
    }
    this.#gathered = gathered;
    this.#pieces = [gathered];
  }

  /** Copies the next bytes to where they belong, as many as fit there. */
  read(target: Uint8Array): void {
    let at = 0;
    while (at < target.length) {
      const piece = this.#pieces[this.#piece];
      if (piece === undefined) throw new RangeError('read beyond the payload');
      const count = Math.min(target.length - at, piece.length - this.#offset);
      const isWhole = count === piece.length;
      target.set(isWhole ? piece : piece.subarray(this.#offset, this.#offset + count), at);
      at += count;
      this.#offset += count;
      if (this.#offset === piece.length) {
        this.#piece++;
        this.#offset = 0;
      }
    }
  }
}

export interface FrameSink {
  /** A sound frame. Both arguments are used again after the call. */
  onFrame(header: Readonly<FrameHeader>, payload: FramePayload): void;
  /** Bytes were lost or altered; called once until a sound frame follows. */
  onDamage(): void;
}

/** The receiving end of the codec. */
export class FrameDecoder {
  readonly #name: string;
  readonly #sink: FrameSink;
  readonly #payloadBytesMax: () => number | undefined;
  readonly #words = new Int32Array(HEADER_BYTES / 4);
  readonly #bytes: Uint8Array = new Uint8Array(this.#words.buffer);
  readonly #checked: Uint8Array = this.#bytes.subarray(0, HEADER_BYTES - 4);
  readonly #header: FrameHeader = emptyHeader(FRAME.ack);
  readonly #payload = new FramePayload();
  #headerFilled = 0;
  readonly #tags: (() => FrameOpener | undefined) | undefined;
  /** Judges the frame at hand, if it has a tag. */
  #opener: FrameOpener | undefined;
  #check = 0;
  readonly #trailer = new Uint8Array(TAG_BYTES);
  #trailerBytes = 0;
  #trailerFilled = 0;
  #isInPayload = false;
  #isLost = false;
  #isSkipped = false;
  /** Bytes that belonged to no sound frame. */
  lostBytes = 0;

  /**
   * `payloadBytesMax` bounds data frames; while it is undefined, they are skipped. With `tags`,
   * frames have tags, and are skipped where it returns nobody who could judge them.
   */
  constructor(parts: {
    name: string;
    sink: FrameSink;
    payloadBytesMax: () => number | undefined;
    tags?: (() => FrameOpener | undefined) | undefined;
  }) {
    this.#name = parts.name;
    this.#tags = parts.tags;
    this.#sink = parts.sink;
    this.#payloadBytesMax = parts.payloadBytesMax;
  }

  /** Takes the next bytes of the stream. Throws: LINK_FRAME, LINK_VERSION. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      at = this.#isInPayload ? this.#takePayload(chunk, at) : this.#takeHeader(chunk, at);
    }
  }

  #takeHeader(chunk: Uint8Array, start: number): number {
    let at = start;
    let filled = this.#headerFilled;
    const bytes = this.#bytes;
    while (filled < HEADER_BYTES && at < chunk.length) bytes[filled++] = chunk[at++]!;
    this.#headerFilled = filled;
    if (filled < HEADER_BYTES) return at;
    const verdict = readHeader(this.#words, this.#checked, this.#header);
    if (verdict === 'damaged') {
      this.#lose();
      this.#seekMagic();
      return at;
    }
    this.#headerFilled = 0;
    if (verdict === 'version') {
      const actual = bytes[2];
      throw new WaferError('LINK_VERSION', { link: this.#name, actual, expected: FRAME_VERSION });
    }
    if (verdict === 'kind') this.#refuse(`a frame of kind ${bytes[3]}`);
    this.#beginPayload();
    return at;
  }

  #beginPayload(): void {
    const { kind, payloadBytes } = this.#header;
    const bytesMax = kind === FRAME.data ? this.#payloadBytesMax() : CONTROL_BYTES_MAX;
    if (bytesMax !== undefined && payloadBytes > bytesMax) {
      this.#refuse(`a payload of ${payloadBytes} bytes, at most ${bytesMax} are due`);
    }
    const isTagged = this.#tags !== undefined && hasTag(kind);
    this.#opener = isTagged && bytesMax !== undefined ? this.#tags?.() : undefined;
    this.#opener?.begin(this.#header, this.#bytes);
    this.#isSkipped = bytesMax === undefined || (isTagged && this.#opener === undefined);
    this.#payload.reset(payloadBytes, this.#isSkipped);
    this.#trailerBytes =
      frameBytes(payloadBytes, isTagged ? TAG_BYTES : 0) - HEADER_BYTES - payloadBytes;
    this.#trailerFilled = 0;
    this.#check = this.#words[7]!;
    if (this.#trailerBytes === 0) this.#deliver();
    else this.#isInPayload = true;
  }

  #takePayload(chunk: Uint8Array, start: number): number {
    let at = start;
    const missing = this.#payload.missingBytes;
    if (missing > 0) {
      at = Math.min(start + missing, chunk.length);
      const piece = chunk.subarray(start, at);
      // Checked piece by piece: while the next is on its way, and still in the cache.
      if (this.#opener !== undefined) this.#opener.add(piece);
      else this.#check = crc32(piece, this.#check >>> 0);
      this.#payload.add(piece);
    }
    while (this.#trailerFilled < this.#trailerBytes && at < chunk.length) {
      this.#trailer[this.#trailerFilled++] = chunk[at++]!;
    }
    if (this.#trailerFilled < this.#trailerBytes) return at;
    this.#isInPayload = false;
    if (this.#isSound()) {
      this.#deliver();
    } else {
      this.lostBytes += HEADER_BYTES + this.#payload.byteLength + this.#trailerBytes;
      this.#lose();
    }
    return at;
  }

  #isSound(): boolean {
    if (this.#opener !== undefined) {
      const verdict = this.#opener.finish(this.#trailer);
      if (verdict === 'old') this.#isSkipped = true;
      return verdict !== 'forged';
    }
    if (this.#trailerBytes === TAG_BYTES) return true; // skipped
    const [a = 0, b = 0, c = 0, d = 0] = this.#trailer;
    return (a | (b << 8) | (c << 16) | (d << 24)) === (this.#check | 0);
  }

  #deliver(): void {
    const { missingBytes } = this.#payload;
    if (missingBytes !== 0) assert(false, 'a frame is delivered whole', { missingBytes });
    this.#isLost = false;
    if (this.#isSkipped) return;
    this.#sink.onFrame(this.#header, this.#payload);
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#sink.onDamage();
  }

  /** Drops bytes up to the next one that may begin a frame. */
  #seekMagic(): void {
    const bytes = this.#bytes;
    const low = FRAME_MAGIC & 0xff;
    const high = FRAME_MAGIC >>> 8;
    let at = 1;
    while (at < HEADER_BYTES) {
      if (bytes[at] === low && (at + 1 === HEADER_BYTES || bytes[at + 1] === high)) break;
      at++;
    }
    bytes.copyWithin(0, at);
    this.#headerFilled = HEADER_BYTES - at;
    this.lostBytes += at;
  }

  #refuse(reason: string): never {
    throw new WaferError('LINK_FRAME', { link: this.#name, reason });
  }
}
