/**
 * The threads that own sockets, one in each process of a wafer: chips, and the parent's relay. Each
 * does one thing after the other; one that was idle is woken first. A turn carries all that is
 * there when it begins. What they do needs cores.
 */
import type { HostFigures } from './host-figures.ts';

/** What stops for the time that a thread of sockets needs. */
interface Interruptible {
  interrupt(atNs: number, ns: number): void;
}

interface Errand {
  ns: number;
  run: () => void;
}

interface Turn {
  startNs: number;
  endNs: number;
}

const PARENT = -1;

export class HostRelay {
  readonly #figures: HostFigures;
  readonly #cores: Interruptible;
  readonly #chips: readonly number[];
  /** The last turn of each thread, by chip. */
  readonly #turns = new Map<number, Turn>();
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
      this.#pass(0, { by: [PARENT, chip], bytes: 0, arrive: (ns) => arrive(chip, ns) });
    }
  }

  /** A message from chip to chip. */
  carry(
    ns: number,
    message: { source: number; target: number; bytes: number; arrive: (ns: number) => void },
  ): void {
    const { source, target, bytes, arrive } = message;
    this.#pass(ns, { by: [source, target], bytes, arrive });
  }

  /** Logits of a tile, from its chip to the parent. */
  report(ns: number, { chip, bytes }: { chip: number; bytes: number }): void {
    const arrive = (doneNs: number): void => {
      this.reportedNs = Math.max(this.reportedNs, doneNs);
    };
    this.#pass(ns, { by: [chip, PARENT], bytes, arrive });
  }

  /** Each of these threads in turn does what it has to do with some bytes. */
  #pass(
    ns: number,
    { by, bytes, arrive }: { by: readonly number[]; bytes: number; arrive: (ns: number) => void },
  ): void {
    const [thread, ...rest] = by;
    if (thread === undefined) return arrive(ns);
    return this.at(ns, () => {
      const io = this.#figures.link.io!;
      const copyNs = bytes / io.bytesPerNs;
      const last = this.#turns.get(thread);
      // Not begun yet: it carries this, too.
      const turn = last && ns <= last.startNs ? last : this.#nextTurn(ns, last);
      const startNs = turn.endNs;
      turn.endNs += turn === last ? copyNs : io.turnNs + copyNs;
      this.#turns.set(thread, turn);
      const doneNs = turn.endNs;
      this.at(startNs, () => this.#cores.interrupt(startNs, doneNs - startNs));
      this.#pass(doneNs, { by: rest, bytes, arrive });
    });
  }

  /** Of a thread that has something to do from `ns` on, after its last turn. */
  #nextTurn(ns: number, last: Turn | undefined): Turn {
    const isBusy = last !== undefined && last.endNs > ns;
    const startNs = isBusy ? last.endNs : ns + this.#figures.wakeNs;
    return { startNs, endNs: startNs };
  }
}
