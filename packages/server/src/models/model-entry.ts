/**
 * One model of a server, and the wafer that runs it.
 *
 *     absent ─▶ loading ─▶ ready ─ idle ─▶ absent            (failed: ready, but its wafer is not)
 *        ▲         └─ failed ─┘ wafer fails: loading again, within the budget of restarts
 *        └── close                          └─ budget spent: broken, for good
 *
 * A lease keeps the wafer; it is dropped when nobody has had one for a while. One that may be a
 * guest goes through a slot of another model's wafer while there is room, and keeps that one.
 */
import { assert } from '@wafer/core';
import type { Model, Reservation, Wafer } from '@wafer/runtime';
import type { ApiError } from '../errors/api-error.ts';
import { Gate, GATE_LIMITS_DEFAULT } from './gate.ts';
import type { GateLimits } from './gate.ts';
import { Lodging } from './lodging.ts';
import type { GuestSpec } from './lodging.ts';
import { Restarts, unavailable } from './restarts.ts';
import type { RestartBudget } from './restarts.ts';
import { Uses } from './uses.ts';

/** The wafer of a model, by its id. */
export type LoadModel = (id: string) => Promise<Wafer>;

export interface ServedModelSpec {
  /** What clients call it. */
  id: string;
  /** Starts a wafer with it, or takes that of another model, by its id. */
  start: (load: LoadModel) => Promise<Wafer>;
  /** Loaded with the server, and kept. */
  isPinned: boolean;
  /** Milliseconds without a lease after which it is dropped. */
  idleMs: number;
  restarts: RestartBudget;
  /** Bounds of its queue. Default: `GATE_LIMITS_DEFAULT`. */
  gate?: GateLimits | undefined;
  /** What tenants have to themselves; the wafer is to be started with the same. */
  reservations?: readonly Reservation[] | undefined;
  /** The tenant that alone may ask it. Default: all may. */
  owner?: string | undefined;
  /** When it came about, in seconds since 1970. Default: with the server. */
  createdAt?: number | undefined;
  /** The model whose wafer it goes through, as an adapter. Default: it has one of its own. */
  adapterOf?: string | undefined;
  /** How it goes through a slot of another model's wafer, where one is free. Default: never. */
  guest?: GuestSpec | undefined;
  /** How it is trained further. Default: not at all. */
  training?: TrainableModel | undefined;
}

/** A model that others can be trained from. */
export interface TrainableModel {
  /** The id of the model that all the training began with: its own, unless it was trained. */
  base: string;
  /** What `openModel` takes. */
  path: string;
  /** Where pulled models lie. */
  modelsFolder?: string | undefined;
  /** Starts a wafer with what was trained from it, as this one is started. */
  start: (model: Model) => Promise<Wafer>;
}

export const IDLE_MS_DEFAULT: number = 10 * 60_000;

export type EntryState = 'absent' | 'loading' | 'ready' | 'failed' | 'broken' | 'closed';

/** What the owner is told of. */
export interface EntryEvents {
  onState: (id: string, state: EntryState, error?: unknown) => void;
  /** The budget is spent, of one with a wafer of its own: adapters that are lost end nothing. */
  onBroken: (id: string, error: unknown) => void;
  /** Whether nothing new is taken: a wafer that dies is not started anew. Default: it is. */
  isEnding?: (() => boolean) | undefined;
}

/** The right to ask a model, until it is given back. */
export interface Lease extends Disposable {
  readonly id: string;
  readonly wafer: Wafer;
  /** Who is let into its queue. */
  readonly gate: Gate;
}

export class ModelEntry {
  readonly spec: ServedModelSpec;
  readonly #events: EntryEvents;
  readonly #find: (id: string) => ModelEntry;
  readonly #restarts: Restarts;
  readonly #uses: Uses;
  /** Whose guest it is, and who its guests are. */
  readonly lodging: Lodging = new Lodging();
  #state: EntryState = 'absent';
  #wafer: Wafer | undefined;
  #gate: Gate | undefined;
  #loading: Promise<Wafer> | undefined;

  constructor(spec: ServedModelSpec, events: EntryEvents, find: (id: string) => ModelEntry) {
    this.spec = spec;
    this.#events = events;
    this.#find = find;
    this.#restarts = new Restarts(spec.restarts);
    this.#uses = new Uses(spec.isPinned ? Infinity : spec.idleMs, () => void this.#drop());
  }

  get state(): EntryState {
    const isFailed = this.#state === 'ready' && this.#wafer?.state !== 'running';
    return isFailed ? 'failed' : this.#state;
  }

  /** The wafer, if it is there. */
  get wafer(): Wafer | undefined {
    return this.#wafer;
  }

  /** Who is let into its queue; undefined before it was first loaded. */
  get gate(): Gate | undefined {
    return this.#base?.gate ?? this.#gate;
  }

  /** The model whose wafer it goes through, by its id; undefined while it has its own, or none. */
  get adapterOf(): string | undefined {
    return this.#base?.spec.id;
  }

  get leaseCount(): number {
    return this.#uses.count;
  }

  /** Milliseconds without a lease after which it is dropped; never where it is pinned. */
  get idleMs(): number {
    return this.#uses.idleMs;
  }

  /** Says how long it stays from now on, where it is not pinned. */
  keepFor(idleMs: number): void {
    if (!this.spec.isPinned) this.#uses.idleMs = idleMs;
    this.#uses.rest();
  }

  /**
   * Loads the model if it is not there; nobody has it yet, so its idle time begins.
   * Throws: ApiError 503, what starting a wafer throws.
   */
  async load(): Promise<Wafer> {
    if (this.#wafer) return this.#wafer;
    if (this.#state === 'broken' || this.#state === 'closed') throw this.#unavailable();
    this.#loading ??= this.#start().finally(() => {
      this.#loading = undefined;
    });
    const wafer = await this.#loading;
    this.#uses.rest();
    return wafer;
  }

  /** Throws: ApiError 503, also while the wafer is started anew. */
  async lease(): Promise<Lease> {
    if (this.#isFailing) throw this.#unavailable();
    using held = new DisposableStack();
    held.use(this.#uses.take());
    const wafer = await this.load();
    const gate = this.#gateOf(wafer);
    const use = held.move();
    return { id: this.spec.id, wafer, gate, [Symbol.dispose]: () => use.dispose() };
  }

  async close(): Promise<void> {
    this.#uses.stop();
    // One that never was here has nothing to tell of.
    if (this.#state === 'absent') this.#state = 'closed';
    else this.#enter('closed');
    await this.#loading?.catch(() => undefined);
    const wafer = this.#wafer;
    this.#wafer = undefined;
    await this.#giveUp(wafer);
  }

  async #start(): Promise<Wafer> {
    this.#enter('loading');
    try {
      const shared = await this.#enterHost();
      const wafer = shared ?? (await this.spec.start((id) => this.#find(id).load()));
      if (this.state === 'closed') {
        await this.#giveUp(wafer);
        throw this.#unavailable();
      }
      this.#wafer = wafer;
      if (shared === undefined) this.lodging.opened(wafer);
      this.#enter('ready');
      if (shared === undefined) void wafer.closed.then((error) => this.#ended(wafer, error));
      return wafer;
    } catch (error) {
      if (this.#state === 'loading') this.#enter('absent', error);
      throw error;
    }
  }

  /** A wafer with room for it, if one runs: it is kept as long as this one is here. */
  async #enterHost(): Promise<Wafer | undefined> {
    const { guest } = this.spec;
    const host = this.#host;
    if (guest === undefined || host?.state !== 'ready') return undefined;
    return this.lodging.enter(guest, host, () => this.#lost());
  }

  /** A wafer is no more: by itself, or since it was dropped. */
  async #ended(wafer: Wafer, error: Error | undefined): Promise<void> {
    if (this.#wafer !== wafer) return;
    this.#wafer = undefined;
    if (this.#state === 'closed') return;
    this.#enter('absent', error);
    this.lodging.tellLost();
    if (error === undefined || this.#events.isEnding?.() === true) return;
    if (!this.#restarts.mayFollow(performance.now())) return this.#break(error);
    await this.load().catch((failure: unknown) => this.#break(failure));
  }

  /** The wafer that it was a guest on is no more; it comes back when somebody asks for it. */
  #lost(): void {
    this.#uses.stop();
    this.#wafer = undefined;
    this.lodging.leave(this.#uses.free());
    this.#enter('absent');
  }

  /** Gives back what it had: a slot, or a wafer of its own. */
  async #giveUp(wafer: Wafer | undefined): Promise<void> {
    if (!this.lodging.leave(this.#uses.free())) await wafer?.close();
  }

  #break(error: unknown): void {
    if (this.#state === 'closed') return;
    this.#enter('broken', error);
    if (this.#base === undefined) this.#events.onBroken(this.spec.id, error);
  }

  async #drop(): Promise<void> {
    const wafer = this.#wafer;
    if (wafer === undefined || this.#uses.count > 0) return;
    this.#wafer = undefined;
    this.#enter('absent');
    await this.#giveUp(wafer);
  }

  /** Whether its wafer, or that of its base, has failed or is being started anew. */
  get #isFailing(): boolean {
    const isRestarting = this.#loading !== undefined && this.#restarts.count > 0;
    if (isRestarting || this.state === 'failed') return true;
    // Where it has a wafer of its own, it needs no host.
    const base = this.#base ?? (this.#wafer === undefined ? this.#host : undefined);
    return base !== undefined && base.#isFailing;
  }

  /** The model whose engine and queue it shares. */
  get #base(): ModelEntry | undefined {
    const { adapterOf } = this.spec;
    if (adapterOf !== undefined) return this.#find(adapterOf);
    return this.lodging.isGuest ? this.#host : undefined;
  }

  /** The model whose guest it may be. */
  get #host(): ModelEntry | undefined {
    const { guest } = this.spec;
    return guest && this.#find(guest.host);
  }

  #gateOf(wafer: Wafer): Gate {
    const base = this.#base;
    return base ? base.#gateOf(wafer) : (this.#gate ??= gateFor(this.spec, wafer));
  }

  #enter(state: EntryState, error?: unknown): void {
    if (this.#state === state || this.#state === 'closed') return;
    const isHere = this.#wafer !== undefined;
    assert(state !== 'ready' || isHere, 'a model that is ready has a wafer', { state, isHere });
    this.#state = state;
    this.#events.onState(this.spec.id, state, error);
  }

  #unavailable(): ApiError {
    return unavailable(this.spec.id, this.#state === 'broken' || this.#state === 'closed');
  }
}

function gateFor(spec: ServedModelSpec, { plan }: Wafer): Gate {
  const { gate: bounds = GATE_LIMITS_DEFAULT, reservations = [] } = spec;
  // One request runs, and the next may wait.
  const reserved = new Map(reservations.map(({ tenant, slots }) => [tenant, 2 * slots]));
  const { sequencesMax: slotCount, rowsMax: stepTokens } = plan.options;
  return new Gate({ ...bounds, reserved }, { slotCount, stepTokens });
}
