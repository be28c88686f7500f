/**
 * A ring of fixed-size records in shared memory: what one thread did, and when.
 *
 *   f64 [0]  records written since the start
 *   f64 [8 + 8 i …]  startMs, endMs, track (tile, or ENGINE_TRACK), code (see below), step,
 *                    rows of a message, virtual start and end of an instruction in its step, ns
 *
 * One thread writes, any may read. When full, the oldest records are overwritten: a trace shows the
 * end of a run. Times are wall clock, ms since the caller's time origin, equal in all threads.
 */

const HEADER_FIELDS = 8;
const RECORD_FIELDS = 8;

/** Track of the engine's records; tiles have their index. */
export const ENGINE_TRACK = -1;

/** Codes from here on are waits for the instruction `code - WAIT_CODES`; below, the instruction. */
export const WAIT_CODES = 1_048_576;

/** Codes from here on are messages that a `receive` took from channel `code - MESSAGE_CODES`. */
export const MESSAGE_CODES = 2_097_152;

/** What the engine's records say. */
export const ENGINE_CODES = { step: 0, sample: 1 } as const;

export interface TraceRecord {
  startMs: number;
  endMs: number;
  track: number;
  code: number;
  /** Steps that the tile, or the engine, had ended before. */
  step: number;
  /** Of a message. */
  rowCount: number;
  /** Within the step; NaN where no virtual clock runs. */
  startVirtualNs: number;
  endVirtualNs: number;
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
  /** Of the newest record. */
  #at = HEADER_FIELDS;

  /** `originMs` is the caller's `performance.timeOrigin`. */
  constructor(ring: SharedArrayBuffer, originMs: number) {
    this.#fields = new Float64Array(ring);
    this.#capacity = (this.#fields.length - HEADER_FIELDS) / RECORD_FIELDS;
    this.#offsetMs = performance.timeOrigin - originMs;
  }

  /** Writes a record; times are this thread's `performance.now()`. */
  write(startMs: number, endMs: number, track: number, code: number, step: number): void {
    const at = HEADER_FIELDS + (this.#count % this.#capacity) * RECORD_FIELDS;
    const fields = this.#fields;
    fields[at] = startMs + this.#offsetMs;
    fields[at + 1] = endMs + this.#offsetMs;
    fields[at + 2] = track;
    fields[at + 3] = code;
    fields[at + 4] = step;
    fields[at + 5] = 0;
    fields[at + 6] = NaN;
    fields[at + 7] = NaN;
    this.#at = at;
    fields[0] = ++this.#count;
  }

  /** The record written last is a message of so many rows. */
  addRows(rowCount: number): void {
    this.#fields[this.#at + 5] = rowCount;
  }

  /** The record written last took this long on the virtual clock of its step. */
  addVirtualTime(startVirtualNs: number, endVirtualNs: number): void {
    this.#fields[this.#at + 6] = startVirtualNs;
    this.#fields[this.#at + 7] = endVirtualNs;
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
      step: fields[at + 4]!,
      rowCount: fields[at + 5]!,
      startVirtualNs: fields[at + 6]!,
      endVirtualNs: fields[at + 7]!,
    };
  });
  return { records, lostCount: written - count };
}
