/**
 * The models of a server by their ids: loaded on first use, dropped when idle, started anew when
 * their wafer fails.
 */
import { ApiError } from '../errors/api-error.ts';
import { ModelEntry } from './model-entry.ts';
import type { EntryEvents, Lease, ServedModelSpec } from './model-entry.ts';

export class ModelRegistry {
  readonly #entries: ReadonlyMap<string, ModelEntry>;

  /** The first model is the default. */
  constructor(specs: readonly ServedModelSpec[], events: EntryEvents) {
    this.#entries = new Map(specs.map((spec) => [spec.id, new ModelEntry(spec, events)]));
  }

  get entries(): readonly ModelEntry[] {
    return [...this.#entries.values()];
  }

  /** Throws: ApiError 404. */
  find(id: string): ModelEntry {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return entry;
    const name = JSON.stringify(id.slice(0, 200));
    const message = `the model ${name} does not exist; GET /v1/models lists those that do`;
    throw new ApiError({ status: 404, code: 'model_not_found', param: 'model', message });
  }

  /** A model to be asked; loads it first if need be. Throws: ApiError 404, 503. */
  async lease(id: string): Promise<Lease> {
    return this.find(id).lease();
  }

  /** Whether every model that is to stay loaded can be asked. */
  get isReady(): boolean {
    return this.entries.every(({ spec, state }) => !spec.isPinned || state === 'ready');
  }

  /** Loads those that are to stay loaded. Throws: what starting a wafer throws. */
  async start(): Promise<void> {
    await Promise.all(this.entries.filter(({ spec }) => spec.isPinned).map((one) => one.load()));
  }

  async close(): Promise<void> {
    await Promise.all(this.entries.map((entry) => entry.close()));
  }
}
