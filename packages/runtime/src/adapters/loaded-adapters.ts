/**
 * The adapters of a running wafer: which are loaded, in which slot, and who goes through them.
 *
 *     load ──▶ named, in a slot ──unload──▶ unnamed, until no request goes through it ──▶ free
 *
 * A serial number, never used again, keeps what the KV cache knows of one adapter from the next in
 * the same slot.
 */
import { ADAPTER_TARGETS, assert, WaferError } from '@wafer/core';
import type { Plan } from '@wafer/core';
import { openAdapter } from '@wafer/models';
import type { OpenAdapter } from '@wafer/models';
import { refuse } from '../engine/sampling-options.ts';
import type { AdapterUse } from '../engine/sequence.ts';
import type { AdapterSlots } from './adapter-slots.ts';
import { placeAdapter } from './place-adapter.ts';

const NAME_LENGTH_MAX = 256;

/** An adapter that requests can name. */
export interface LoadedAdapter {
  name: string;
  /** The file that it was read from. */
  path: string;
  rank: number;
  /** How many matrices it changes. */
  matrixCount: number;
}

/** One who goes through an adapter, until it is disposed of. */
export interface AdapterHold extends Disposable {
  readonly use: AdapterUse;
}

interface Entry extends LoadedAdapter {
  use: AdapterUse;
  holdCount: number;
  /** Told when nobody holds it any more; set once it is to go. */
  onFree: (() => void) | undefined;
}

export class LoadedAdapters {
  readonly #plan: Plan;
  readonly #slots: AdapterSlots;
  readonly #entries = new Map<string, Entry>();
  /** Slots without an adapter, from 1 on. */
  readonly #free: number[];
  /** Names of those that are being read. */
  readonly #loading = new Set<string>();
  #serial = 0;

  constructor(plan: Plan, slots: AdapterSlots) {
    this.#plan = plan;
    this.#slots = slots;
    const count = plan.options.adapters?.slots ?? 0;
    this.#free = Array.from({ length: count }, (_, i) => count - i);
  }

  /** Those that requests can name, in the order in which they came. */
  list(): LoadedAdapter[] {
    return [...this.#entries.values()].map(({ name, path, rank, matrixCount }) => ({
      ...{ name, path, rank, matrixCount },
    }));
  }

  /**
   * Reads an adapter into a free slot.
   * Throws: REQUEST_INVALID, ADAPTER_SLOTS, ADAPTER_RANK, ADAPTER_TARGET, as `openAdapter`, and
   * what ended the wafer meanwhile.
   */
  async load(path: string, name: unknown): Promise<LoadedAdapter> {
    if (typeof path !== 'string') refuse('path', path, 'a folder or a GGUF file');
    this.#checkName(name);
    const adapter = openAdapter(this.#plan.spec, path);
    const rank = this.#checkFits(adapter, name);
    const slot = this.#free.pop();
    if (slot === undefined) throw this.#full();
    this.#loading.add(name);
    try {
      await placeAdapter(this.#plan, this.#slots, { adapter, slot: slot - 1 });
    } catch (error) {
      this.#free.push(slot);
      throw error;
    } finally {
      this.#loading.delete(name);
    }
    const use = { slot, serial: ++this.#serial };
    const matrixCount = Object.keys(adapter.changes).length;
    const loaded = { name, path: adapter.path, rank, matrixCount };
    this.#entries.set(name, { ...loaded, use, holdCount: 0, onFree: undefined });
    return loaded;
  }

  /**
   * Takes a name away at once; resolves when no request goes through it and its slot is free.
   * Throws: ADAPTER_UNKNOWN, REQUEST_INVALID.
   */
  async unload(name: string): Promise<void> {
    const entry = this.#find(name);
    this.#entries.delete(name);
    if (entry.holdCount > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      entry.onFree = resolve;
      await promise;
    }
    const { holdCount, use } = entry;
    assert(holdCount === 0, 'a slot is given back when nobody goes through it', { holdCount });
    assert(!this.#free.includes(use.slot), 'a slot is given back once', { slot: use.slot });
    this.#free.push(use.slot);
  }

  /** Holds the adapter of a name; undefined for none. Throws: ADAPTER_UNKNOWN, REQUEST_INVALID. */
  hold(name: string | undefined): AdapterHold | undefined {
    if (name === undefined) return undefined;
    const entry = this.#find(name);
    entry.holdCount++;
    let isHeld = true;
    return {
      use: entry.use,
      [Symbol.dispose]: () => {
        if (isHeld && --entry.holdCount === 0) entry.onFree?.();
        isHeld = false;
      },
    };
  }

  /** Throws: ADAPTER_UNKNOWN, REQUEST_INVALID. */
  check(name: string): void {
    this.#find(name);
  }

  #find(name: unknown): Entry {
    if (typeof name !== 'string') refuse('adapter', name, 'the name of a loaded adapter');
    const entry = this.#entries.get(name);
    if (entry !== undefined) return entry;
    const loaded = [...this.#entries.keys()];
    const known = loaded.length === 0 ? 'none' : loaded.join(', ');
    throw new WaferError('ADAPTER_UNKNOWN', { name: name.slice(0, NAME_LENGTH_MAX), known });
  }

  #checkName(name: unknown): asserts name is string {
    const isName = typeof name === 'string' && name.length > 0 && name.length <= NAME_LENGTH_MAX;
    if (!isName) refuse('name', name, `1 to ${NAME_LENGTH_MAX} characters`);
    const isTaken = this.#entries.has(name) || this.#loading.has(name);
    if (isTaken) refuse('name', name, 'one that no loaded adapter has');
    if (this.#free.length === 0) throw this.#full();
  }

  /** The largest rank, if all that it changes has slots of it. */
  #checkFits({ changes }: OpenAdapter, name: string): number {
    const { rank: slotRank = 0, targets = [] } = this.#plan.options.adapters ?? {};
    const placed = new Set(
      this.#plan.tiles.flatMap(({ adapters }) => adapters.map(({ tensor }) => tensor)),
    );
    let largest = 0;
    for (const [tensor, { rank, a }] of Object.entries(changes)) {
      if (!placed.has(tensor)) {
        const hint = hintOf(a.role.part);
        throw new WaferError('ADAPTER_TARGET', { name, tensor, targets: targets.join(', '), hint });
      }
      if (rank > slotRank) throw new WaferError('ADAPTER_RANK', { name, rank, slotRank });
      largest = Math.max(largest, rank);
    }
    return largest;
  }

  #full(): WaferError {
    const slots = this.#plan.options.adapters?.slots ?? 0;
    const hint = slots === 0 ? 'start the wafer with adapters' : 'unload one, or start with more';
    return new WaferError('ADAPTER_SLOTS', { slots, hint });
  }
}

/** What to do about a matrix without slots; the head and routers never have any. */
function hintOf(part: string): string {
  const isTarget = ADAPTER_TARGETS.some((target) => target === part);
  return isTarget ? `start with ${part} among targets` : 'merge it into the model at its start';
}
