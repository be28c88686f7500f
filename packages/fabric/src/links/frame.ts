/**
 * One frame of a link: a header that checks itself, and a payload tied to it by a second CRC32.
 *
 *   word 0  magic (16 bits), version (8), kind (8)      little-endian
 *   word 1  sequence number on the link; wraps at 2^32
 *   word 2  acknowledgement: the next sequence number that is expected
 *   word 3  channel            word 4  message number on the channel
 *   word 5  rows; the top bit says that their indices come first
 *   word 6  bytes of payload   word 7  CRC32 of words 0 to 6
 *   payload, then its trailer: CRC32 of word 7 and the payload, if there is a payload; or, on a
 *   link that leaves the machine, a tag of 16 bytes (frame-tags.ts), with or without a payload
 *
 * The header checks itself, so that a length is believed only when it is sound; the trailer covers
 * the header, so that no payload meets another header. The header keeps this form in all versions.
 * Source: ISO 3309 (CRC32), as `zlib.crc32` computes it.
 */
import { crc32 } from 'node:zlib';
import { assert } from '@wafer/core';

export const FRAME_MAGIC = 0x4657;
export const FRAME_VERSION = 2;
export const HEADER_BYTES = 32;
export const TRAILER_BYTES = 4;
export const TAG_BYTES = 16;
/** Payload that a frame other than `data` may carry. */
export const CONTROL_BYTES_MAX = 256;

/**
 * What a frame is for. `data`, `credit` and `bye` have sequence numbers and are sent again until
 * they are acknowledged; the others stand for themselves. `error` tells an end that is not proved
 * why it is refused; `failure` tells one that is, and has a tag.
 */
export const FRAME = {
  hello: 1,
  proof: 2,
  data: 3,
  credit: 4,
  ack: 5,
  nak: 6,
  bye: 7,
  error: 8,
  failure: 9,
} as const;

export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

const FRAME_KIND_MAX = FRAME.failure;
const INDEX_BIT = 0x8000_0000;

/** The fields of a header, apart from its checks. */
export interface FrameHeader {
  kind: FrameKind;
  sequence: number;
  acknowledged: number;
  channel: number;
  message: number;
  rowCount: number;
  hasIndices: boolean;
  payloadBytes: number;
}

/** A header without content, to be filled in. */
export function emptyHeader(kind: FrameKind): FrameHeader {
  const zero = { sequence: 0, acknowledged: 0, channel: 0, message: 0, rowCount: 0 };
  return { kind, ...zero, hasIndices: false, payloadBytes: 0 };
}

/** Bytes that a payload takes on the link, header and trailer included. */
export function frameBytes(payloadBytes: number, tagBytes = 0): number {
  const trailerBytes = payloadBytes === 0 ? 0 : TRAILER_BYTES;
  return HEADER_BYTES + payloadBytes + (tagBytes === 0 ? trailerBytes : tagBytes);
}

export function isSequenced(kind: FrameKind): boolean {
  return kind === FRAME.data || kind === FRAME.credit || kind === FRAME.bye;
}

/** Whether a frame has a tag, on a link whose frames have them: all but those of the greeting. */
export function hasTag(kind: FrameKind): boolean {
  return kind !== FRAME.hello && kind !== FRAME.proof && kind !== FRAME.error;
}

/** Room for one frame, written once and then sent, possibly more than once. */
export class FrameBuffer {
  /** A Buffer at heart, which a socket takes as it is. */
  readonly bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #header: Uint8Array;
  #payload: Uint8Array;
  #tagged: Uint8Array;
  #frame: Uint8Array;
  #tagBytes = 0;
  sequence = 0;
  byteLength = 0;
  transmissions = 0;

  constructor(payloadBytesMax: number) {
    const whole = new ArrayBuffer((frameBytes(payloadBytesMax, TAG_BYTES) + 3) & ~3);
    this.bytes = Buffer.from(whole);
    this.#words = new Int32Array(whole, 0, HEADER_BYTES / 4);
    this.#header = new Uint8Array(whole, 0, HEADER_BYTES - 4);
    this.#payload = this.bytes;
    this.#tagged = this.bytes;
    this.#frame = this.bytes;
  }

  /** Where the payload goes. Messages of a channel are often alike, so the view is kept. */
  payload(payloadBytes: number): Uint8Array {
    if (this.#payload.length !== payloadBytes) {
      this.#payload = this.bytes.subarray(HEADER_BYTES, HEADER_BYTES + payloadBytes);
    }
    return this.#payload;
  }

  /**
   * Writes the header and its check; returns the check, where the payload's begins. `tagBytes` are
   * those of the trailer, 0 for a CRC.
   */
  writeHeader(header: FrameHeader, tagBytes = 0): number {
    const words = this.#words;
    words[0] = FRAME_MAGIC | (FRAME_VERSION << 16) | (header.kind << 24);
    words[1] = header.sequence;
    words[2] = header.acknowledged;
    words[3] = header.channel;
    words[4] = header.message;
    words[5] = header.rowCount | (header.hasIndices ? INDEX_BIT : 0);
    words[6] = header.payloadBytes;
    const check = crc32(this.#header);
    words[7] = check;
    this.sequence = header.sequence;
    this.#tagBytes = tagBytes;
    this.byteLength = frameBytes(header.payloadBytes, tagBytes);
    this.transmissions = 0;
    return check;
  }

  /** What a tag covers: header and payload. */
  get tagged(): Uint8Array {
    const length = this.byteLength - this.#tagBytes;
    if (this.#tagged.length !== length) this.#tagged = this.bytes.subarray(0, length);
    return this.#tagged;
  }

  /** Writes the tag, the last bytes of the frame. */
  writeTag(tag: Uint8Array): void {
    assert(tag.length === this.#tagBytes, 'a tag has its room', { bytes: tag.length });
    this.bytes.set(tag, this.byteLength - tag.length);
  }

  /** Writes the payload's check, the last word of the frame. */
  writeTrailer(check: number): void {
    const at = this.byteLength - TRAILER_BYTES;
    for (let i = 0; i < TRAILER_BYTES; i++) this.bytes[at + i] = check >>> (8 * i);
  }

  /** The whole frame. */
  get frame(): Uint8Array {
    if (this.#frame.length !== this.byteLength) {
      this.#frame = this.bytes.subarray(0, this.byteLength);
    }
    return this.#frame;
  }
}

/** Writes a whole frame at once. */
export function encodeFrame(header: FrameHeader, payload: Uint8Array): FrameBuffer {
  const buffer = new FrameBuffer(payload.length);
  const check = buffer.writeHeader({ ...header, payloadBytes: payload.length });
  if (payload.length > 0) {
    buffer.payload(payload.length).set(payload);
    buffer.writeTrailer(crc32(payload, check));
  }
  return buffer;
}

/** What a header says of itself: sound, from another version, or no header. */
export type HeaderVerdict = 'sound' | 'version' | 'kind' | 'damaged';

/** Reads a header out of eight words; `checked` are the bytes of the first seven. */
export function readHeader(
  words: Int32Array,
  checked: Uint8Array,
  header: FrameHeader,
): HeaderVerdict {
  const first = words[0]!;
  if ((first & 0xffff) !== FRAME_MAGIC) return 'damaged';
  if ((crc32(checked) | 0) !== words[7]) return 'damaged';
  if (((first >>> 16) & 0xff) !== FRAME_VERSION) return 'version';
  const kind = first >>> 24;
  if (kind === 0 || kind > FRAME_KIND_MAX) return 'kind';
  const rows = words[5]!;
  header.kind = kind as FrameKind;
  header.sequence = words[1]!;
  header.acknowledged = words[2]!;
  header.channel = words[3]! >>> 0;
  header.message = words[4]!;
  header.rowCount = rows & ~INDEX_BIT;
  header.hasIndices = rows < 0;
  header.payloadBytes = words[6]! >>> 0;
  return 'sound';
}
