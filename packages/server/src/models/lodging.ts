/**
 * Models that are guests on the wafer of another one, in slots of its adapters.
 *
 *     guest ── lease ─▶ host: kept as long as the guest stays, and until its last answer has ended
 *     guest ◀─ lost ── host's wafer has failed
 */
import type { Wafer } from '@wafer/runtime';
import { modelDigest } from '@wafer/runtime/internal';
import { unavailable } from './restarts.ts';

/** A model that is a change of another one, and can be a guest on its wafer. */
export interface GuestSpec {
  /** The other one, by its id. */
  host: string;
  /**
   * Takes a slot of a wafer whose weights have this digest; undefined where none is free, or none
   * would do. Throws: what ended the wafer.
   */
  enter: (wafer: Wafer, digest: string | undefined) => Promise<GuestStay | undefined>;
}

/** A slot that is taken. */
export interface GuestStay {
  /** The wafer, whose requests go through the slot. */
  wafer: Wafer;
  /** Gives the slot back, once nobody goes through it any more. */
  leave: () => Promise<void>;
}

/** Whose wafer has slots. */
export interface Host {
  readonly lodging: Lodging;
  lease(): Promise<{ wafer: Wafer } & Disposable>;
}

/** What a model has to do with others as a guest of one, and as a host of some. */
export class Lodging {
  /** Told when the wafer of this host is no more. */
  readonly #guests = new Set<() => void>();
  #leave: ((isFree: Promise<void>) => void) | undefined;

  /** Of the weights that its wafer was started with; undefined where it has no room for guests. */
  #digest: string | undefined;

  /** Its wafer has just been started: what lies in the model's files later is not what it runs. */
  opened({ plan, model }: Wafer): void {
    this.#digest = undefined;
    if (plan.options.adapters === undefined) return;
    try {
      this.#digest = modelDigest(model.source);
    } catch {
      // Files that are gone by now: nobody can tell whether a guest fits.
    }
  }

  /** Whether it is a guest. */
  get isGuest(): boolean {
    return this.#leave !== undefined;
  }

  /**
   * The host's wafer, through a slot; undefined where there is no room. Throws: as `lease`,
   * ApiError 503 where that wafer has failed meanwhile: it comes back, and needs no second one.
   */
  async enter(guest: GuestSpec, host: Host, onLost: () => void): Promise<Wafer | undefined> {
    using held = new DisposableStack();
    const { wafer } = held.use(await host.lease());
    const isRunning = (): boolean => wafer.state === 'running';
    const stay = await guest.enter(wafer, host.lodging.#digest).catch((error: unknown) => {
      if (isRunning()) throw error;
      return undefined;
    });
    if (!isRunning()) throw unavailable(guest.host, false);
    if (stay === undefined) return undefined;
    const guests = host.lodging.#guests;
    guests.add(onLost);
    const lease = held.move();
    this.#leave = (isFree) => {
      guests.delete(onLost);
      const gone = isFree.then(stay.leave).catch(() => undefined); // it went with its wafer
      void gone.then(() => lease.dispose());
    };
    return stay.wafer;
  }

  /**
   * Is a guest no more; the slot is given back once nobody has a lease of it: whoever has one may
   * not have asked yet. Whether it was a guest.
   */
  leave(isFree: Promise<void>): boolean {
    const leave = this.#leave;
    this.#leave = undefined;
    leave?.(isFree);
    return leave !== undefined;
  }

  /** Tells the guests that the wafer is no more. */
  tellLost(): void {
    for (const onLost of [...this.#guests]) onLost();
  }
}
