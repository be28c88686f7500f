/**
 * The two ends of a channel: a one-producer one-consumer queue of one message, whose slot is the
 * window the receiver reads from.
 *
 *   sender                                       receiver
 *   hasCredit: pushed - popped < 1               isReady: pushed - taken > 0
 *   copy rows into the window                    take, compute from the window
 *   header, then pushed += 1, ring               release: popped += 1, ring
 *
 * The counters live in the receiver's SRAM and only grow, wrapping at 2^32. A message is published
 * by storing `pushed` after its bytes. No credit is backpressure, never an error; to send without
 * one, or to take, or give back, what is not there is a bug, and either end says so.
 *
 * Source: Lamport 1983, "Specifying Concurrent Program Modules" (the two-process queue).
 */
import { assert, CHANNEL_LINE, WaferError } from '@wafer/core';
import type { ChannelPlan } from '@wafer/core';
import type { Doorbell } from './doorbell.ts';

/** Rows of a message: all of a step, or those at the given indices. */
export interface MessageRows {
  count: number;
  /** Indices of the rows, `count` of them; undefined for 0 … count - 1. */
  indices: Int32Array | undefined;
}

export interface Sender {
  hasCredit(): boolean;
  /** Sends one message. Only with credit. */
  send(rows: MessageRows): void;
}

export interface Receiver {
  isReady(): boolean;
  /** Accepts the message at hand. Throws: SEQUENCE_BROKEN. */
  take(): void;
  /** Gives the window back to the sender. */
  release(): void;
}

/** Copies rows from the sender's memory to the receiver's; addresses and strides in bytes. */
export interface Copier {
  copyRows(
    target: number,
    targetStride: number,
    source: number,
    sourceStride: number,
    rowBytes: number,
    rowCount: number,
  ): void;
}

/** A channel's control line, as typed views over the receiver's SRAM. */
export class ControlLine {
  readonly #words: Int32Array;
  readonly #counters: Float64Array;

  constructor(targetMemory: ArrayBufferLike, address: number) {
    this.#words = new Int32Array(targetMemory, address, 4);
    this.#counters = new Float64Array(targetMemory, address, 8);
  }

  get pushed(): number {
    return Atomics.load(this.#words, CHANNEL_LINE.pushed / 4);
  }

  get popped(): number {
    return Atomics.load(this.#words, CHANNEL_LINE.popped / 4);
  }

  set popped(count: number) {
    Atomics.store(this.#words, CHANNEL_LINE.popped / 4, count);
  }

  get sequence(): number {
    return this.#words[CHANNEL_LINE.sequence / 4]!;
  }

  /** Rows of the message at hand. */
  get rowCount(): number {
    return this.#words[CHANNEL_LINE.rows / 4]!;
  }

  /** Publishes message `sequence`: the header first, then the counter. */
  publish(sequence: number, rowCount: number): void {
    this.#words[CHANNEL_LINE.rows / 4] = rowCount;
    this.#words[CHANNEL_LINE.sequence / 4] = sequence;
    Atomics.store(this.#words, CHANNEL_LINE.pushed / 4, sequence);
  }

  /** Counts a sent message; only the sender calls it. */
  countMessage(payloadBytes: number, overheadBytes: number): void {
    const counters = this.#counters;
    counters[CHANNEL_LINE.messages / 8]! += 1;
    counters[CHANNEL_LINE.payloadBytes / 8]! += payloadBytes;
    counters[CHANNEL_LINE.overheadBytes / 8]! += overheadBytes;
  }

  /** Counts time the receiver was blocked; only the receiver calls it. */
  countWait(ns: number): void {
    this.#counters[CHANNEL_LINE.waitNs / 8]! += ns;
  }
}

/** Sends through shared memory: one copy, straight into the receiver's window. */
export class WindowSender implements Sender {
  readonly #plan: ChannelPlan;
  readonly #line: ControlLine;
  readonly #copier: Copier;
  readonly #doorbell: Doorbell;
  #sent = 0;

  constructor(plan: ChannelPlan, parts: { line: ControlLine; copier: Copier; doorbell: Doorbell }) {
    this.#plan = plan;
    this.#line = parts.line;
    this.#copier = parts.copier;
    this.#doorbell = parts.doorbell;
    this.#sent = parts.line.pushed;
  }

  hasCredit(): boolean {
    return ((this.#sent - this.#line.popped) | 0) < 1;
  }

  send(rows: MessageRows): void {
    const { sourceRows, targetRows, columnCount } = this.#plan;
    const rowBytes = columnCount * 4;
    const from = sourceRows.stride * 4;
    const to = targetRows.stride * 4;
    const { count, indices } = rows;
    if (count < 0 || count > this.#plan.rowsMax || !this.hasCredit()) this.#refuse(count);
    if (indices === undefined) {
      this.#copier.copyRows(targetRows.address, to, sourceRows.address, from, rowBytes, count);
    } else {
      for (let i = 0; i < count; i++) {
        const row = indices[i]!;
        const target = targetRows.address + row * to;
        this.#copier.copyRows(target, to, sourceRows.address + row * from, from, rowBytes, 1);
      }
    }
    this.#sent = (this.#sent + 1) | 0;
    this.#line.countMessage(count * rowBytes, 0);
    this.#line.publish(this.#sent, count);
    this.#doorbell.ring();
  }

  #refuse(rowCount: number): never {
    const { rowsMax } = this.#plan;
    const { popped } = this.#line;
    const values = { channel: channelName(this.#plan), rowCount, rowsMax, popped };
    assert(false, 'a message fits its window and has a credit', { ...values, sent: this.#sent });
  }
}

/** Receives from the window, whoever filled it. */
export class WindowReceiver implements Receiver {
  readonly #name: string;
  readonly #rowsMax: number;
  readonly #line: ControlLine;
  readonly #doorbell: Doorbell;
  #taken: number;
  #released: number;

  /** `doorbell` is the sender's, rung when the window is given back. */
  constructor(plan: ChannelPlan, parts: { line: ControlLine; doorbell: Doorbell }) {
    this.#name = channelName(plan);
    this.#rowsMax = plan.rowsMax;
    this.#line = parts.line;
    this.#doorbell = parts.doorbell;
    this.#taken = parts.line.popped;
    this.#released = this.#taken;
  }

  isReady(): boolean {
    return ((this.#line.pushed - this.#taken) | 0) > 0;
  }

  take(): void {
    const expected = (this.#taken + 1) | 0;
    const actual = this.#line.sequence;
    if (actual !== expected) {
      throw new WaferError('SEQUENCE_BROKEN', { channel: this.#name, actual, expected });
    }
    const { rowCount, pushed } = this.#line;
    if (pushed !== expected || rowCount < 0 || rowCount > this.#rowsMax) {
      const values = { channel: this.#name, pushed, expected, rowCount, rowsMax: this.#rowsMax };
      assert(false, 'a message that is taken is there, and fits its window', values);
    }
    this.#taken = expected;
  }

  release(): void {
    if (this.#released === this.#taken) {
      assert(false, 'what is given back was taken', { channel: this.#name, taken: this.#taken });
    }
    this.#released = (this.#released + 1) | 0;
    this.#line.popped = this.#released;
    this.#doorbell.ring();
  }
}

/** The path of a channel in errors and traces. */
export function channelName({ source, target, window }: ChannelPlan): string {
  return `Wafer.Tile[${target}].Channel[${window}<${source}]`;
}
