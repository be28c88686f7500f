/**
 * Makes the frames of one end and hands them to the wire, each with the latest acknowledgement.
 *
 * A payload is written in place by whoever sends it, then checked. Frames with a sequence number
 * are kept for sending again.
 */
import { crc32 } from 'node:zlib';
import { emptyHeader, FRAME, FrameBuffer } from './frame.ts';
import type { FrameHeader, FrameKind } from './frame.ts';
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

  constructor(parts: { wire: LinkWire; recovery: Recovery; stats: LinkStats; now: () => number }) {
    this.#wire = parts.wire;
    this.#recovery = parts.recovery;
    this.#stats = parts.stats;
    this.#now = parts.now;
  }

  /** Writes the next message of a channel; `fill` writes its payload in place. */
  writeMessage(
    channel: SendingChannel,
    rows: OutgoingRows,
    fill: (payload: Uint8Array) => void,
  ): void {
    const { payloadBytes } = rows;
    const frame = channel.pool.take();
    fill(frame.payload(payloadBytes));
    const header = this.#nextHeader(FRAME.data, channel.spec.channel, channel.countSent());
    header.rowCount = rows.rowCount;
    header.hasIndices = rows.hasIndices;
    header.payloadBytes = payloadBytes;
    const check = frame.writeHeader(header);
    this.#stats.messagesSent++;
    this.#stats.payloadBytesSent += payloadBytes;
    this.#stats.overheadBytesSent -= payloadBytes;
    this.#recovery.keep(frame, channel.pool, this.#now());
    this.#write(frame, check, payloadBytes);
  }

  /** Writes a frame without payload that is sent until it is acknowledged. */
  writeSequenced(kind: FrameKind, channel: number, message: number): void {
    const frame = new FrameBuffer(0);
    const check = frame.writeHeader(this.#nextHeader(kind, channel, message));
    this.#recovery.keep(frame, undefined, this.#now());
    this.#write(frame, check, 0);
  }

  /** Writes a frame that stands for itself. */
  writeAlone(kind: FrameKind, payload?: Uint8Array, rowCount = 0): void {
    const payloadBytes = payload?.length ?? 0;
    const frame = new FrameBuffer(payloadBytes);
    if (payload !== undefined) frame.payload(payloadBytes).set(payload);
    const header = { ...emptyHeader(kind), rowCount, payloadBytes };
    header.acknowledged = this.#recovery.takeAcknowledgement();
    this.#write(frame, frame.writeHeader(header), payloadBytes);
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

  /** Checks the payload and writes the frame. */
  #write(frame: FrameBuffer, headerCheck: number, payloadBytes: number): void {
    if (payloadBytes > 0) frame.writeTrailer(crc32(frame.payload(payloadBytes), headerCheck));
    this.#stats.framesSent++;
    this.#stats.overheadBytesSent += frame.byteLength;
    this.#wire.write(frame.frame);
  }
}
