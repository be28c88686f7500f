/**
 * Models that are guests on the wafer of another one, in slots of its adapters.
 *
 *     guest ── lease ─▶ host: kept as long as the guest stays, and until its last answer has ended
 *     guest ◀─ lost ── host's wafer has failed
 */
import type { Wafer } from '@wafer/runtime';

/** A model that is a change of another one, and can be a guest on its wafer. */
export interface GuestSpec {
  /** The other one, by its id. */
  host: string;
  /** Takes a slot of a wafer; undefined where none is free, or none would do. */
  enter: (wafer: Wafer) => Promise<GuestStay | undefined>;
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
  #leave: (() => void) | undefined;

  /** Whether it is a guest. */
  get isGuest(): boolean {
    return this.#leave !== undefined;
  }

  /** The host's wafer, through a slot; undefined where there is no room. Throws: as `lease`. */
  async enter(guest: GuestSpec, host: Host, onLost: () => void): Promise<Wafer | undefined> {
    using held = new DisposableStack();
    const { wafer } = held.use(await host.lease());
    const stay = await guest.enter(wafer);
    if (stay === undefined) return undefined;
    // It failed meanwhile, and has told its guests.
    if (wafer.state !== 'running') return undefined;
    const guests = host.lodging.#guests;
    guests.add(onLost);
    const lease = held.move();
    this.#leave = () => {
      guests.delete(onLost);
      const gone = stay.leave().catch(() => undefined); // it went with its wafer
      void gone.then(() => lease.dispose());
    };
    return stay.wafer;
  }

  /** Leaves at once; answers under way are not cut. Whether it was a guest. */
  leave(): boolean {
    const leave = this.#leave;
    this.#leave = undefined;
    leave?.();
    return leave !== undefined;
  }

  /** Tells the guests that the wafer is no more. */
  tellLost(): void {
    for (const onLost of [...this.#guests]) onLost();
  }
}
