/**
 * Two endpoints joined by a simulated network in virtual time, with faults in both directions.
 *
 *   endpoint 0 ─▶ faults ─▶ line ─▶ endpoint 1      a line takes 1 ms, and delivers in pieces
 *   endpoint 1 ─▶ faults ─▶ line ─▶ endpoint 0
 *
 * A turn delivers what is under way, lets both ends work, and moves time by 1 ms; where nothing is
 * under way, time jumps to the next deadline. One seed replays everything.
 */
import { minOf } from '@wafer/core';
import { FaultInjector, LinkEndpoint, Random } from '@wafer/fabric/links';
import type { LinkHandlers, LinkEnd, LinkTuning, LinkWire, PerFault } from '@wafer/fabric/links';

/** Times of the simulated network: an answer takes 2 ms, so silence is soon noticed. */
const TUNING: Partial<LinkTuning> = {
  resendMs: 20,
  nakMs: 3,
  ackMs: 2,
  windowFrames: 64,
  greetingBytes: 2 ** 20,
};
const LATENCY_MS = 1;
const DELAY_MS_MAX = 8;
/** Share of deliveries that arrive in pieces. */
const SPLIT_CHANCE = 0.1;

/** Frames of one direction that are under way. */
class Line implements LinkWire {
  #underWay: Uint8Array[] = [];
  readonly hasRoom = true;
  wantsFlush = false;

  get isEmpty(): boolean {
    return this.#underWay.length === 0;
  }

  write(frame: Uint8Array): void {
    this.#underWay.push(frame);
  }

  requestFlush(): void {
    this.wantsFlush = true;
  }

  /** Hands over what is under way; what is written meanwhile waits for the next turn. */
  deliver(target: LinkEndpoint, random: Random): void {
    const frames = this.#underWay;
    this.#underWay = [];
    for (const frame of frames) {
      if (random.chance(SPLIT_CHANCE)) {
        const at = random.below(frame.length + 1);
        target.receive(frame.subarray(0, at));
        target.receive(frame.subarray(at));
      } else {
        target.receive(frame);
      }
    }
  }
}

/** What each end does: its handlers, and its work of one turn; says whether it did anything. */
export interface VirtualEnd {
  spec: LinkEnd;
  handlers: LinkHandlers;
  work(endpoint: LinkEndpoint): boolean;
}

export class VirtualLink {
  readonly endpoints: readonly [LinkEndpoint, LinkEndpoint];
  readonly injectors: readonly [FaultInjector, FaultInjector];
  readonly #lines: readonly [Line, Line];
  readonly #ends: readonly [VirtualEnd, VirtualEnd];
  readonly #random: Random;
  nowMs = 0;

  /** `intercept` stands between an end's frames and their line. */
  constructor(
    ends: readonly [VirtualEnd, VirtualEnd],
    faults: { seed: number; rates: PerFault; intercept?: (lines: LinkWire[]) => LinkWire[] },
  ) {
    this.#random = new Random(faults.seed);
    this.#ends = ends;
    this.#lines = [new Line(), new Line()];
    const { rates, intercept = (lines) => lines } = faults;
    const now = (): number => this.nowMs;
    const parts = { random: this.#random, rates, delayMsMax: DELAY_MS_MAX, now };
    const wires = intercept([...this.#lines]);
    const injectors = wires.map((wire) => new FaultInjector(wire, parts));
    this.injectors = [injectors[0]!, injectors[1]!];
    const join = (side: 0 | 1): LinkEndpoint => {
      const { spec, handlers } = ends[side];
      const tuned = { ...spec, tuning: { ...TUNING, ...spec.tuning } };
      return new LinkEndpoint(tuned, { wire: this.injectors[side], handlers, now });
    };
    this.endpoints = [join(0), join(1)];
    for (const endpoint of this.endpoints) endpoint.start();
  }

  get hasEnded(): boolean {
    return this.endpoints[0].state === 'ended' && this.endpoints[1].state === 'ended';
  }

  /** Lets 1 ms pass, or all the time until something is due. */
  turn(): void {
    const [first, second] = this.endpoints;
    this.#lines[0].deliver(second, this.#random);
    this.#lines[1].deliver(first, this.#random);
    let isBusy = false;
    for (const side of [0, 1] as const) {
      const endpoint = this.endpoints[side];
      if (this.#ends[side].work(endpoint)) isBusy = true;
      this.injectors[side].advance();
      if (endpoint.deadlineMs <= this.nowMs) endpoint.advance();
      if (this.#lines[side].wantsFlush) {
        this.#lines[side].wantsFlush = false;
        endpoint.flush();
      }
    }
    this.#closeWhereOver();
    const isQuiet = !isBusy && this.#lines[0].isEmpty && this.#lines[1].isEmpty;
    this.nowMs = isQuiet
      ? Math.max(this.nowMs + 1, this.#nextDeadlineMs())
      : this.nowMs + LATENCY_MS;
  }

  /** An end that stopped with an error has closed its socket. */
  #closeWhereOver(): void {
    const [first, second] = this.endpoints;
    if (first.error !== undefined && this.#lines[0].isEmpty) second.disconnect('it was closed');
    if (second.error !== undefined && this.#lines[1].isEmpty) first.disconnect('it was closed');
  }

  #nextDeadlineMs(): number {
    const all = [...this.endpoints, ...this.injectors].map(({ deadlineMs }) => deadlineMs);
    const next = minOf(all);
    return Number.isFinite(next) ? next : 0;
  }
}
