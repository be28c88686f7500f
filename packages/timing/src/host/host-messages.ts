/**
 * The messages of a step on this host: when each is there, and when its channel is free again.
 *
 *   window   the sender's copy, and it is there; given back at no cost
 *   kerf     between threads: more at both ends. Between processes: by their I/O threads, and back
 *            the same way, once the receiver is done with it, as a credit; the next send waits for
 *            that
 */
import { F32_BYTES, messageRows, rowsOf, rowsOwned } from '@wafer/core';
import type { ChannelPlan, Instruction, Plan, StepShape } from '@wafer/core';
import { sweptShare } from './host-figures.ts';
import type { HostFigures } from './host-figures.ts';
import type { HostRelay } from './host-relay.ts';

export interface MessagesParts {
  readonly plan: Plan;
  readonly step: StepShape;
  readonly figures: HostFigures;
  readonly chipOf: readonly number[];
}

export class HostMessages {
  readonly #parts: MessagesParts;
  readonly #relay: HostRelay;
  /** When messages are there, by channel, first come first. */
  readonly #arrivals: number[][];
  /** When a channel may be sent on, as its sender knows. */
  readonly #freeNs: number[];

  constructor(parts: MessagesParts, relay: HostRelay) {
    this.#parts = parts;
    this.#relay = relay;
    this.#arrivals = parts.plan.channels.map(() => []);
    this.#freeNs = parts.plan.channels.map(() => 0);
  }

  /** When what an instruction waits for is there: messages, or room for them; never, Infinity. */
  readyNs(instruction: Instruction): number {
    let ns = 0;
    if (instruction.op === 'send') {
      for (const channel of instruction.channels) ns = Math.max(ns, this.#freeNs[channel]!);
    } else if (instruction.op === 'receive') {
      for (const channel of instruction.channels) {
        const [arrivalNs = Infinity] = this.#arrivals[channel]!;
        ns = Math.max(ns, arrivalNs);
      }
    }
    return ns;
  }

  /** Sends from `ns` on; returns when its thread is done. */
  send(index: number, ns: number): number {
    const { plan, figures, chipOf } = this.#parts;
    const channel = plan.channels[index]!;
    const isKerf = this.#isKerf(channel);
    const rate = isKerf ? figures.link : figures.window;
    const bytes = this.#rowsOf(channel) * channel.columnCount * F32_BYTES;
    const doneNs = ns + rate.sendNs + bytes / rate.bytesPerNs;
    const arrive = (atNs: number): void => void this.#arrivals[index]!.push(atNs);
    if (isKerf && rate.io !== undefined) {
      this.#freeNs[index] = Infinity;
      const ends = { source: chipOf[channel.source]!, target: chipOf[channel.target]! };
      this.#relay.carry(doneNs, { ...ends, bytes, arrive });
    } else arrive(doneNs);
    return doneNs;
  }

  /** What sending or receiving by a link between threads takes more, where its code is cold. */
  coldNs(channels: readonly number[], sweptBytes: number): number {
    const { plan, figures } = this.#parts;
    const { coldNs, io } = figures.link;
    if (io !== undefined) return 0;
    const isLinked = channels.some((index) => this.#isKerf(plan.channels[index]!));
    return isLinked ? coldNs * sweptShare(sweptBytes) : 0;
  }

  /** Takes a message; returns what that takes, ns. */
  take(index: number): number {
    const { plan, figures } = this.#parts;
    this.#arrivals[index]!.shift();
    return (this.#isKerf(plan.channels[index]!) ? figures.link : figures.window).takeNs;
  }

  /** Its receiver is done with a message. */
  giveBack(index: number, ns: number): void {
    const { plan, figures, chipOf } = this.#parts;
    const channel = plan.channels[index]!;
    if (!this.#isKerf(channel) || figures.link.io === undefined) return;
    const arrive = (freeNs: number): void => void (this.#freeNs[index] = freeNs);
    const ends = { source: chipOf[channel.target]!, target: chipOf[channel.source]! };
    this.#relay.carry(ns, { ...ends, bytes: 0, arrive });
  }

  #isKerf({ source, target }: ChannelPlan): boolean {
    const { chipOf } = this.#parts;
    return chipOf[source] !== chipOf[target];
  }

  #rowsOf(channel: ChannelPlan): number {
    const { plan, step } = this.#parts;
    if (channel.kind === 'owned') return rowsOwned(step, plan.embedOwners[channel.source]!);
    return messageRows(plan, channel, rowsOf(step));
  }
}
