/**
 * Where a tile thread leaves what its chip's I/O thread has to send, in shared memory.
 *
 *   tile thread                                    I/O thread
 *   rows ─▶ outbox of the channel, sent += 1 ───▶  frame of the link ─▶ … ─▶ other chip
 *   its channel ─▶ queue of the thread, ring        popped += 1, ring ◀─ credit ◀─ …
 *
 * An outbox holds one message, as a window does, hence it is free whenever there is a credit.
 *
 *   outbox: 64 bytes (sent, popped, rows, indices?) · room for indices · rows
 *
 * Indices end where rows begin, so that a payload is one stretch of bytes. Both ends check that a
 * message is there exactly when it should be.
 */
import { assert, hasRowIndices } from '@wafer/core';
import type { TileMemory } from '../tile-memory.ts';
import type { ChannelPlan } from '@wafer/core';
import type { Copier, MessageRows, Receiver, Sender, WindowReceiver } from '../channel.ts';
import type { SubmissionWriter } from './submission-queue.ts';

/** Where the outbox of a channel lies in the outbox memory of its source tile. */
export interface OutboxPlace {
  channel: number;
  control: number;
  /** Address of the rows; indices come before it. */
  rows: number;
}

/** What a tile thread of a chip process knows of the I/O thread. */
export interface ChipTask {
  submissions: SharedArrayBuffer;
  /** Outbox memories of the thread's tiles. */
  boxes: ReadonlyMap<number, TileMemory>;
  places: ReadonlyMap<number, OutboxPlace>;
  /** Channels that come from other chips. */
  inbound: ReadonlySet<number>;
}

const LINE_BYTES = 64;
/** Words of an outbox. */
const WORD = { sent: 0, popped: 1, rowCount: 2, hasIndices: 3 } as const;

const align = (bytes: number): number => Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;

/** Lays out the outboxes of a tile's channels. */
export function outboxLayout(channels: readonly ChannelPlan[]): {
  places: OutboxPlace[];
  bytes: number;
} {
  let end = 0;
  const places = channels.map(({ index, kind, rowsMax, columnCount }) => {
    const control = end;
    const indices = control + LINE_BYTES;
    const rows = indices + (hasRowIndices(kind) ? align(rowsMax * 4) : 0);
    end = align(rows + rowsMax * columnCount * 4);
    return { channel: index, control, rows };
  });
  return { places, bytes: end };
}

/** An outbox as the I/O thread reads it. */
export class Outbox {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #rows: number;
  readonly #rowBytes: number;
  #payload: Uint8Array;

  constructor(memory: TileMemory, place: OutboxPlace, columnCount: number) {
    this.#words = new Int32Array(memory.buffer, place.control, 4);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#rows = place.rows;
    this.#rowBytes = columnCount * 4;
    this.#payload = this.#bytes.subarray(0, 0);
  }

  get rowCount(): number {
    return this.#words[WORD.rowCount]!;
  }

  get hasIndices(): boolean {
    return this.#words[WORD.hasIndices] === 1;
  }

  /** The message: indices, if any, then rows. Messages are often alike, so the view is kept. */
  get payload(): Uint8Array {
    this.#checkFull();
    const start = this.#rows - (this.hasIndices ? this.rowCount * 4 : 0);
    const end = this.#rows + this.rowCount * this.#rowBytes;
    const { byteOffset, length } = this.#payload;
    if (byteOffset !== start || length !== end - start) {
      this.#payload = this.#bytes.subarray(start, end);
    }
    return this.#payload;
  }

  /** The other chip gave the window back. */
  credit(): void {
    this.#checkFull();
    Atomics.add(this.#words, WORD.popped, 1);
  }

  #checkFull(): void {
    const sent = Atomics.load(this.#words, WORD.sent);
    const popped = Atomics.load(this.#words, WORD.popped);
    if (((sent - popped) | 0) !== 1) assert(false, 'an outbox holds a message', { sent, popped });
  }
}

/** Leaves messages of one channel in its outbox. */
export class OutboxSender implements Sender {
  readonly #plan: ChannelPlan;
  readonly #place: OutboxPlace;
  readonly #words: Int32Array;
  readonly #indices: Int32Array;
  readonly #copier: Copier;
  readonly #submissions: SubmissionWriter;
  #sent = 0;

  /** `copier` copies from the tile's memory to its outbox memory. */
  constructor(
    plan: ChannelPlan,
    parts: {
      place: OutboxPlace;
      box: TileMemory;
      copier: Copier;
      submissions: SubmissionWriter;
    },
  ) {
    this.#plan = plan;
    this.#place = parts.place;
    this.#words = new Int32Array(parts.box.buffer, parts.place.control, 4);
    this.#indices = new Int32Array(parts.box.buffer);
    this.#copier = parts.copier;
    this.#submissions = parts.submissions;
  }

  hasCredit(): boolean {
    return ((this.#sent - Atomics.load(this.#words, WORD.popped)) | 0) < 1;
  }

  send({ count, indices }: MessageRows): void {
    const { sourceRows, columnCount, index, rowsMax } = this.#plan;
    if (count < 0 || count > rowsMax || !this.hasCredit()) {
      const values = { channel: index, rowCount: count, rowsMax, sent: this.#sent };
      assert(false, 'a message fits its outbox and has a credit', values);
    }
    const rowBytes = columnCount * 4;
    const from = sourceRows.stride * 4;
    let target = this.#place.rows;
    if (indices === undefined) {
      this.#copier.copyRows(target, rowBytes, sourceRows.address, from, rowBytes, count);
    } else {
      const first = target / 4 - count;
      for (let i = 0; i < count; i++) {
        const row = indices[i]!;
        this.#indices[first + i] = row;
        this.#copier.copyRows(target, rowBytes, sourceRows.address + row * from, from, rowBytes, 1);
        target += rowBytes;
      }
    }
    this.#sent = (this.#sent + 1) | 0;
    this.#words[WORD.rowCount] = count;
    this.#words[WORD.hasIndices] = indices === undefined ? 0 : 1;
    Atomics.store(this.#words, WORD.sent, this.#sent);
    this.#submissions.post(index);
  }
}

/** Receives from a window that the I/O thread fills. */
export class ChipReceiver implements Receiver {
  readonly #window: WindowReceiver;
  readonly #channel: number;
  readonly #submissions: SubmissionWriter;

  constructor(channel: number, window: WindowReceiver, submissions: SubmissionWriter) {
    this.#channel = channel;
    this.#window = window;
    this.#submissions = submissions;
  }

  isReady(): boolean {
    return this.#window.isReady();
  }

  take(): void {
    this.#window.take();
  }

  release(): void {
    this.#window.release();
    this.#submissions.post(this.#channel);
  }
}
