/**
 * A grammar that is being read, byte by byte: a pushdown automaton in all its places at once.
 *
 *     configuration   a set of threads, and whether the text may end here
 *
 * Configurations are numbered when they are met, and where a byte leads from one is worked out
 * once: reading is a table look-up that fills its table. Since every node of a program can be
 * finished, so can every text that leads to a configuration.
 */
import type { GrammarProgram } from '../program.ts';
import { Closure, type Gathering, newGathering } from './closure.ts';
import { ByteRows, UNKNOWN } from './byte-rows.ts';
import { DEAD } from './leaves.ts';

/** How many plain characters may follow: certainly, at most, and whether that is all there is. */
export interface PlainRun {
  certain: number;
  isExact: boolean;
}

export class Automaton {
  readonly start: number;
  readonly #closure: Closure;
  readonly #ids = new Map<string, number>();
  readonly #configurations: Int32Array[] = [];
  readonly #isAccepting: boolean[] = [];
  /** Configurations of one thread that may not end, by the thread. */
  readonly #singles = new Map<number, number>();
  readonly #rows = new ByteRows();
  readonly #forced = new Map<number, number>();

  constructor(program: GrammarProgram) {
    this.#closure = new Closure(program);
    const gathering = newGathering();
    this.#closure.begin(gathering);
    this.start = this.#idOf(gathering);
  }

  /** Configurations met so far. */
  get count(): number {
    return this.#configurations.length;
  }

  /** Whether a text that leads here may end. */
  isAccepting(id: number): boolean {
    return this.#isAccepting[id]!;
  }

  /** Whether a text that leads here may go on. */
  goesOn(id: number): boolean {
    return this.#configurations[id]!.length > 0;
  }

  /** Where a byte leads; below 0 if nowhere. */
  step(id: number, byte: number): number {
    const known = this.#rows.get(id, byte);
    if (known !== UNKNOWN) return known;
    const to = this.#step(id, byte);
    this.#rows.set(id, byte, to);
    return to;
  }

  /** Where a whole text leads; below 0 if nowhere. */
  read(id: number, bytes: Uint8Array): number {
    let at = id;
    for (let i = 0; i < bytes.length && at >= 0; i++) at = this.step(at, bytes[i]!);
    return at;
  }

  /** The only byte that may come, where there is only one and the text may not end; else -1. */
  forcedByte(id: number): number {
    if (this.#isAccepting[id]!) return -1;
    const known = this.#forced.get(id);
    if (known !== undefined) return known;
    let forced = -1;
    for (let byte = 0; byte < 256; byte++) {
      if (this.step(id, byte) < 0) continue;
      const isSecond = forced >= 0;
      forced = isSecond ? -1 : byte;
      if (isSecond) break;
    }
    this.#forced.set(id, forced);
    return forced;
  }

  /** What is known of plain characters without reading any. */
  plainRun(id: number): PlainRun {
    const { leaves, threads } = this.#closure;
    const configuration = this.#configurations[id]!;
    let certain = 0;
    for (const thread of configuration) {
      certain = Math.max(certain, leaves.plainRun(threads.at(thread, 0)).certain);
    }
    if (certain === Infinity) return { certain, isExact: true };
    if (configuration.length !== 1) return { certain, isExact: false };
    const leaf = threads.at(configuration[0]!, 0);
    const isExact = leaves.isClosed(leaf) && leaves.plainRun(leaf).longest === certain;
    return { certain, isExact };
  }

  /** The leaf that alone decides what follows but a quote; -1 if there is none. */
  closedLeaf(id: number): number {
    const { leaves, threads } = this.#closure;
    const configuration = this.#configurations[id]!;
    if (configuration.length !== 1) return -1;
    const leaf = threads.at(configuration[0]!, 0);
    return leaves.isClosed(leaf) ? leaf : -1;
  }

  /**
   * A configuration from which texts of up to `reach` characters go on as from this one, without
   * the bounds that they do not feel: of all places in a long string the same.
   */
  unbounded(id: number, reach: number): number {
    const { leaves, threads } = this.#closure;
    const configuration = this.#configurations[id]!;
    const free = configuration.map((thread) => {
      const leaf = threads.at(thread, 0);
      const other = leaves.unbounded(leaf, reach);
      return other === leaf ? thread : threads.idOf(other, threads.at(thread, 1));
    });
    if (free.every((thread, i) => thread === configuration[i])) return id;
    return this.#idOf({ threads: new Set(free), isAccepting: this.#isAccepting[id]! });
  }

  #step(id: number, byte: number): number {
    const configuration = this.#configurations[id]!;
    if (configuration.length === 1) {
      // Inside a leaf, where most bytes are, nothing else changes.
      const thread = this.#closure.stepInside(configuration[0]!, byte);
      if (thread === DEAD) return DEAD;
      if (thread >= 0) return this.#singles.get(thread) ?? this.#addSingle(thread);
    }
    const gathering = newGathering();
    for (const thread of configuration) {
      this.#closure.follow(thread, byte, gathering);
    }
    const isDead = gathering.threads.size === 0 && !gathering.isAccepting;
    return isDead ? DEAD : this.#idOf(gathering);
  }

  #addSingle(thread: number): number {
    const id = this.#idOf({ threads: new Set([thread]), isAccepting: false });
    this.#singles.set(thread, id);
    return id;
  }

  #idOf({ threads, isAccepting }: Pick<Gathering, 'threads' | 'isAccepting'>): number {
    const sorted = Int32Array.from(threads).toSorted();
    const key = `${isAccepting ? '.' : ''}${sorted.join(' ')}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#configurations.push(sorted) - 1;
    this.#isAccepting.push(isAccepting);
    this.#ids.set(key, id);
    return id;
  }
}
