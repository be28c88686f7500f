/**
 * A man in the middle who knows the protocol and sees every frame, but not the secret.
 *
 * What it alters gets fresh CRCs, as if nothing had happened. Talkers stop the process where a
 * message is not the one that was sent: a run ends with all delivered, or with a code.
 */
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { WaferError } from '@wafer/core';
import { everyFault, FRAME, HEADER_BYTES, isSequenced, mix, Random } from '@wafer/fabric/links';
import type { FrameKind, LinkWire } from '@wafer/fabric/links';
import { checkDelivered, randomTalkers } from './talker.ts';
import type { Talker } from './talker.ts';
import { VirtualLink } from './virtual-link.ts';

const ATTACKS = ['payload', 'fields', 'drop', 'replay', 'hold', 'reflect', 'insert'] as const;
type Attack = (typeof ATTACKS)[number];

interface Plot {
  attack: Attack;
  random: Random;
  /** Per frame. */
  chance: number;
  trailerBytes: number;
  count: number;
}

const kindOf = (frame: Uint8Array): FrameKind => frame[3] as FrameKind;
const isGreeting = (frame: Uint8Array): boolean =>
  [FRAME.hello, FRAME.proof, FRAME.error].some((kind) => kind === kindOf(frame));

/** Makes the checks right again: all that a CRC can ask for. */
function mend(frame: Uint8Array, trailerBytes: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  view.setUint32(HEADER_BYTES - 4, crc32(frame.subarray(0, HEADER_BYTES - 4)), true);
  if (trailerBytes === 4 && frame.length > HEADER_BYTES + 4) {
    const check = crc32(frame.subarray(HEADER_BYTES, -4), view.getUint32(HEADER_BYTES - 4, true));
    view.setUint32(frame.length - 4, check, true);
  }
  return frame;
}

/** One direction of the wire, in the attacker's hands. */
class Tap implements LinkWire {
  readonly #wire: LinkWire;
  readonly #back: LinkWire;
  readonly #plot: Plot;
  readonly #seen: Uint8Array[] = [];
  #held: Uint8Array | undefined;

  constructor(wire: LinkWire, back: LinkWire, plot: Plot) {
    this.#wire = wire;
    this.#back = back;
    this.#plot = plot;
  }

  get hasRoom(): boolean {
    return this.#wire.hasRoom;
  }

  requestFlush(): void {
    this.#wire.requestFlush();
  }

  write(frame: Uint8Array): void {
    const { random, chance } = this.#plot;
    const copy = Uint8Array.from(frame);
    this.#seen.push(copy);
    if (isGreeting(frame) || !random.chance(chance)) this.#wire.write(frame);
    else this.#attack(copy);
    const held = this.#held;
    if (held !== undefined && held !== copy) {
      this.#held = undefined;
      this.#wire.write(held);
    }
  }

  #attack(frame: Uint8Array): void {
    const { attack, random, trailerBytes } = this.#plot;
    this.#plot.count++;
    if (attack === 'drop') return;
    if (attack === 'hold') {
      this.#held ??= frame;
      return;
    }
    const forged = Uint8Array.from(attack === 'replay' ? this.#someFrame() : frame);
    const words = new Int32Array(forged.buffer, 0, HEADER_BYTES / 4);
    if (attack === 'payload' && forged.length > HEADER_BYTES + trailerBytes) {
      const payloadBytes = forged.length - HEADER_BYTES - trailerBytes;
      forged[HEADER_BYTES + random.below(payloadBytes)]! ^= 1 + random.below(255);
    } else if (attack === 'fields' || attack === 'payload') {
      words[1 + random.below(6)]! += random.chance(0.5) ? 1 : -1;
    } else if (attack === 'insert' && isSequenced(kindOf(forged))) {
      // A whole message more, numbered as the next one will be.
      words[1]! += 1;
      words[4]! += 1;
    }
    if (attack === 'insert' || attack === 'replay') this.#wire.write(frame);
    if (attack === 'reflect') this.#back.write(forged);
    else this.#wire.write(attack === 'replay' ? forged : mend(forged, trailerBytes));
    if (attack === 'reflect') this.#wire.write(frame);
  }

  #someFrame(): Uint8Array {
    return this.#seen[this.#plot.random.below(this.#seen.length)]!;
  }
}

interface Outcome {
  ends: (string | undefined)[];
  attacks: number;
  delivered: number;
}

function run(attack: Attack, seed: number, isAuthenticated: boolean): Outcome {
  const talkers = randomTalkers(seed, 120).map((talker) => {
    Object.assign(talker.spec, { isAuthenticated });
    return talker;
  }) as [Talker, Talker];
  const random = new Random(mix(seed));
  const trailerBytes = isAuthenticated ? 16 : 4;
  const plot: Plot = { attack, random, chance: 0.03, trailerBytes, count: 0 };
  const link = new VirtualLink(talkers, {
    seed,
    rates: everyFault(0),
    intercept: ([there, back]) => [new Tap(there!, back!, plot), new Tap(back!, there!, plot)],
  });
  for (let turns = 0; !link.hasEnded; turns++) {
    expect(turns).toBeLessThan(100_000);
    link.turn();
    const isDone = talkers.every((talker) => talker.isDone);
    if (isDone && link.endpoints[0].state === 'open') link.endpoints[0].close();
  }
  checkDelivered(...talkers);
  const delivered = talkers.reduce((sum, { deliveredCount }) => sum + deliveredCount, 0);
  return { ends: talkers.map(({ ended }) => ended), attacks: plot.count, delivered };
}

const SEEDS = Array.from({ length: 25 }, (_, i) => i + 1);

test.each(ATTACKS)('a man in the middle gets a code or nothing by: %s', (attack) => {
  const outcomes = SEEDS.map((seed) => run(attack, seed, true));
  const attacks = outcomes.reduce((sum, outcome) => sum + outcome.attacks, 0);
  expect(attacks).toBeGreaterThan(100);
  const codes = new Set(outcomes.flatMap(({ ends }) => ends));
  expect(codes.has('closed')).toBe(true);
  codes.delete('closed');
  // Only a length is believed before the tag, and refused if the channel has no room for it.
  expect([...codes].filter((code) => code !== 'LINK_BROKEN' && code !== 'LINK_FRAME')).toEqual([]);
});

test.each(['payload', 'fields', 'insert'] as const)(
  'without tags the same attack gets through: %s',
  (attack) => {
    const harm = SEEDS.map((seed) => {
      try {
        const { ends } = run(attack, seed, false);
        return ends.some((end) => end === 'SEQUENCE_BROKEN' || end === 'LINK_FRAME');
      } catch (error) {
        // A talker has taken what was never sent.
        if (error instanceof WaferError) throw error;
        return String(error).includes('messages arrive');
      }
    });
    expect(harm.filter(Boolean).length).toBeGreaterThan(5);
  },
);

test('frames of an earlier link between the same ends are worth nothing on the next', () => {
  const recorded: Uint8Array[][] = [[], []];
  const tape =
    (isPlaying: boolean) =>
    (lines: LinkWire[]): LinkWire[] =>
      lines.map((line, side) => ({
        get hasRoom() {
          return line.hasRoom;
        },
        requestFlush: () => line.requestFlush(),
        write: (frame) => {
          if (!isPlaying) recorded[side]!.push(Uint8Array.from(frame));
          // Where a message would come, the one of the link before comes first.
          const old = isPlaying && kindOf(frame) === FRAME.data ? recorded[side]! : [];
          const same = old.filter((other) => kindOf(other) === FRAME.data).slice(0, 3);
          for (const other of same) line.write(other);
          line.write(frame);
        },
      }));
  const damages = [false, true].map((isPlaying) => {
    const talkers = randomTalkers(4, 60);
    for (const { spec } of talkers) {
      const nonce = Uint8Array.from(spec.nonce, (byte) => byte ^ (isPlaying ? 1 : 0));
      Object.assign(spec, { isAuthenticated: true, nonce });
    }
    const link = new VirtualLink(talkers, {
      seed: 1,
      rates: everyFault(0),
      intercept: tape(isPlaying),
    });
    while (!link.hasEnded) {
      link.turn();
      const isDone = talkers.every((talker) => talker.isDone);
      if (isDone && link.endpoints[0].state === 'open') link.endpoints[0].close();
    }
    checkDelivered(...talkers);
    return link.endpoints[1].stats.damages;
  });
  expect(damages[0]).toBe(0);
  expect(damages[1]).toBeGreaterThan(0);
});
