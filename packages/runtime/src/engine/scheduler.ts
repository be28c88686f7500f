/**
 * Continuous batching: which rows of which sequences the next step computes.
 *
 *     add ──▶ waiting ──admit (first come, first served)──▶ running ──finish, abort──▶ done
 *                ▲───────────── preempt the youngest ──────────┘
 *
 * A step takes one row of every decode first, then chunks of prefills, oldest first. Blocks are
 * reserved in order of age; when none is left, the youngest running sequence gives up all of its
 * own, waits in front of the queue and is computed again later. The bits do not change by that, so
 * no one sees it, and the oldest sequence always moves: everything finishes.
 *
 * One turn: `next(step)`, tiles run, `complete(step)`, then a token is pushed to (or `finish`
 * called for) every sequence in `logitOwners`. Aborts may come at any time; owners that are `done`
 * by then are skipped.
 */
import { assert, WaferError } from '@wafer/core';
import { BLOCK_TOKENS, type KvCache } from './kv-cache.ts';
import { KvHoldings } from './kv-holdings.ts';
import { promptTooLong } from './request.ts';
import type { Sequence } from './sequence.ts';
import type { Segment, Step } from './step.ts';
import type { WindowCache } from './window-cache.ts';

export interface SchedulerSpec {
  /** Rows per step. */
  rowsMax: number;
  /** Sequences running at once; at most rowsMax, so that each can have a row in every step. */
  sequencesMax: number;
  /** Positions per sequence. */
  contextMax: number;
  /** Rows of one prefill per step: less delays decodes less, more fills faster. */
  prefillChunk: number;
  kv: KvCache;
  /** Of layers with windows, if they have a pool of their own. */
  windows?: WindowCache | undefined;
}

export interface SchedulerStats {
  waitingCount: number;
  runningCount: number;
  preemptionCount: number;
}

/** Returns an empty step for up to `rowsMax` rows. */
export function createStep(rowsMax: number): Step {
  return { rowCount: 0, tokens: new Int32Array(rowsMax), segments: [], logitRows: [] };
}

export class Scheduler {
  /** Sequences of the step's segments, in their order. */
  readonly segmentOwners: Sequence[] = [];
  /** Sequences of the step's logit rows, in their order, and the positions of those rows. */
  readonly logitOwners: Sequence[] = [];
  readonly logitPositions: number[] = [];
  readonly #spec: SchedulerSpec;
  readonly #kv: KvCache;
  readonly #holdings: KvHoldings;
  /** By id, in order of arrival. */
  readonly #arrivals = new Map<number, Sequence>();
  /** Older than all arrivals; the oldest on top. */
  readonly #preempted: Sequence[] = [];
  /** Oldest first. */
  readonly #running: Sequence[] = [];
  readonly #segments: Segment[];
  #preemptionCount = 0;
  #underWay: Step | undefined;

  constructor(spec: SchedulerSpec) {
    const { rowsMax, sequencesMax, prefillChunk } = spec;
    const isSound = sequencesMax > 0 && sequencesMax <= rowsMax && prefillChunk > 0;
    assert(isSound, 'every sequence can have a row', { rowsMax, sequencesMax, prefillChunk });
    this.#spec = spec;
    this.#kv = spec.kv;
    this.#holdings = new KvHoldings(spec.kv, spec.windows);
    this.#segments = Array.from({ length: sequencesMax }, () => ({
      firstRow: 0,
      rowCount: 0,
      startPosition: 0,
      blocks: [],
      windowBlocks: [],
      windowFirst: 0,
    }));
  }

  stats(): SchedulerStats {
    return {
      waitingCount: this.#arrivals.size + this.#preempted.length,
      runningCount: this.#running.length,
      preemptionCount: this.#preemptionCount,
    };
  }

  /** Queues a sequence. Throws: PROMPT_TOO_LONG; KV_EXHAUSTED if the cache could never hold it. */
  add(sequence: Sequence): void {
    const { id, positionsMax } = sequence;
    assert(sequence.state === 'new' && !this.#arrivals.has(id), 'sequences are added once', { id });
    if (positionsMax > this.#spec.contextMax) {
      throw promptTooLong(positionsMax, this.#spec);
    }
    const kvTokens = this.#kv.blockCount * BLOCK_TOKENS;
    if (positionsMax > kvTokens) {
      const hint = 'raise kvTokens (--kv-tokens) or cut maxTokens (--max-tokens)';
      throw new WaferError('KV_EXHAUSTED', { neededTokens: positionsMax, kvTokens, hint });
    }
    sequence.state = 'waiting';
    this.#arrivals.set(id, sequence);
  }

  /** Ends a sequence whose answer is complete; the cache keeps what others may reuse. */
  finish(sequence: Sequence): void {
    assert(sequence.state === 'running', 'only running sequences finish', { id: sequence.id });
    this.#end(sequence);
  }

  /** Ends a sequence wherever it is, even in a step under way; false if it is not here. */
  abort(id: number): boolean {
    const sequence =
      this.#arrivals.get(id) ??
      this.#running.find((other) => other.id === id) ??
      this.#preempted.find((other) => other.id === id);
    if (sequence === undefined) return false;
    this.#end(sequence);
    return true;
  }

  /** Fills the step with what runs next; false if there is nothing to run. */
  next(step: Step): boolean {
    assert(this.#underWay === undefined, 'steps are completed one by one');
    const rowsLeft = this.#reserveRunning();
    if (rowsLeft !== undefined) this.#admit(rowsLeft);
    this.#emit(step);
    if (step.rowCount === 0) return false;
    this.#underWay = step;
    return true;
  }

  /** Takes note that the tiles ran the step: positions advance, full blocks become known. */
  complete(step: Step): void {
    assert(this.#underWay === step, 'only the step under way is completed');
    this.#underWay = undefined;
    for (const sequence of this.segmentOwners) {
      if (sequence.state === 'done') continue; // aborted meanwhile
      sequence.computedCount += sequence.plannedCount;
      sequence.scoredCount = Math.max(sequence.scoredCount, sequence.computedCount);
      this.#holdings.advance(sequence);
    }
  }

  // ---- room

  /**
   * Plans the rows of all running sequences; returns the rows left, or undefined if room ran out.
   */
  #reserveRunning(): number | undefined {
    const running = this.#running;
    const preemptionCount = this.#preemptionCount;
    let rowsLeft = this.#spec.rowsMax;
    for (const sequence of running) if (sequence.pendingCount === 1) rowsLeft--;
    // A preemption shortens `running` from its end, never below the sequence that asked.
    for (let i = 0; i < running.length; i++) {
      const sequence = running[i]!;
      if (sequence.pendingCount <= 1) sequence.plannedCount = this.#reserve(sequence, 1);
      else rowsLeft -= this.#reservePrefill(sequence, rowsLeft);
    }
    return this.#preemptionCount === preemptionCount ? rowsLeft : undefined;
  }

  #reservePrefill(sequence: Sequence, rowsLeft: number): number {
    const rowCount = Math.min(this.#spec.prefillChunk, rowsLeft);
    sequence.plannedCount = this.#reserve(sequence, rowCount);
    return sequence.plannedCount;
  }

  /** Holds blocks for up to `rowCount` more rows; returns for how many there is room. */
  #reserve(sequence: Sequence, rowCount: number): number {
    const wanted = Math.min(rowCount, sequence.pendingCount);
    if (wanted === 0) return 0;
    let granted = this.#holdings.grow(sequence, wanted);
    while (granted === 0) {
      const youngest = this.#running.at(-1);
      assert(youngest !== undefined, 'a sequence alone has room', { id: sequence.id });
      this.#preempt(youngest);
      if (youngest === sequence) return 0;
      granted = this.#holdings.grow(sequence, wanted);
    }
    return granted;
  }

  #preempt(sequence: Sequence): void {
    this.#running.pop();
    this.#holdings.release(sequence);
    sequence.computedCount = 0;
    sequence.publishedCount = 0;
    sequence.plannedCount = 0;
    sequence.state = 'waiting';
    this.#preempted.push(sequence);
    this.#preemptionCount++;
  }

  // ---- arrivals and ends

  #admit(rows: number): void {
    let rowsLeft = rows;
    while (rowsLeft > 0 && this.#running.length < this.#spec.sequencesMax) {
      const sequence = this.#preempted.at(-1) ?? this.#firstArrival();
      if (sequence === undefined || !this.#hasRoomFor(sequence)) return;
      if (this.#preempted.at(-1) === sequence) this.#preempted.pop();
      else this.#arrivals.delete(sequence.id);
      sequence.state = 'running';
      this.#running.push(sequence);
      this.#holdings.match(sequence, reusableCount(sequence));
      rowsLeft -= this.#reservePrefill(sequence, rowsLeft);
    }
  }

  #firstArrival(): Sequence | undefined {
    if (this.#arrivals.size === 0) return undefined;
    return this.#arrivals.values().next().value;
  }

  /**
   * Whether all its tokens fit beside those of the running ones, each with a block to grow into.
   */
  #hasRoomFor(sequence: Sequence): boolean {
    if (this.#running.length === 0) return true;
    let neededCount = Math.ceil(sequence.tokenCount / BLOCK_TOKENS);
    for (const other of this.#running) {
      const missing = Math.ceil(other.tokenCount / BLOCK_TOKENS) - other.blocks.length;
      neededCount += Math.max(0, missing) + 1;
    }
    const { availableCount } = this.#kv;
    if (neededCount <= availableCount) return true;
    const sharedCount = this.#holdings.countShared(sequence, reusableCount(sequence));
    return neededCount - sharedCount <= availableCount;
  }

  #end(sequence: Sequence): void {
    this.#arrivals.delete(sequence.id);
    remove(this.#preempted, sequence);
    remove(this.#running, sequence);
    this.#holdings.release(sequence);
    sequence.state = 'done';
  }

  // ---- the step record

  /** Writes the planned rows: decodes, then prefills. Objects of the last step are used again. */
  #emit(step: Step): void {
    let segmentCount = 0;
    let logitCount = 0;
    step.rowCount = 0;
    for (let pass = 0; pass < 2; pass++) {
      for (const sequence of this.#running) {
        const isDecode = sequence.pendingCount === 1;
        if (sequence.plannedCount === 0 || isDecode !== (pass === 0)) continue;
        this.#emitSegment(step, sequence, segmentCount);
        logitCount = this.#emitLogitRows(step, sequence, logitCount);
        step.rowCount += sequence.plannedCount;
        segmentCount++;
      }
    }
    truncate(step.segments, segmentCount);
    truncate(this.segmentOwners, segmentCount);
    truncate(step.logitRows, logitCount);
    truncate(this.logitOwners, logitCount);
    truncate(this.logitPositions, logitCount);
  }

  #emitSegment(step: Step, sequence: Sequence, index: number): void {
    const { tokens, computedCount, plannedCount } = sequence;
    const segment = this.#segments[index]!;
    segment.firstRow = step.rowCount;
    segment.rowCount = plannedCount;
    segment.startPosition = computedCount;
    segment.blocks = sequence.blocks;
    segment.windowBlocks = sequence.windowBlocks;
    segment.windowFirst = sequence.windowFirst;
    step.segments[index] = segment;
    this.segmentOwners[index] = sequence;
    for (let i = 0; i < plannedCount; i++) {
      step.tokens[step.rowCount + i] = tokens[computedCount + i]!;
    }
  }

  #emitLogitRows(step: Step, sequence: Sequence, logitCount: number): number {
    const { computedCount, plannedCount, isScore, scoredCount, tokenCount } = sequence;
    const firstWanted = isScore ? scoredCount : tokenCount - 1;
    let count = logitCount;
    for (let i = Math.max(0, firstWanted - computedCount); i < plannedCount; i++) {
      step.logitRows[count] = step.rowCount + i;
      this.logitOwners[count] = sequence;
      this.logitPositions[count] = computedCount + i;
      count++;
    }
    return count;
  }
}

/** Leading tokens whose logits are not wanted: only these may come from the cache. */
function reusableCount(sequence: Sequence): number {
  return sequence.isScore ? sequence.scoredCount : sequence.tokenCount - 1;
}

function remove(list: Sequence[], sequence: Sequence): void {
  const index = list.indexOf(sequence);
  if (index >= 0) list.splice(index, 1);
}

function truncate(list: unknown[], length: number): void {
  if (list.length !== length) list.length = length;
}
