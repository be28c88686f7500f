/**
 * A ring of fixed-size records in shared memory: what one thread did, and when.
 *
 *   f64 [0]  records written since the start
 *   f64 [4 + 4 i …]  startMs, endMs, track (tile, or ENGINE_TRACK), code (see below)
 *
 * One thread writes, any may read. When full, the oldest records are overwritten: a trace shows the
 * end of a run. Times are wall clock, ms since the caller's time origin, equal in all threads.
 */

const HEADER_FIELDS = 4;
const RECORD_FIELDS = 4;

/** Track of the engine's records; tiles have their index. */
export const ENGINE_TRACK = -1;

/** Codes from here on are waits for the instruction `code - WAIT_CODES`; below, the instruction. */
export const WAIT_CODES = 1_048_576;

/** What the engine's records say. */
export const ENGINE_CODES = { step: 0, sample: 1 } as const;

export interface TraceRecord {
  startMs: number;
  endMs: number;
  track: number;
  code: number;
}

/** Shared memory for a ring of `capacity` records. */
export function createTraceRing(capacity: number): SharedArrayBuffer {
  return new SharedArrayBuffer((HEADER_FIELDS + capacity * RECORD_FIELDS) * 8);
}

/** The writing end, of one thread. */
export class TraceWriter {
  readonly #fields: Float64Array;
  readonly #capacity: number;
  readonly #offsetMs: number;
  #count = 0;

  /** `originMs` is the caller's `performance.timeOrigin`. */
  constructor(ring: SharedArrayBuffer, originMs: number) {
    this.#fields = new Float64Array(ring);
    this.#capacity = (this.#fields.length - HEADER_FIELDS) / RECORD_FIELDS;
    this.#offsetMs = performance.timeOrigin - originMs;
  }

  /** Writes a record; times are this thread's `performance.now()`. */
  write(startMs: number, endMs: number, track: number, code: number): void {
    const at = HEADER_FIELDS + (this.#count % this.#capacity) * RECORD_FIELDS;
    const fields = this.#fields;
    fields[at] = startMs + this.#offsetMs;
    fields[at + 1] = endMs + this.#offsetMs;
    fields[at + 2] = track;
    fields[at + 3] = code;
    fields[0] = ++this.#count;
  }
}

/** The records of a ring, oldest first, and how many were overwritten. */
export function readTraceRing(ring: SharedArrayBuffer): {
  records: TraceRecord[];
  lostCount: number;
} {
  const fields = new Float64Array(ring);
  const capacity = (fields.length - HEADER_FIELDS) / RECORD_FIELDS;
  const written = fields[0]!;
  const count = Math.min(written, capacity);
  const records = Array.from({ length: count }, (_, i) => {
    const at = HEADER_FIELDS + ((written - count + i) % capacity) * RECORD_FIELDS;
    return {
      startMs: fields[at]!,
      endMs: fields[at + 1]!,
      track: fields[at + 2]!,
      code: fields[at + 3]!,
    };
  });
  return { records, lostCount: written - count };
}
