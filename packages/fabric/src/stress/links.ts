/**
 * Random traffic over links with faults: every message arrives once, in order and unharmed, or the
 * link ends with a code. One seed replays the run.
 *
 * Many short links, each with its own channels, slots, sizes, rates and first sequence number
 * (often just before 2^32). What a message must contain follows from its link, channel and number,
 * so the receiver needs no copy to compare with.
 */
import { assert } from '@wafer/core';
import type { ErrorCode } from '@wafer/core';
import type { LinkEndpoint } from '../links/endpoint.ts';
import { everyFault, FAULTS } from '../links/faults.ts';
import type { PerFault } from '../links/faults.ts';
import type { FramePayload } from '../links/frame-decoder.ts';
import type { LinkChannel, LinkChannels } from '../links/link-channels.ts';
import { emptyStats } from '../links/link-spec.ts';
import type { LinkHandlers, LinkMessage, LinkSpec, LinkStats } from '../links/link-spec.ts';
import { mix, Random } from '../random.ts';
import { VirtualLink } from './virtual-link.ts';
import type { VirtualEnd } from './virtual-link.ts';

export interface StressLinksOptions {
  seed: number;
  /** Messages to send at least, over all links. */
  messages: number;
  /** Probability of each fault per frame; each link takes between none and all of it. */
  faults?: Readonly<PerFault>;
  /** Faults of each kind to inject at least; 0 unless told. */
  faultsMin?: number;
}

export interface StressLinksResult {
  links: number;
  /** Links by how they ended: `closed`, or a code. */
  ends: Partial<Record<ErrorCode | 'closed', number>>;
  messagesSent: number;
  messagesDelivered: number;
  faults: PerFault;
  stats: LinkStats;
  /** Hash of all deliveries in order: the same for the same seed. */
  hash: number;
}

export const STRESS_FAULTS: Readonly<PerFault> = Object.freeze(everyFault(0.04));

const IDENTITY = { kernelHash: '5a'.repeat(32), rounding: 'fused' } as const;
const SECRET: Uint8Array = new Uint8Array(32).fill(7);
const MESSAGES_PER_LINK = 400;
const TURNS_MAX = 200_000;
/** Large payloads span several parts and reads; a few channels carry them. */
const LARGE_BYTES = 48 * 1024;
const SMALL_BYTES = 96;

/** Sends and checks the traffic of one end. */
class Talker implements VirtualEnd {
  readonly spec: LinkSpec;
  readonly #seed: number;
  readonly #random: Random;
  readonly #channels: LinkChannels;
  readonly #scratch = new Int32Array(LARGE_BYTES / 4);
  readonly #specs = new Map<number, LinkChannel>();
  readonly #sent = new Map<number, number>();
  readonly #received = new Map<number, number>();
  readonly #held: number[] = [];
  #budget: number;
  hash = 0;
  ended: ErrorCode | 'closed' | undefined;

  constructor(parts: { spec: LinkSpec; seed: number; channels: LinkChannels; budget: number }) {
    this.spec = parts.spec;
    this.#seed = parts.seed;
    this.#random = new Random(mix(parts.seed) ^ parts.spec.chip);
    this.#channels = parts.channels;
    this.#budget = parts.budget;
    for (const [specs, counts] of [
      [parts.channels.sends, this.#sent],
      [parts.channels.receives, this.#received],
    ] as const) {
      for (const spec of specs) {
        this.#specs.set(spec.channel, spec);
        counts.set(spec.channel, spec.firstCount ?? 0);
      }
    }
  }

  get handlers(): LinkHandlers {
    return {
      channels: () => this.#channels,
      onOpen: () => {},
      onMessage: (message, payload) => this.#take(message, payload),
      onCredit: () => {},
      onRoom: () => {},
      onEnd: (error) => (this.ended = error?.code ?? 'closed'),
    };
  }

  get isDone(): boolean {
    return this.#budget === 0;
  }

  /** Messages that this end's channels carried so far, as `[channel, number]`. */
  get sent(): [number, number][] {
    return [...this.#sent];
  }

  get received(): [number, number][] {
    return [...this.#received];
  }

  work(endpoint: LinkEndpoint): boolean {
    if (endpoint.state !== 'open') return false;
    let didWork = false;
    while (this.#held.length > 0 && this.#random.chance(0.8)) {
      const at = this.#random.below(this.#held.length);
      endpoint.release(this.#held[at]!);
      this.#held.splice(at, 1);
      didWork = true;
    }
    for (const { channel } of this.#channels.sends) {
      while (this.#budget > 0 && endpoint.canSend(channel) && this.#random.chance(0.7)) {
        this.#sendOn(endpoint, channel);
        didWork = true;
      }
    }
    return didWork || this.#held.length > 0;
  }

  #sendOn(endpoint: LinkEndpoint, channel: number): void {
    const number = (this.#sent.get(channel)! + 1) | 0;
    const payloadBytes = sizeOf(this.#seed, this.#specs.get(channel)!, number);
    this.#budget--;
    this.#sent.set(channel, number);
    const rows = { rowCount: payloadBytes % 1000, hasIndices: false, payloadBytes };
    endpoint.send(channel, rows, (payload) => {
      const content = this.#contentOf(channel, number, payloadBytes);
      payload.set(content);
    });
  }

  #take({ channel, message, rowCount }: LinkMessage, payload: FramePayload): void {
    const expected = (this.#received.get(channel)! + 1) | 0;
    const payloadBytes = sizeOf(this.#seed, this.#specs.get(channel)!, expected);
    const where = { seed: this.#seed, channel, message, expected };
    assert(message === expected, 'messages arrive once and in order', where);
    const isWhole = payload.byteLength === payloadBytes && rowCount === payloadBytes % 1000;
    assert(isWhole, 'messages arrive whole', { ...where, actualBytes: payload.byteLength });
    const bytes = Buffer.allocUnsafe(payloadBytes);
    payload.read(bytes);
    const isSame = bytes.equals(this.#contentOf(channel, expected, payloadBytes));
    assert(isSame, 'messages arrive unharmed', where);
    this.#received.set(channel, expected);
    this.#held.push(channel);
    this.hash = mix(this.hash ^ mix(channel ^ (expected << 8)));
  }

  #contentOf(channel: number, number: number, bytes: number): Uint8Array {
    const words = this.#scratch;
    const seed = this.#seed ^ mix(channel) ^ number;
    for (let i = 0; i * 4 < bytes; i++) words[i] = mix(seed + i);
    return new Uint8Array(words.buffer, 0, bytes);
  }
}

/** Most messages are small, some are empty, a few fill the largest frame of their channel. */
function sizeOf(seed: number, channel: LinkChannel, number: number): number {
  const luck = mix(seed ^ (channel.channel << 20) ^ number) >>> 0;
  if (luck % 16 === 0) return 0;
  return luck % 256 === 1 ? channel.bytesMax - (luck % 64) : (luck >>> 10) % (SMALL_BYTES + 1);
}

function randomChannels(random: Random, first: number): LinkChannel[] {
  return Array.from({ length: 1 + random.below(3) }, (_, i) => ({
    channel: first + i,
    bytesMax: random.chance(0.1) ? LARGE_BYTES : SMALL_BYTES,
    slots: 1 + random.below(8),
    firstCount: random.chance(0.3) ? -random.below(20) : 0,
  }));
}

function randomTalkers(seed: number, budget: number): [Talker, Talker] {
  const random = new Random(seed);
  const there = randomChannels(random, 1);
  const back = randomChannels(random, 100);
  const talker = (chip: number, sends: LinkChannel[], receives: LinkChannel[]): Talker => {
    const nonce = new Uint8Array(16);
    for (let i = 0; i < nonce.length; i++) nonce[i] = random.below(256);
    const firstSequence = random.chance(0.5) ? -1 - random.below(64) : random.bits();
    const role = chip === 0 ? 'connect' : 'listen';
    const name = `Wafer.Link[${seed}]`;
    const spec = { name, role, chip, identity: IDENTITY, secret: SECRET, nonce, firstSequence };
    return new Talker({ spec: spec as LinkSpec, seed, channels: { sends, receives }, budget });
  };
  return [talker(0, there, back), talker(1, back, there)];
}

/** Runs one link to its end, in virtual time. */
function runLink(seed: number, budget: number, rates: PerFault): [VirtualLink, Talker, Talker] {
  const talkers = randomTalkers(seed, budget);
  const link = new VirtualLink(talkers, { seed: mix(seed ^ 0x1357), rates });
  let turns = 0;
  while (!link.hasEnded) {
    assert(++turns < TURNS_MAX, 'a link ends', { seed, nowMs: link.nowMs, turns });
    link.turn();
    if (talkers[0].isDone && talkers[1].isDone && link.endpoints[0].state === 'open') {
      link.endpoints[0].close();
    }
  }
  const [one, two] = talkers;
  if (one.ended === 'closed' && two.ended === 'closed') {
    for (const [a, b] of [
      [one, two],
      [two, one],
    ] as const) {
      const isAll = JSON.stringify(a.sent) === JSON.stringify(b.received);
      assert(isAll, 'a link that was closed has delivered all', { seed, sent: a.sent });
    }
  }
  return [link, one, two];
}

/** Runs links until enough messages were sent and enough faults injected. */
export function stressLinks(options: StressLinksOptions): StressLinksResult {
  const { seed, messages, faults = STRESS_FAULTS, faultsMin = 0 } = options;
  const random = new Random(seed);
  const result: StressLinksResult = {
    links: 0,
    ends: {},
    messagesSent: 0,
    messagesDelivered: 0,
    faults: everyFault(0),
    stats: emptyStats(),
    hash: 0,
  };
  const isShort = (): boolean => FAULTS.some((fault) => result.faults[fault] < faultsMin);
  while (result.messagesSent < messages || isShort()) {
    const rates = everyFault(0);
    for (const fault of FAULTS) rates[fault] = faults[fault] * ((random.bits() >>> 0) / 2 ** 31);
    const budget = 1 + random.below(Math.min(messages, MESSAGES_PER_LINK));
    const [link, one, two] = runLink(random.bits(), budget, rates);
    result.links++;
    result.hash = mix(result.hash ^ one.hash ^ mix(two.hash));
    // Where the ends tell different stories, the one with an error has more to say.
    const end = one.ended === 'closed' ? two.ended! : one.ended!;
    result.ends[end] = (result.ends[end] ?? 0) + 1;
    for (const side of [0, 1] as const) {
      const { stats } = link.endpoints[side];
      for (const key of Object.keys(stats) as (keyof LinkStats)[]) result.stats[key] += stats[key];
      for (const fault of FAULTS) result.faults[fault] += link.injectors[side].counts[fault];
    }
    result.messagesSent = result.stats.messagesSent;
    result.messagesDelivered = result.stats.messagesReceived;
  }
  return result;
}
