/**
 * Makes the frames of one end and hands them to the wire, each with the latest acknowledgement.
 *
 * A payload is written in place by whoever sends it, then checked, or sealed with a tag. Frames
 * with a sequence number are kept for sending again.
 */
import { crc32 } from 'node:zlib';
import { assert } from '@wafer/core';
import { emptyHeader, FRAME, FrameBuffer, hasTag, TAG_BYTES } from './frame.ts';
import type { FrameHeader, FrameKind } from './frame.ts';
import type { FrameSealer } from './frame-tags.ts';
import type { SendingChannel } from './link-channels.ts';
import type { LinkStats, LinkWire } from './link-spec.ts';
import type { Recovery } from './recovery.ts';

/** Rows of a message to be sent; with indices, they are the payload's first words. */
export interface OutgoingRows {
  rowCount: number;
  hasIndices: boolean;
  payloadBytes: number;
}

export class FrameWriter {
  readonly #wire: LinkWire;
  readonly #recovery: Recovery;
  readonly #stats: LinkStats;
  readonly #now: () => number;
  readonly #header: FrameHeader = emptyHeader(FRAME.data);
  #sealer: FrameSealer | undefined;

  constructor(parts: { wire: LinkWire; recovery: Recovery; stats: LinkStats; now: () => number }) {
    this.#wire = parts.wire;
    this.#recovery = parts.recovery;
    this.#stats = parts.stats;
    this.#now = parts.now;
  }

  /** From now on, all frames but those of the greeting get tags. */
  sealWith(sealer: FrameSealer): void {
    this.#sealer = sealer;
  }

  /** Writes the next message of a channel; `fill` writes its payload in place. */
  writeMessage(
    channel: SendingChannel,
    rows: OutgoingRows,
    fill: (payload: Uint8Array) => void,
  ): void {
    const { payloadBytes } = rows;
    const { bytesMax } = channel.spec;
    if (payloadBytes > bytesMax || (rows.hasIndices && rows.rowCount * 4 > payloadBytes)) {
      assert(false, 'a message fits its channel, and its indices in it', { bytesMax, ...rows });
    }
    const frame = channel.pool.take();
    fill(frame.payload(payloadBytes));
    const header = this.#nextHeader(FRAME.data, channel.spec.channel, channel.countSent());
    header.rowCount = rows.rowCount;
    header.hasIndices = rows.hasIndices;
    header.payloadBytes = payloadBytes;
    this.#complete(frame, header);
    this.#stats.messagesSent++;
    this.#stats.payloadBytesSent += payloadBytes;
    this.#stats.overheadBytesSent -= payloadBytes;
    this.#recovery.keep(frame, channel.pool, this.#now());
    this.#write(frame);
  }

  /** Writes a frame without payload that is sent until it is acknowledged. */
  writeSequenced(kind: FrameKind, channel: number, message: number): void {
    const frame = new FrameBuffer(0);
    this.#complete(frame, this.#nextHeader(kind, channel, message));
    this.#recovery.keep(frame, undefined, this.#now());
    this.#write(frame);
  }

  /** Writes a frame that stands for itself. */
  writeAlone(kind: FrameKind, payload?: Uint8Array, rowCount = 0): void {
    const payloadBytes = payload?.length ?? 0;
    const frame = new FrameBuffer(payloadBytes);
    if (payload !== undefined) frame.payload(payloadBytes).set(payload);
    const header = { ...emptyHeader(kind), rowCount, payloadBytes };
    header.acknowledged = this.#recovery.takeAcknowledgement();
    if (this.#sealer !== undefined && hasTag(kind)) header.sequence = this.#sealer.nextAlone;
    this.#complete(frame, header);
    this.#write(frame);
  }

  /** Writes everything in doubt once more. */
  writeAgain(): void {
    this.#recovery.forEachInDoubt((frame) => {
      this.#stats.framesResent++;
      this.#stats.overheadBytesSent += frame.byteLength;
      this.#wire.write(frame.frame);
    });
  }

  #nextHeader(kind: FrameKind, channel: number, message: number): FrameHeader {
    const header = this.#header;
    header.kind = kind;
    header.sequence = this.#recovery.next;
    header.acknowledged = this.#recovery.takeAcknowledgement();
    header.channel = channel;
    header.message = message;
    header.rowCount = 0;
    header.hasIndices = false;
    header.payloadBytes = 0;
    return header;
  }

  /** Writes all that stands around the payload. */
  #complete(frame: FrameBuffer, header: FrameHeader): void {
    const { kind, payloadBytes } = header;
    if (this.#sealer !== undefined && hasTag(kind)) {
      frame.writeHeader(header, TAG_BYTES);
      this.#sealer.seal(frame, kind);
      return;
    }
    const check = frame.writeHeader(header);
    if (payloadBytes > 0) frame.writeTrailer(crc32(frame.payload(payloadBytes), check));
  }

  #write(frame: FrameBuffer): void {
    this.#stats.framesSent++;
    this.#stats.overheadBytesSent += frame.byteLength;
    this.#wire.write(frame.frame);
  }
}
