/**
 * The links of a chip to other chips, in its I/O thread: outboxes out, windows in.
 *
 *   submissions: sent ──▶ outbox ──▶ frame ──▶ … other chip: frame ──▶ window, published, ring
 *   submissions: given back ──▶ credit ──▶ … other chip: outbox is free, ring
 *
 * A message that the link cannot take yet waits for room.
 */
import { hasRowIndices } from '@wafer/core';
import type { ChannelPlan, Plan, WaferError } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import type { LinkChannels, LinkHandlers, SocketLink } from '@wafer/fabric/links';
import { IncomingChannel } from './incoming.ts';
import { SubmissionReader } from '@wafer/fabric';
import type { Outbox } from '@wafer/fabric';
import type { ChipMemories } from './chip-memories.ts';

/** A channel that leaves the chip. */
interface Outgoing {
  plan: ChannelPlan;
  peer: number;
  outbox: Outbox;
  doorbell: Doorbell;
}

export interface ChipLinksParts {
  plan: Pick<Plan, 'channels'>;
  chip: number;
  chipOf: readonly number[];
  memories: ReadonlyMap<number, WebAssembly.Memory>;
  boxes: ChipMemories;
  threadOf: readonly number[];
  doorbells: Int32Array;
  /** What a frame carries as its tag. */
  tagBytes: number;
  /** One more link to another chip is open. */
  onOpen(): void;
  /** A link between chips ended. */
  onEnd(error: WaferError | undefined): void;
}

export class ChipLinks {
  readonly #parts: ChipLinksParts;
  readonly #out = new Map<number, Outgoing>();
  readonly #in = new Map<number, IncomingChannel>();
  readonly #submissions: readonly SubmissionReader[];
  readonly #links = new Map<number, SocketLink>();
  #waiting: number[] = [];

  constructor(parts: ChipLinksParts) {
    this.#parts = parts;
    const { plan, chip, chipOf, memories, boxes, threadOf, doorbells, tagBytes } = parts;
    const doorbellOf = (tile: number): Doorbell => new Doorbell(doorbells, threadOf[tile]!);
    for (const channel of plan.channels) {
      const [source, target] = [chipOf[channel.source]!, chipOf[channel.target]!];
      if (source === target) continue;
      if (source === chip) {
        const doorbell = doorbellOf(channel.source);
        const outbox = boxes.outbox(channel);
        this.#out.set(channel.index, { plan: channel, peer: target, outbox, doorbell });
      } else if (target === chip) {
        const memory = memories.get(channel.target)!;
        const doorbell = doorbellOf(channel.target);
        const place = { peer: source, memory, doorbell, tagBytes };
        this.#in.set(channel.index, new IncomingChannel(channel, place));
      }
    }
    this.#submissions = boxes.submissions.map((submissions) => new SubmissionReader(submissions));
  }

  /** Chips that a channel joins with this one. */
  get peers(): number[] {
    const ends = [...this.#out.values(), ...this.#in.values()];
    return [...new Set(ends.map(({ peer }) => peer))].toSorted((a, b) => a - b);
  }

  /** Whether a link from this chip is due: a channel joins the two, and none is open yet. */
  isAwaited(peer: number): boolean {
    return this.peers.includes(peer) && !this.#links.has(peer);
  }

  /** What a link to another chip does. */
  handlers(link: () => SocketLink): LinkHandlers {
    return {
      channels: (peer) => this.#channels(peer),
      onOpen: (peer) => {
        this.#links.set(peer, link());
        this.#retry();
        this.#parts.onOpen();
      },
      onMessage: (message, payload) => this.#in.get(message.channel)!.receive(message, payload),
      onCredit: (channel) => {
        const { outbox, doorbell } = this.#out.get(channel)!;
        outbox.credit();
        doorbell.ring();
      },
      onRoom: () => this.#retry(),
      onEnd: (error) => this.#parts.onEnd(error),
    };
  }

  get isOpen(): boolean {
    return this.peers.every((peer) => this.#links.has(peer));
  }

  get hasWork(): boolean {
    for (let i = 0; i < this.#submissions.length; i++)
      if (this.#submissions[i]!.hasSubmission) return true;
    return false;
  }

  /** Sends what the tile threads left. */
  work(): void {
    for (let i = 0; i < this.#submissions.length; i++) {
      const submissions = this.#submissions[i]!;
      while (submissions.hasSubmission) {
        const channel = submissions.take();
        const incoming = this.#in.get(channel);
        if (incoming === undefined) this.#send(channel);
        else this.#links.get(incoming.peer)?.release(channel);
      }
    }
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
  }

  #channels(peer: number): LinkChannels {
    const toChannel = ({ plan }: { plan: ChannelPlan }) => ({
      channel: plan.index,
      bytesMax: plan.rowsMax * (plan.columnCount * 4 + (hasRowIndices(plan.kind) ? 4 : 0)),
      slots: 1,
    });
    const isTheirs = (end: { peer: number }): boolean => end.peer === peer;
    return {
      sends: [...this.#out.values()].filter(isTheirs).map(toChannel),
      receives: [...this.#in.values()].filter(isTheirs).map(toChannel),
    };
  }

  #send(channel: number): void {
    const { outbox, peer } = this.#out.get(channel)!;
    const link = this.#links.get(peer);
    if (link === undefined || !link.canSend(channel)) {
      this.#waiting.push(channel);
      return;
    }
    const { payload, rowCount, hasIndices } = outbox;
    const rows = { rowCount, hasIndices, payloadBytes: payload.length };
    link.send(channel, rows, (target) => target.set(payload));
  }

  #retry(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const channel of waiting) this.#send(channel);
  }
}
