/**
 * Damages frames on purpose, between framing and transport, from a seed.
 *
 *   endpoint ─▶ FaultInjector ─▶ wire      drop · duplicate · reorder · corrupt · delay · cut
 *
 * At most one fault befalls a frame. `reorder` lets the next frame pass first, `delay` holds it for
 * a while, `cut` loses its end, so that the next frame begins where nobody expects it. Faults are
 * counted, so that a test knows what it has tried.
 */
import type { Random } from '../random.ts';
import type { LinkWire } from './link-spec.ts';

export const FAULTS = ['drop', 'duplicate', 'reorder', 'corrupt', 'delay', 'cut'] as const;

export type Fault = (typeof FAULTS)[number];

/** Something for each kind of fault: a probability per frame, or a count. */
export type PerFault = Record<Fault, number>;

/** The same number for all faults. */
export function everyFault(value: number): PerFault {
  const all = { drop: value, duplicate: value, reorder: value };
  return { ...all, corrupt: value, delay: value, cut: value };
}

interface HeldFrame {
  bytes: Uint8Array;
  releaseAtMs: number;
}

const REORDER_MS = 3;

export class FaultInjector implements LinkWire {
  /** Faults so far. */
  readonly counts: PerFault = everyFault(0);
  readonly #wire: LinkWire;
  readonly #random: Random;
  readonly #rates: Readonly<PerFault>;
  readonly #delayMsMax: number;
  readonly #now: () => number;
  #overtaken: HeldFrame | undefined;
  #held: HeldFrame[] = [];

  constructor(
    wire: LinkWire,
    parts: { random: Random; rates: PerFault; delayMsMax: number; now: () => number },
  ) {
    this.#wire = wire;
    this.#random = parts.random;
    this.#rates = parts.rates;
    this.#delayMsMax = parts.delayMsMax;
    this.#now = parts.now;
  }

  /** When a frame that is held has to go; infinite if none is. */
  get deadlineMs(): number {
    const first = this.#overtaken?.releaseAtMs ?? Infinity;
    return this.#held.reduce((least, held) => Math.min(least, held.releaseAtMs), first);
  }

  get hasRoom(): boolean {
    return this.#wire.hasRoom;
  }

  requestFlush(): void {
    this.#wire.requestFlush();
  }

  write(frame: Uint8Array): void {
    const fault = this.#draw();
    if (fault === undefined) this.#wire.write(frame);
    else this.#harm(frame, fault);
    if (fault !== 'reorder') this.#releaseOvertaken();
  }

  /** Lets go of the frames whose time has come. */
  advance(): void {
    const now = this.#now();
    if (this.#overtaken !== undefined && this.#overtaken.releaseAtMs <= now)
      this.#releaseOvertaken();
    if (this.#held.length === 0) return;
    const due = this.#held.filter(({ releaseAtMs }) => releaseAtMs <= now);
    this.#held = this.#held.filter(({ releaseAtMs }) => releaseAtMs > now);
    for (const { bytes } of due) this.#wire.write(bytes);
  }

  #draw(): Fault | undefined {
    let luck = (this.#random.bits() >>> 0) / 2 ** 32;
    for (const fault of FAULTS) {
      luck -= this.#rates[fault];
      if (luck < 0) return fault;
    }
    return undefined;
  }

  #harm(frame: Uint8Array, fault: Fault): void {
    this.counts[fault]++;
    if (fault === 'drop') return;
    // The sender may use its buffer again once the frame has arrived in another way.
    const bytes = Uint8Array.from(frame);
    if (fault === 'duplicate') {
      this.#wire.write(frame);
      this.#wire.write(bytes);
    } else if (fault === 'reorder') {
      this.#releaseOvertaken();
      this.#overtaken = { bytes, releaseAtMs: this.#now() + REORDER_MS };
    } else if (fault === 'delay') {
      const delayMs = 1 + this.#random.below(this.#delayMsMax);
      this.#held.push({ bytes, releaseAtMs: this.#now() + delayMs });
    } else if (fault === 'corrupt') {
      this.#corrupt(bytes);
      this.#wire.write(bytes);
    } else {
      this.#wire.write(bytes.subarray(0, 1 + this.#random.below(bytes.length - 1)));
    }
  }

  /** Alters single bits, or a run of bytes; always something. */
  #corrupt(bytes: Uint8Array): void {
    const random = this.#random;
    const at = random.below(bytes.length);
    if (random.chance(0.5)) {
      bytes[at]! ^= 1 << random.below(8);
      // A second bit elsewhere cannot undo the first.
      const other = random.below(bytes.length);
      if (other !== at) bytes[other]! ^= 1 << random.below(8);
    } else {
      const end = Math.min(bytes.length, at + 1 + random.below(16));
      for (let i = at; i < end; i++) bytes[i]! ^= 1 + random.below(255);
    }
  }

  #releaseOvertaken(): void {
    const held = this.#overtaken;
    this.#overtaken = undefined;
    if (held !== undefined) this.#wire.write(held.bytes);
  }
}
