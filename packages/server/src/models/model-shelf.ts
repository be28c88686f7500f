/**
 * The models of a server by their ids: loaded on first use, dropped when idle, started anew when
 * their wafer fails. Those that a tenant made are its own: to others they are not there.
 */
import { assert } from '@wafer/core';
import { unknownModel } from '../errors/api-error.ts';
import { ModelEntry } from './model-entry.ts';
import type { EntryEvents, Lease, ServedModelSpec } from './model-entry.ts';

/** Whoever asks for a model. */
interface Asking {
  readonly tenant: string;
}

export class ModelRegistry {
  readonly #entries: Map<string, ModelEntry>;
  readonly #events: EntryEvents;

  /** The first model is the default. */
  constructor(specs: readonly ServedModelSpec[], events: EntryEvents) {
    this.#events = events;
    this.#entries = new Map(specs.map((spec) => [spec.id, this.#entryOf(spec)]));
  }

  /** All of them, whoever's: for those who run the server. */
  get entries(): readonly ModelEntry[] {
    return [...this.#entries.values()];
  }

  /** Those that are there for a caller; for nobody in particular, those of no tenant. */
  entriesOf(caller?: Asking): readonly ModelEntry[] {
    return this.entries.filter(({ spec }) => isFor(spec, caller));
  }

  /** Throws: ApiError 404, also for another tenant's. */
  find(id: string, caller?: Asking): ModelEntry {
    const entry = this.#entries.get(id);
    if (entry !== undefined && isFor(entry.spec, caller)) return entry;
    throw unknownModel(id);
  }

  /** A model to be asked; loads it first if need be. Throws: ApiError 404, 503. */
  async lease(id: string, caller?: Asking): Promise<Lease> {
    return this.find(id, caller).lease();
  }

  /**
   * Refuses a caller before its body is read, where none of the models that it can ask has room.
   * Throws: ApiError 429, 503.
   */
  checkRoom({ tenant }: Asking, waitMsMax: number | undefined): void {
    let refusal: Error | undefined;
    for (const { spec, gate } of this.#entries.values()) {
      if (!isFor(spec, { tenant })) continue;
      if (gate === undefined) return;
      try {
        return gate.checkRoom({ tenant, waitMsMax });
      } catch (error) {
        refusal = error as Error;
      }
    }
    if (refusal !== undefined) throw refusal;
  }

  /** Puts one more there; it can be asked at once. */
  add(spec: ServedModelSpec): void {
    assert(!this.#entries.has(spec.id), 'a model has an id of its own', { id: spec.id });
    this.#entries.set(spec.id, this.#entryOf(spec));
  }

  /** Takes one away: nobody finds it from now on, and its wafer is closed. */
  async remove(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    await entry?.close();
  }

  /** Whether every model that is to stay loaded can be asked. */
  get isReady(): boolean {
    return this.entries.every(({ spec, state }) => !spec.isPinned || state === 'ready');
  }

  /** Loads those that are to stay loaded. Throws: what starting a wafer throws. */
  async start(): Promise<void> {
    await Promise.all(this.entries.filter(({ spec }) => spec.isPinned).map((one) => one.load()));
  }

  #entryOf(spec: ServedModelSpec): ModelEntry {
    // Whoever may ask an adapter goes through its base, whose ever that is.
    const find = (id: string): ModelEntry => {
      const entry = this.#entries.get(id);
      if (entry === undefined) throw unknownModel(id);
      return entry;
    };
    return new ModelEntry(spec, this.#events, find);
  }

  async close(): Promise<void> {
    await Promise.all(this.entries.map((entry) => entry.close()));
  }
}

function isFor({ owner }: ServedModelSpec, caller: Asking | undefined): boolean {
  return owner === undefined || owner === caller?.tenant;
}
