/**
 * What the caller is to be told, step by step. Each message wakes the caller's thread, and on a
 * machine whose cores are all computing that is taken from the next step; so pieces of a request
 * that allows it wait for those of the next steps, and leave with them.
 *
 *     steps     a b │ a b │ a b │ …        a, b: pieces of two answers
 *     messages      └─────┴─────┴─▶ a b a b a b        once the next step would end too late
 *
 * The next step is taken to last as long as the one before, and by its rows longer where it has
 * more, as with a prompt; a piece waits longer than it may where a step outlasts that. Of a
 * request, order stays.
 */
import { assert } from '@wafer/core';
import type { EngineEvent } from './messages.ts';

/** An event of a request. */
export type RequestEvent = Exclude<EngineEvent, { kind: 'ready' | 'crashed' }>;

export class EventBuffer {
  #events: RequestEvent[] = [];
  /** Requests whose events leave now. */
  readonly #due = new Set<number>();
  /** When the first of the others is to leave at the latest. */
  #dueAtMs = Infinity;
  #nowMs = -Infinity;
  #stepMs = Infinity;
  #stepRows = 1;

  /** Takes note that a step of so many rows ended. */
  endStep(nowMs: number, rowCount: number): void {
    if (rowCount < 1) assert(false, 'a step has rows', { rowCount, nowMs });
    this.#stepMs = nowMs - this.#nowMs;
    this.#stepRows = rowCount;
    this.#nowMs = nowMs;
  }

  /** Takes an event of the step that ended, which may wait so long. */
  put(event: RequestEvent, waitMs: number): void {
    this.#events.push(event);
    if (waitMs > 0) this.#dueAtMs = Math.min(this.#dueAtMs, this.#nowMs + waitMs);
    else this.#due.add(event.id);
  }

  /** What is to leave before a step of so many rows ends; all of it where none follows. */
  take(nextRows: number | undefined): RequestEvent[] {
    const events = this.#events;
    const due = this.#due;
    const nextMs = this.#stepMs * Math.max(1, (nextRows ?? 1) / this.#stepRows);
    if (nextRows === undefined || this.#nowMs + nextMs > this.#dueAtMs) {
      this.#events = [];
      this.#dueAtMs = Infinity;
      due.clear();
      return events;
    }
    if (due.size === 0) return [];
    const leaving = events.filter(({ id }) => due.has(id));
    this.#events = events.filter(({ id }) => !due.has(id));
    if (this.#events.length === 0) this.#dueAtMs = Infinity;
    due.clear();
    return leaving;
  }
}
