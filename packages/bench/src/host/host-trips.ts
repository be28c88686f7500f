/**
 * What passes between two cores of this host: a line that one wrote and the other reads, and a
 * thread that another wakes.
 */
import { Ceilings } from '../calibrate/ceilings.ts';

/** Times of trips. */
export interface TripTimes {
  handoverNsPerByte: number;
  wakeNs: number;
}

/** What is handed over, and then some. */
const BYTES = 2 ** 18;
/** A host with one core hands nothing over: as fast as it copies, which no plan asks there. */
const ALONE: TripTimes = { handoverNsPerByte: 0.1, wakeNs: 0 };

export class HostTrips implements AsyncDisposable {
  readonly #ceilings: Ceilings | undefined;

  private constructor(ceilings: Ceilings | undefined) {
    this.#ceilings = ceilings;
  }

  /** Starts two threads, if there are cores for them. */
  static async open({ cores, isQuick }: { cores: number; isQuick: boolean }): Promise<HostTrips> {
    if (cores < 2) return new HostTrips(undefined);
    const given = { bytes: BYTES, threadsMax: 2, isRevectorized: false, isQuick };
    return new HostTrips(await Ceilings.open(given));
  }

  /** Times of this moment. */
  async sample(): Promise<TripTimes> {
    if (this.#ceilings === undefined) return ALONE;
    const handover = await this.#ceilings.measure({ quantity: 'handover', threadCount: 2 });
    const wakeUs = await this.#ceilings.measure({ quantity: 'wake', threadCount: 2 });
    return { handoverNsPerByte: 1 / handover, wakeNs: Math.max(0, wakeUs * 1000) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ceilings?.close();
  }
}
