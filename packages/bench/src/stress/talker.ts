/**
 * One end of a link under stress: sends random traffic and checks what it receives.
 *
 * What a message must contain follows from the seed, its channel and its number, so the receiver
 * needs no copy to compare with. Sizes, slots and first numbers are random, too.
 */
import { assert } from '@wafer/core';
import type { ErrorCode } from '@wafer/core';
import { mix, Random } from '@wafer/fabric/links';
import type {
  FramePayload,
  LinkChannel,
  LinkChannels,
  LinkHandlers,
  LinkMessage,
  LinkEnd,
  OutgoingRows,
} from '@wafer/fabric/links';

/** What traffic needs of a link, be it an endpoint or one with a socket. */
export interface Talkable {
  canSend(channel: number): boolean;
  send(channel: number, rows: OutgoingRows, fill: (payload: Uint8Array) => void): void;
  release(channel: number): void;
}

const IDENTITY = { kernelHash: '5a'.repeat(32), rounding: 'fused' } as const;
const SECRET: Uint8Array = new Uint8Array(32).fill(7);
/** Large payloads span several parts and reads; a few channels carry them. */
const LARGE_BYTES = 48 * 1024;
const SMALL_BYTES = 96;

/** Sends and checks the traffic of one end. */
export class Talker {
  readonly spec: LinkEnd;
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
  deliveredCount = 0;
  ended: ErrorCode | 'closed' | undefined;

  constructor(parts: { spec: LinkEnd; seed: number; channels: LinkChannels; budget: number }) {
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

  /** How far every channel has come, as `[channel, number]`. */
  get sent(): [number, number][] {
    return [...this.#sent];
  }

  get received(): [number, number][] {
    return [...this.#received];
  }

  /** Sends and gives back what it can and likes to; says whether there was anything to do. */
  work(link: Talkable): boolean {
    if (this.ended !== undefined) return false;
    let didWork = false;
    while (this.#held.length > 0 && this.#random.chance(0.8)) {
      const at = this.#random.below(this.#held.length);
      link.release(this.#held[at]!);
      this.#held.splice(at, 1);
      didWork = true;
    }
    for (const { channel } of this.#channels.sends) {
      while (this.#budget > 0 && link.canSend(channel) && this.#random.chance(0.7)) {
        this.#sendOn(link, channel);
        didWork = true;
      }
    }
    return didWork || this.#held.length > 0;
  }

  #sendOn(link: Talkable, channel: number): void {
    const number = (this.#sent.get(channel)! + 1) | 0;
    const payloadBytes = sizeOf(this.#seed, this.#specs.get(channel)!, number);
    this.#budget--;
    this.#sent.set(channel, number);
    const rows = { rowCount: payloadBytes % 1000, hasIndices: false, payloadBytes };
    link.send(channel, rows, (payload) => {
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
    this.deliveredCount++;
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

/** Both ends of a link, which talk about channels that the seed picks; half of them use tags. */
export function randomTalkers(seed: number, budget: number): [Talker, Talker] {
  const random = new Random(seed);
  const isAuthenticated = random.chance(0.5);
  const there = randomChannels(random, 1);
  const back = randomChannels(random, 100);
  const talker = (chip: number, sends: LinkChannel[], receives: LinkChannel[]): Talker => {
    const nonce = new Uint8Array(16);
    for (let i = 0; i < nonce.length; i++) nonce[i] = random.below(256);
    const firstSequence = random.chance(0.5) ? -1 - random.below(64) : random.bits();
    const role = chip === 0 ? 'connect' : 'listen';
    const name = `Wafer.Link[${seed}]`;
    const identity = { identity: IDENTITY, secret: SECRET, isAuthenticated };
    const spec: LinkEnd = { name, role, chip, ...identity, nonce, firstSequence };
    return new Talker({ spec, seed, channels: { sends, receives }, budget });
  };
  return [talker(0, there, back), talker(1, back, there)];
}

/** Whether all that was sent has arrived, if both ends say that the link was closed as asked. */
export function checkDelivered(one: Talker, two: Talker): void {
  if (one.ended !== 'closed' || two.ended !== 'closed') return;
  for (const [from, to] of [
    [one, two],
    [two, one],
  ] as const) {
    const isAll = JSON.stringify(from.sent) === JSON.stringify(to.received);
    assert(isAll, 'a link that was closed has delivered all', { link: one.spec.name });
  }
}
