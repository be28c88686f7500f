/**
 * Rows and blocks for the next step: how many rows of each running sequence have room, in the
 * policy's order, and who gives way when no block is left.
 *
 * Decodes have a row each, before anybody else; prefills take chunks of what is left, drafts the
 * rest. Who gives way is paused, or else the last of all: it gives up its blocks, waits again and
 * is computed again later.
 */
import { KV_BLOCK_TOKENS, assert } from '@wafer/core';
import type { AdmissionPolicy } from './admission.ts';
import type { KvCache } from './kv-cache.ts';
import type { KvHoldings } from './kv-holdings.ts';
import type { RunningList } from './running-list.ts';
import type { Sequence } from './sequence.ts';
import type { WaitingQueue } from './waiting-queue.ts';

export interface StepRoomParts {
  /** Rows per step. */
  rowsMax: number;
  /** Rows of one prefill per step. */
  prefillChunk: number;
  policy: AdmissionPolicy;
  kv: KvCache;
  holdings: KvHoldings;
  running: RunningList;
  waiting: WaitingQueue;
}

export class StepRoom {
  readonly #rowsMax: number;
  readonly #prefillChunk: number;
  readonly #policy: AdmissionPolicy;
  readonly #kv: KvCache;
  readonly #holdings: KvHoldings;
  readonly #running: RunningList;
  readonly #waiting: WaitingQueue;
  /** Those whose turn it is, while those who run may become fewer. */
  readonly #turn: Sequence[] = [];
  #preemptionCount = 0;

  constructor(parts: StepRoomParts) {
    this.#rowsMax = parts.rowsMax;
    this.#prefillChunk = parts.prefillChunk;
    this.#policy = parts.policy;
    this.#kv = parts.kv;
    this.#holdings = parts.holdings;
    this.#running = parts.running;
    this.#waiting = parts.waiting;
  }

  get preemptionCount(): number {
    return this.#preemptionCount;
  }

  /**
   * Plans the rows of all running sequences; returns the rows left, or undefined if room ran out.
   */
  reserveRunning(): number | undefined {
    const preemptionCount = this.#preemptionCount;
    const turn = this.#turn;
    turn.length = 0;
    let rowsLeft = this.#rowsMax;
    const keptCount = this.#policy.keptCount(this.#running.counts);
    for (const sequence of this.#running.sequences) {
      sequence.plannedCount = 0;
      turn.push(sequence);
      if (sequence.isDecoding && sequence.rowLimit > 0) rowsLeft--;
    }
    for (const sequence of turn) {
      if (sequence.state !== 'running') continue; // preempted meanwhile
      if (sequence.isDecoding) sequence.plannedCount = this.#reserve(sequence, 1);
      else {
        // Who comes within a reservation has a row in the next step, whoever fills others.
        const rows = sequence.isReserved ? rowsLeft : Math.max(0, rowsLeft - keptCount);
        rowsLeft -= this.reservePrefill(sequence, rows);
      }
    }
    if (rowsLeft < 0) assert(false, 'every decode has a row', { rowsLeft });
    return this.#preemptionCount === preemptionCount ? rowsLeft : undefined;
  }

  /** Plans a chunk of a prompt; returns its rows. */
  reservePrefill(sequence: Sequence, rowsLeft: number): number {
    const rowCount = Math.min(this.#prefillChunk, rowsLeft);
    sequence.plannedCount = this.#reserve(sequence, rowCount);
    return sequence.plannedCount;
  }

  /** Gives the rows that are left to drafts; they take no room from anyone. */
  reserveDrafts(rows: number): void {
    let rowsLeft = rows;
    for (const sequence of this.#running.sequences) {
      if (rowsLeft <= 0) return;
      const wanted = Math.min(sequence.rowLimit, 1 + rowsLeft);
      if (!sequence.isDecoding || sequence.plannedCount !== 1 || wanted <= 1) continue;
      sequence.plannedCount = this.#holdings.grow(sequence, wanted);
      rowsLeft -= sequence.plannedCount - 1;
    }
  }

  /**
   * Whether all tokens of one who waits fit beside those of the running ones, each with a block to
   * grow into.
   */
  fits(sequence: Sequence): boolean {
    const { sequences } = this.#running;
    if (sequences.length === 0) return true;
    let neededCount = Math.ceil(sequence.tokenCount / KV_BLOCK_TOKENS);
    for (const other of sequences) {
      const missing = Math.ceil(other.tokenCount / KV_BLOCK_TOKENS) - other.blocks.length;
      neededCount += Math.max(0, missing) + 1;
    }
    const { availableCount } = this.#kv;
    if (neededCount <= availableCount) return true;
    const sharedCount = this.#holdings.countShared(sequence, reusableCount(sequence));
    return neededCount - sharedCount <= availableCount;
  }

  /** Holds blocks for up to `rowCount` more rows; returns for how many there is room. */
  #reserve(sequence: Sequence, rowCount: number): number {
    const wanted = Math.min(rowCount, sequence.rowLimit);
    if (wanted <= 0) return 0;
    let granted = this.#holdings.grow(sequence, wanted);
    while (granted === 0) {
      const { sequences } = this.#running;
      const youngest = sequences.findLast(({ rowLimit }) => rowLimit <= 0) ?? sequences.at(-1);
      assert(youngest !== undefined, 'a sequence alone has room', { id: sequence.id });
      this.#preempt(youngest);
      if (youngest === sequence) return 0;
      granted = this.#holdings.grow(sequence, wanted);
    }
    if (granted > wanted) assert(false, 'no more is held than is asked for', { granted, wanted });
    return granted;
  }

  #preempt(sequence: Sequence): void {
    this.#running.remove(sequence);
    this.#holdings.release(sequence);
    sequence.computedCount = 0;
    sequence.publishedCount = 0;
    sequence.plannedCount = 0;
    sequence.isDecoding = false;
    sequence.dropDrafts();
    sequence.state = 'waiting';
    this.#waiting.takeBack(sequence);
    this.#preemptionCount++;
  }
}

/** Leading tokens whose outputs are not wanted: only these may come from the cache. */
export function reusableCount(sequence: Sequence): number {
  return Math.min(sequence.firstOutput, sequence.tokenCount - 1);
}
