/**
 * Wavelets on ramps between PEs and routers, by the cycle they arrive in.
 */
export class RampFlights {
  readonly #queues: Int32Array;
  readonly #values: Float64Array;
  readonly #counts: Int32Array;
  readonly #most: number;

  /** A queue is fed by one wavelet a cycle at most, so `queues` wavelets arrive in one. */
  constructor(cycles: number, queues: number) {
    this.#most = queues;
    this.#queues = new Int32Array(cycles * queues);
    this.#values = new Float64Array(cycles * queues);
    this.#counts = new Int32Array(cycles);
  }

  /** A wavelet that arrives at a queue in a cycle. */
  add(cycle: number, queue: number, value: number): void {
    const slot = cycle % this.#counts.length;
    const place = slot * this.#most + this.#counts[slot]!;
    this.#queues[place] = queue;
    this.#values[place] = value;
    this.#counts[slot] = this.#counts[slot]! + 1;
  }

  /** Tells each wavelet of a cycle, and forgets them. */
  land(cycle: number, arrive: (queue: number, value: number) => void): void {
    const slot = cycle % this.#counts.length;
    const first = slot * this.#most;
    const end = first + this.#counts[slot]!;
    for (let i = first; i < end; i++) arrive(this.#queues[i]!, this.#values[i]!);
    this.#counts[slot] = 0;
  }
}
