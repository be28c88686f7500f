/**
 * The channels of a link once it is open, and the credits that its receivers owe.
 *
 * A message given back is a credit owed: at once where the sender may soon wait for it, else a
 * moment later, with others.
 */
import { maxOf } from '@wafer/core';
import { FRAME } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import { ReceivingChannel, SendingChannel } from './link-channels.ts';
import type { LinkChannels } from './link-channels.ts';
import type { LinkWire } from './link-spec.ts';
import type { LinkState } from './link-state.ts';

export interface OpenChannelsParts {
  state: Readonly<LinkState>;
  writer: FrameWriter;
  wire: LinkWire;
  now: () => number;
  /** Longest time that a credit waits for others. */
  waitMs: number;
}

export class OpenChannels {
  readonly #state: Readonly<LinkState>;
  readonly #writer: FrameWriter;
  readonly #wire: LinkWire;
  readonly #now: () => number;
  readonly #waitMs: number;
  readonly #sends = new Map<number, SendingChannel>();
  readonly #receives = new Map<number, ReceivingChannel>();
  #creditors: ReceivingChannel[] = [];
  #creditAtMs = Infinity;
  #payloadBytesMax: number | undefined;

  constructor(parts: OpenChannelsParts) {
    this.#state = parts.state;
    this.#writer = parts.writer;
    this.#wire = parts.wire;
    this.#now = parts.now;
    this.#waitMs = parts.waitMs;
  }

  /** The other end is proved, and these are its channels. */
  open({ sends, receives }: LinkChannels): void {
    for (const spec of sends) this.#sends.set(spec.channel, new SendingChannel(spec));
    for (const spec of receives) this.#receives.set(spec.channel, new ReceivingChannel(spec));
    this.#payloadBytesMax = maxOf(
      receives.map(({ bytesMax }) => bytesMax),
      0,
    );
  }

  /** Undefined until they are open; data frames are skipped until then. */
  get payloadBytesMax(): number | undefined {
    return this.#payloadBytesMax;
  }

  /** When credits that wait are due. */
  get creditAtMs(): number {
    return this.#creditAtMs;
  }

  sender(channel: number): SendingChannel | undefined {
    return this.#sends.get(channel);
  }

  receiver(channel: number): ReceivingChannel | undefined {
    return this.#receives.get(channel);
  }

  /** Gives a received message's place back to the sender. */
  release(channel: number): void {
    const receiver = this.#receives.get(channel);
    if (receiver === undefined) return;
    if (!receiver.release()) throw new RangeError(`channel ${channel} holds no message`);
    if (!receiver.isListed) {
      receiver.isListed = true;
      this.#creditors.push(receiver);
    }
    if (receiver.isCreditUrgent) this.#wire.requestFlush();
    else this.#creditAtMs = Math.min(this.#creditAtMs, this.#now() + this.#waitMs);
  }

  /** Sends the credits that the other end may be waiting for; all of them when it is time. */
  flushCredits(now: number): void {
    if (this.#creditors.length === 0) return;
    const isTime = now >= this.#creditAtMs;
    const later: ReceivingChannel[] = [];
    for (const receiver of this.#creditors) {
      if (!isTime && !receiver.isCreditUrgent) {
        later.push(receiver);
        continue;
      }
      receiver.isListed = false;
      // An end that has said goodbye has no use for credits.
      if (this.#state.hasHeardBye) continue;
      this.#writer.writeSequenced(FRAME.credit, receiver.spec.channel, receiver.takeCredit());
    }
    this.#creditors = later;
    if (later.length === 0) this.#creditAtMs = Infinity;
  }
}
