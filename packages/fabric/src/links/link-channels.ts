/**
 * Credits: how many messages a channel may have under way, at the sending and the receiving end.
 *
 *   sender                                     receiver
 *   canSend: sent - popped < slots             accept: message = received + 1, within the slots
 *   popped comes back in credit frames         release: popped += 1
 *
 * A credit goes out at once when half of the slots are used up, and after a moment otherwise.
 * Counters only grow, wrapping at 2^32. A credit says how many were given back in all, so a later
 * one stands for all before it. Credits bound what is kept for sending again, too.
 */
import { WaferError } from '@wafer/core';
import { FramePool } from './send-window.ts';

/** One direction of a link: a channel of the plan, or one of the runtime's own. */
export interface LinkChannel {
  channel: number;
  /** Largest payload, row indices included. */
  bytesMax: number;
  /** Messages under way at once; 1 for a window. */
  slots: number;
  /** Messages that went before, as the channel's counters have it; 0 unless told. */
  firstCount?: number;
}

export interface LinkChannels {
  sends: readonly LinkChannel[];
  receives: readonly LinkChannel[];
}

export class SendingChannel {
  readonly spec: LinkChannel;
  readonly pool: FramePool;
  #sent: number;
  #popped: number;

  constructor(spec: LinkChannel) {
    this.spec = spec;
    this.pool = new FramePool(spec.bytesMax);
    this.#sent = (spec.firstCount ?? 0) | 0;
    this.#popped = this.#sent;
  }

  get hasCredit(): boolean {
    return ((this.#sent - this.#popped) | 0) < this.spec.slots;
  }

  /** Number of the message that is sent next. */
  countSent(): number {
    this.#sent = (this.#sent + 1) | 0;
    return this.#sent;
  }

  /** Takes a credit; false if that many were never sent. */
  takeCredit(popped: number): boolean {
    const news = (popped - this.#popped) | 0;
    if (news < 0 || news > ((this.#sent - this.#popped) | 0)) return false;
    this.#popped = popped;
    return true;
  }
}

export class ReceivingChannel {
  readonly spec: LinkChannel;
  #received: number;
  #popped: number;
  #credited: number;
  /** Whether messages were given back that no credit told of yet. */
  isListed = false;

  constructor(spec: LinkChannel) {
    this.spec = spec;
    this.#received = (spec.firstCount ?? 0) | 0;
    this.#popped = this.#received;
    this.#credited = this.#received;
  }

  /** Whether the sender has used up half of its slots, so that it may soon wait for a credit. */
  get isCreditUrgent(): boolean {
    return ((this.#received - this.#credited) | 0) * 2 >= this.spec.slots;
  }

  /** The count of messages given back, which a credit is about to tell. */
  takeCredit(): number {
    this.#credited = this.#popped;
    return this.#popped;
  }

  /** Accepts the next message. Throws: LINK_FRAME, SEQUENCE_BROKEN. */
  accept(link: string, message: number, payloadBytes: number): void {
    const { channel, slots, bytesMax } = this.spec;
    const expected = (this.#received + 1) | 0;
    if (message !== expected) {
      const name = `${link}.Channel[${channel}]`;
      throw new WaferError('SEQUENCE_BROKEN', { channel: name, actual: message, expected });
    }
    if (((expected - this.#popped) | 0) > slots || payloadBytes > bytesMax) {
      const reason = `message ${message} of ${payloadBytes} bytes exceeds channel ${channel}`;
      throw new WaferError('LINK_FRAME', { link, reason });
    }
    this.#received = expected;
  }

  /** Gives one message back; false if none is held. */
  release(): boolean {
    if (((this.#received - this.#popped) | 0) <= 0) return false;
    this.#popped = (this.#popped + 1) | 0;
    return true;
  }
}
