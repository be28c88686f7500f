/**
 * One model of a server, and the wafer that runs it.
 *
 *     absent ─▶ loading ─▶ ready ─ idle ─▶ absent            (failed: ready, but its wafer is not)
 *        ▲         └─ failed ─┘ wafer fails: loading again, within the budget of restarts
 *        └── close                          └─ budget spent: broken, for good
 *
 * A lease keeps the wafer; it is dropped when nobody has had one for a while.
 */
import { assert } from '@wafer/core';
import type { Model, Reservation, Wafer } from '@wafer/runtime';
import { ApiError } from '../errors/api-error.ts';
import { Gate, GATE_LIMITS_DEFAULT } from './gate.ts';
import type { GateLimits } from './gate.ts';

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

/** How often a wafer may be started anew before it is given up. */
export interface RestartBudget {
  countMax: number;
  withinMs: number;
}

export const RESTARTS_DEFAULT: RestartBudget = { countMax: 5, withinMs: 60_000 };
export const IDLE_MS_DEFAULT: number = 10 * 60_000;

export type EntryState = 'absent' | 'loading' | 'ready' | 'failed' | 'broken' | 'closed';

/** What the owner is told of. */
export interface EntryEvents {
  onState: (id: string, state: EntryState, error?: unknown) => void;
  /** The budget is spent, of one with a wafer of its own: adapters that are lost end nothing. */
  onBroken: (id: string, error: unknown) => void;
}

/** The right to ask a model, until it is given back. */
export interface Lease extends Disposable {
  readonly id: string;
  readonly wafer: Wafer;
  /** Who is let into its queue. */
  readonly gate: Gate;
}

const RETRY_SECONDS = 2;
/** Timers take no more; then it stays. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class ModelEntry {
  readonly spec: ServedModelSpec;
  readonly #events: EntryEvents;
  readonly #find: (id: string) => ModelEntry;
  readonly #failedAtMs: number[] = [];
  #state: EntryState = 'absent';
  #wafer: Wafer | undefined;
  #gate: Gate | undefined;
  #loading: Promise<Wafer> | undefined;
  #leaseCount = 0;
  /** Said by a request, in the place of the spec's. */
  #keptMs: number | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  /** Starts after the first. */
  restartCount = 0;

  constructor(spec: ServedModelSpec, events: EntryEvents, find: (id: string) => ModelEntry) {
    this.spec = spec;
    this.#events = events;
    this.#find = find;
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

  get leaseCount(): number {
    return this.#leaseCount;
  }

  /** Milliseconds without a lease after which it is dropped; never where it is pinned. */
  get idleMs(): number {
    return this.spec.isPinned ? Infinity : (this.#keptMs ?? this.spec.idleMs);
  }

  /** Says how long it stays from now on, where it is not pinned. */
  keepFor(idleMs: number): void {
    this.#keptMs = idleMs;
    this.#awaitUse();
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
    this.#awaitUse();
    return wafer;
  }

  /** Throws: ApiError 503, also while the wafer is started anew. */
  async lease(): Promise<Lease> {
    if (this.#isFailing) throw this.#unavailable();
    this.#leaseCount++;
    clearTimeout(this.#idleTimer);
    try {
      const wafer = await this.load();
      let isOpen = true;
      const release = (): void => {
        if (isOpen) this.#release();
        isOpen = false;
      };
      return { id: this.spec.id, wafer, gate: this.#gateOf(wafer), [Symbol.dispose]: release };
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    // One that never was here has nothing to tell of.
    if (this.#state === 'absent') this.#state = 'closed';
    else this.#enter('closed');
    await this.#loading?.catch(() => undefined);
    await this.#wafer?.close();
    this.#wafer = undefined;
  }

  async #start(): Promise<Wafer> {
    this.#enter('loading');
    try {
      const wafer = await this.spec.start((id) => this.#find(id).load());
      if (this.state === 'closed') {
        await wafer.close();
        throw this.#unavailable();
      }
      this.#wafer = wafer;
      this.#enter('ready');
      void wafer.closed.then((error) => this.#ended(wafer, error));
      return wafer;
    } catch (error) {
      if (this.#state === 'loading') this.#enter('absent', error);
      throw error;
    }
  }

  /** A wafer is no more: by itself, or since it was dropped. */
  async #ended(wafer: Wafer, error: Error | undefined): Promise<void> {
    if (this.#wafer !== wafer) return;
    this.#wafer = undefined;
    if (this.#state === 'closed') return;
    this.#enter('absent', error);
    if (error === undefined) return;
    const nowMs = performance.now();
    this.#failedAtMs.push(nowMs);
    const { countMax, withinMs } = this.spec.restarts;
    const recentCount = this.#failedAtMs.filter((atMs) => nowMs - atMs < withinMs).length;
    if (recentCount > countMax) return this.#break(error);
    this.restartCount++;
    await this.load().catch((failure: unknown) => this.#break(failure));
  }

  #break(error: unknown): void {
    if (this.#state === 'closed') return;
    this.#enter('broken', error);
    if (this.#base === undefined) this.#events.onBroken(this.spec.id, error);
  }

  #release(): void {
    this.#leaseCount--;
    assert(this.#leaseCount >= 0, 'a lease is given back once', { count: this.#leaseCount });
    this.#awaitUse();
  }

  /** Begins the time after which what nobody uses is dropped. */
  #awaitUse(): void {
    const { idleMs } = this;
    if (this.#leaseCount > 0 || this.#wafer === undefined || this.#state === 'closed') return;
    clearTimeout(this.#idleTimer);
    if (idleMs > TIMER_MS_MAX) return;
    this.#idleTimer = setTimeout(() => void this.#drop(), idleMs);
    this.#idleTimer.unref();
  }

  async #drop(): Promise<void> {
    const wafer = this.#wafer;
    if (wafer === undefined || this.#leaseCount > 0) return;
    this.#wafer = undefined;
    this.#enter('absent');
    await wafer.close();
  }

  /** Whether its wafer, or that of its base, has failed or is being started anew. */
  get #isFailing(): boolean {
    const isRestarting = this.#loading !== undefined && this.restartCount > 0;
    if (isRestarting || this.state === 'failed') return true;
    const base = this.#base;
    return base !== undefined && base.#isFailing;
  }

  /** The model whose engine and queue it shares. */
  get #base(): ModelEntry | undefined {
    const { adapterOf } = this.spec;
    return adapterOf === undefined ? undefined : this.#find(adapterOf);
  }

  #gateOf(wafer: Wafer): Gate {
    if (this.#base) return this.#base.#gateOf(wafer);
    const { gate: bounds = GATE_LIMITS_DEFAULT, reservations = [] } = this.spec;
    // One request runs, and the next may wait.
    const reserved = new Map(reservations.map(({ tenant, slots }) => [tenant, 2 * slots]));
    const gate = { ...bounds, reserved };
    return (this.#gate ??= new Gate(gate, wafer.plan.options.sequencesMax));
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

function unavailable(id: string, isBroken: boolean): ApiError {
  return new ApiError({
    status: 503,
    code: isBroken ? 'model_unavailable' : 'model_restarting',
    message: isBroken ? `the model ${id} is not running` : `the model ${id} is being started anew`,
    retryAfterSeconds: isBroken ? undefined : RETRY_SECONDS,
  });
}
