/**
 * The threads that own sockets, one in each process of a wafer: chips, and the parent's relay. Each
 * does one thing after the other. A turn carries all that is there when it begins, and takes longer
 * where tiles have read weights since the last. What they do needs cores.
 *
 *   thread ─rings─▶ its I/O thread    which runs next, on the core of who rang and waits
 *   I/O thread ─socket─▶ I/O thread   which is woken first, where a core is idle; else it takes one
 *   I/O thread ─rings─▶ thread        as above: no core is woken
 */
import { sweptShare } from './host-figures.ts';
import type { HostFigures } from './host-figures.ts';

/** Cores that threads of sockets take for a while. */
export interface Interruptible {
  interrupt(atNs: number, ns: number): void;
  hasIdle(atNs: number): boolean;
}

interface Errand {
  ns: number;
  run: () => void;
}

interface Turn {
  startNs: number;
  endNs: number;
}

/** Threads that something passes, one after the other. */
interface Way {
  by: readonly number[];
  /** Whether a thread of the same process rings the first, not a socket. */
  isRung: boolean;
  bytes: number;
  arrive: (ns: number) => void;
}

const PARENT = -1;

/**
 * Until an I/O thread that was rung has the core; a release and the send after it share a turn.
 * Source: traces of the scheduler, 3 to 8 us, the least (docs/lab-log.md, 2026-11-30).
 */
export const SWITCH_NS = 3000;

export class HostRelay {
  readonly #figures: HostFigures;
  readonly #cores: Interruptible;
  readonly #chips: readonly number[];
  /** The last turn of each thread, by chip. */
  readonly #turns = new Map<number, Turn>();
  /** Bytes of weights that were read beside each thread since its last turn. */
  readonly #swept = new Map<number, number>();
  /** By time, soonest first. */
  readonly #errands: Errand[] = [];
  readonly isUsed: boolean;
  /** When the last logits were there. */
  reportedNs = 0;

  constructor(parts: {
    chipOf: readonly number[];
    figures: HostFigures;
    interrupt: Interruptible;
  }) {
    this.#figures = parts.figures;
    this.#cores = parts.interrupt;
    this.#chips = [...new Set(parts.chipOf)];
    this.isUsed = this.#chips.length > 1 && parts.figures.link.io !== undefined;
  }

  /** Tiles of a chip have read so many bytes of weights. */
  sweep(chip: number, bytes: number): void {
    for (const thread of [chip, PARENT]) {
      this.#swept.set(thread, (this.#swept.get(thread) ?? 0) + bytes);
    }
  }

  /** When something is due. */
  get nextNs(): number {
    return this.#errands[0]?.ns ?? Infinity;
  }

  runNext(): void {
    this.#errands.shift()?.run();
  }

  /** Does something at a time. */
  at(ns: number, run: () => void): void {
    const place = this.#errands.findIndex((other) => other.ns > ns);
    this.#errands.splice(place < 0 ? this.#errands.length : place, 0, { ns, run });
  }

  /** The record of a step, from the parent to every chip. */
  handOut(arrive: (chip: number, ns: number) => void): void {
    for (const chip of this.#chips) {
      const by = [PARENT, chip];
      this.#pass(0, { by, isRung: true, bytes: 0, arrive: (ns) => arrive(chip, ns) });
    }
  }

  /** A message from chip to chip. */
  carry(
    ns: number,
    message: { source: number; target: number; bytes: number; arrive: (ns: number) => void },
  ): void {
    const { source, target, bytes, arrive } = message;
    this.#pass(ns, { by: [source, target], isRung: true, bytes, arrive });
  }

  /** Logits of a tile, from its chip to the parent. */
  report(ns: number, { chip, bytes }: { chip: number; bytes: number }): void {
    const arrive = (doneNs: number): void => {
      this.reportedNs = Math.max(this.reportedNs, doneNs);
    };
    this.#pass(ns, { by: [chip, PARENT], isRung: true, bytes, arrive });
  }

  /** Each of these threads in turn does what it has to do with some bytes. */
  #pass(ns: number, way: Way): void {
    const { bytes, isRung } = way;
    const [thread, ...rest] = way.by;
    if (thread === undefined) return way.arrive(ns);
    return this.at(ns, () => {
      const io = this.#figures.link.io!;
      const copyNs = bytes / io.bytesPerNs;
      const last = this.#turns.get(thread);
      // Not begun yet: it carries this, too.
      const turn =
        last && ns <= last.startNs
          ? last
          : this.#nextTurn(ns, last, isRung ? SWITCH_NS : this.#wakeNs(ns));
      const startNs = turn.endNs;
      turn.endNs += copyNs + (turn === last ? 0 : io.turnNs + this.#coldNs(thread));
      this.#turns.set(thread, turn);
      const doneNs = turn.endNs;
      this.at(startNs, () => this.#cores.interrupt(startNs, doneNs - startNs));
      this.#pass(doneNs, { ...way, by: rest, isRung: false });
    });
  }

  /** Of a thread that has something to do from `ns` on, after its last turn. */
  #nextTurn(ns: number, last: Turn | undefined, wakeNs: number): Turn {
    const isBusy = last !== undefined && last.endNs > ns;
    const startNs = isBusy ? last.endNs : ns + wakeNs;
    return { startNs, endNs: startNs };
  }

  #coldNs(thread: number): number {
    const share = sweptShare(this.#swept.get(thread) ?? 0);
    this.#swept.set(thread, 0);
    return share * this.#figures.link.coldNs;
  }

  /** What a thread that a socket wakes waits for: a core that sleeps, too. */
  #wakeNs(ns: number): number {
    return this.#cores.hasIdle(ns) ? this.#figures.wakeNs : 0;
  }
}
