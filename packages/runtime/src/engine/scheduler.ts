/**
 * Continuous batching: which rows of which sequences the next step computes.
 *
 *     add ──▶ waiting ──admit, in the policy's order──▶ running ──finish, abort──▶ done
 *                ▲───────────── preempt the last in its order ──────┘
 *
 * A step takes one row of every decode first, then chunks of prefills, then drafts while there are
 * rows. Blocks are reserved in the policy's order; when none is left, who is paused, else the last
 * in that order gives up all blocks, waits again and is computed again later. The bits do not
 * change by that, so no one sees it, and the first always moves: everything finishes.
 *
 * One turn: `next(step)`, tiles run, `complete(step, accepted)`, then tokens are pushed to (or
 * `finish` called for) the sequences in `outputOwners`. Aborts may come at any time; owners that
 * are `done` by then are skipped. Time is passed in.
 */
import { KV_BLOCK_TOKENS, assert, WaferError } from '@wafer/core';
import type { Step } from '@wafer/core';
import { fairPolicy, type AdmissionPolicy } from './admission.ts';
import { type KvCache } from './kv-cache.ts';
import { KvHoldings } from './kv-holdings.ts';
import { promptTooLong } from './request.ts';
import type { Sequence } from './sequence.ts';
import { RunningCounts } from './running-counts.ts';
import { StepFiller } from './step-filler.ts';
import { WaitingQueue } from './waiting-queue.ts';
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
  /** Default: `fairPolicy()`. */
  policy?: AdmissionPolicy | undefined;
}

export interface SchedulerStats {
  waitingCount: number;
  runningCount: number;
  preemptionCount: number;
}

/** Returns an empty step for up to `rowsMax` rows. */
export function createStep(rowsMax: number): Step {
  const tokens = new Int32Array(rowsMax);
  return { program: 'infer', rowCount: 0, tokens, segments: [], outputRows: [], logitCount: 0 };
}

export class Scheduler {
  readonly #spec: SchedulerSpec;
  readonly #policy: AdmissionPolicy;
  readonly #kv: KvCache;
  readonly #holdings: KvHoldings;
  readonly #waiting: WaitingQueue;
  readonly #counts: RunningCounts;
  /** In the policy's order. */
  readonly #running: Sequence[] = [];
  /** Those whose turn it is, while `running` may shrink. */
  readonly #turn: Sequence[] = [];
  readonly #filler: StepFiller;
  #preemptionCount = 0;
  #underWay: Step | undefined;

  constructor(spec: SchedulerSpec) {
    const { rowsMax, sequencesMax, prefillChunk } = spec;
    const isSound = sequencesMax > 0 && sequencesMax <= rowsMax && prefillChunk > 0;
    assert(isSound, 'every sequence can have a row', { rowsMax, sequencesMax, prefillChunk });
    this.#spec = spec;
    this.#policy = spec.policy ?? fairPolicy();
    this.#kv = spec.kv;
    this.#holdings = new KvHoldings(spec.kv, spec.windows);
    this.#waiting = new WaitingQueue(this.#policy);
    this.#counts = new RunningCounts(sequencesMax);
    this.#filler = new StepFiller(sequencesMax);
  }

  /** Sequences of the step's segments, in their order. */
  get segmentOwners(): readonly Sequence[] {
    return this.#filler.segmentOwners;
  }

  /** Sequences of the step's outputs, in their order. */
  get outputOwners(): readonly Sequence[] {
    return this.#filler.outputOwners;
  }

  /** Positions of the step's outputs. */
  get outputPositions(): readonly number[] {
    return this.#filler.outputPositions;
  }

  stats(): SchedulerStats {
    return {
      waitingCount: this.#waiting.count,
      runningCount: this.#running.length,
      preemptionCount: this.#preemptionCount,
    };
  }

  /**
   * Queues a sequence. Throws: PROMPT_TOO_LONG; KV_EXHAUSTED if the cache could never hold it;
   * OVERLOADED if the policy takes no more.
   */
  add(sequence: Sequence, nowMs = 0): void {
    const { id, positionsMax } = sequence;
    assert(sequence.state === 'new', 'sequences are added once', { id });
    if (positionsMax > this.#spec.contextMax) {
      throw promptTooLong(positionsMax, this.#spec);
    }
    const kvTokens = this.#kv.blockCount * KV_BLOCK_TOKENS;
    if (positionsMax > kvTokens) {
      const hint = 'raise kvTokens (--kv-tokens) or cut maxTokens (--max-tokens)';
      throw new WaferError('KV_EXHAUSTED', { neededTokens: positionsMax, kvTokens, hint });
    }
    this.#waiting.add(sequence);
    sequence.state = 'waiting';
    sequence.arrivedAtMs = nowMs;
  }

  /** Ends a sequence whose answer is complete; the cache keeps what others may reuse. */
  finish(sequence: Sequence): void {
    assert(sequence.state === 'running', 'only running sequences finish', { id: sequence.id });
    this.#end(sequence);
  }

  /** Ends a sequence wherever it is, even in a step under way; false if it is not here. */
  abort(id: number): boolean {
    const sequence = this.#waiting.find(id) ?? this.#running.find((other) => other.id === id);
    if (sequence === undefined) return false;
    this.#end(sequence);
    return true;
  }

  /** Those past their deadline whose next token is not about to come, in no order. */
  expired(nowMs: number): Sequence[] {
    const late: Sequence[] = [];
    for (const sequences of [this.#waiting.all(), this.#running]) {
      for (const sequence of sequences) {
        if (sequence.deadlineAtMs > nowMs) continue;
        if (!sequence.isDecoding || sequence.rowLimit <= 0) late.push(sequence);
      }
    }
    return late;
  }

  /** Fills the step with what runs next; false if there is nothing to run. */
  next(step: Step, nowMs = 0): boolean {
    assert(this.#underWay === undefined, 'steps are completed one by one');
    const rowsLeft = this.#reserveRunning();
    if (rowsLeft !== undefined) this.#reserveDrafts(this.#admit(rowsLeft, nowMs));
    this.#filler.fill(step, this.#running);
    if (step.rowCount === 0) return false;
    if (step.rowCount > this.#spec.rowsMax) {
      assert(false, 'rows fit the step', { rowCount: step.rowCount });
    }
    this.#underWay = step;
    return true;
  }

  /**
   * Takes note that the tiles ran the step: positions advance by the rows of each segment that are
   * accepted (all unless said), full blocks become known, room for the others is given back.
   */
  complete(step: Step, accepted?: ArrayLike<number>): void {
    assert(this.#underWay === step, 'only the step under way is completed');
    this.#underWay = undefined;
    const owners = this.segmentOwners;
    for (let i = 0; i < owners.length; i++) {
      const sequence = owners[i]!;
      if (sequence.state === 'done') continue; // aborted meanwhile
      const count = accepted?.[i] ?? sequence.plannedCount;
      const certainCount = sequence.plannedCount - sequence.plannedDraftCount;
      if (!(count >= certainCount && count <= sequence.plannedCount)) {
        assert(false, 'known tokens are accepted, drafts may be', { count, certainCount });
      }
      sequence.computedCount += count;
      sequence.outputFrom = Math.max(sequence.outputFrom, sequence.computedCount);
      sequence.isDecoding = sequence.pendingCount <= 0;
      sequence.dropDrafts();
      this.#holdings.advance(sequence);
    }
  }

  // ---- room

  /**
   * Plans the rows of all running sequences; returns the rows left, or undefined if room ran out.
   */
  #reserveRunning(): number | undefined {
    const preemptionCount = this.#preemptionCount;
    const turn = this.#turn;
    turn.length = 0;
    let rowsLeft = this.#spec.rowsMax;
    const keptCount = this.#policy.keptCount(this.#counts);
    for (const sequence of this.#running) {
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
        rowsLeft -= this.#reservePrefill(sequence, rows);
      }
    }
    return this.#preemptionCount === preemptionCount ? rowsLeft : undefined;
  }

  #reservePrefill(sequence: Sequence, rowsLeft: number): number {
    const rowCount = Math.min(this.#spec.prefillChunk, rowsLeft);
    sequence.plannedCount = this.#reserve(sequence, rowCount);
    return sequence.plannedCount;
  }

  /** Gives the rows that are left to drafts; they take no room from anyone. */
  #reserveDrafts(rows: number): void {
    let rowsLeft = rows;
    for (const sequence of this.#running) {
      if (rowsLeft <= 0) return;
      const wanted = Math.min(sequence.rowLimit, 1 + rowsLeft);
      if (!sequence.isDecoding || sequence.plannedCount !== 1 || wanted <= 1) continue;
      sequence.plannedCount = this.#holdings.grow(sequence, wanted);
      rowsLeft -= sequence.plannedCount - 1;
    }
  }

  /** Holds blocks for up to `rowCount` more rows; returns for how many there is room. */
  #reserve(sequence: Sequence, rowCount: number): number {
    const wanted = Math.min(rowCount, sequence.rowLimit);
    if (wanted <= 0) return 0;
    let granted = this.#holdings.grow(sequence, wanted);
    while (granted === 0) {
      const victim = this.#running.findLast(({ rowLimit }) => rowLimit <= 0);
      const youngest = victim ?? this.#running.at(-1);
      assert(youngest !== undefined, 'a sequence alone has room', { id: sequence.id });
      this.#preempt(youngest);
      if (youngest === sequence) return 0;
      granted = this.#holdings.grow(sequence, wanted);
    }
    return granted;
  }

  #preempt(sequence: Sequence): void {
    remove(this.#running, sequence);
    this.#holdings.release(sequence);
    sequence.computedCount = 0;
    sequence.publishedCount = 0;
    sequence.plannedCount = 0;
    sequence.isDecoding = false;
    sequence.dropDrafts();
    sequence.state = 'waiting';
    this.#counts.count(sequence, -1);
    this.#waiting.takeBack(sequence);
    this.#preemptionCount++;
  }

  // ---- arrivals and ends

  /** Lets those who wait in, as far as rows and room go; returns the rows left. */
  #admit(rows: number, nowMs: number): number {
    let rowsLeft = rows;
    while (rowsLeft > 0 && this.#running.length < this.#spec.sequencesMax) {
      this.#counts.nowMs = nowMs;
      const sequence = this.#waiting.first(this.#counts);
      if (sequence === undefined) break;
      const isReserved = this.#policy.isReserved(sequence, this.#counts);
      // What is reserved takes its room from others.
      if (!isReserved && !this.#hasRoomFor(sequence)) break;
      this.#waiting.remove(sequence);
      sequence.isReserved = isReserved;
      sequence.rank = this.#policy.rank(sequence, nowMs);
      this.#counts.count(sequence, 1);
      sequence.state = 'running';
      this.#insert(sequence);
      this.#holdings.match(sequence, reusableCount(sequence));
      if (sequence.admittedAtMs === undefined) {
        sequence.admittedAtMs = nowMs;
        sequence.cachedCount = sequence.computedCount;
      }
      rowsLeft -= this.#reservePrefill(sequence, rowsLeft);
    }
    return rowsLeft;
  }

  /** Puts a sequence where the policy's order has it. */
  #insert(sequence: Sequence): void {
    const running = this.#running;
    let index = running.length;
    while (index > 0 && this.#policy.compareRunning(sequence, running[index - 1]!) < 0) index--;
    running.splice(index, 0, sequence);
  }

  /**
   * Whether all its tokens fit beside those of the running ones, each with a block to grow into.
   */
  #hasRoomFor(sequence: Sequence): boolean {
    if (this.#running.length === 0) return true;
    let neededCount = Math.ceil(sequence.tokenCount / KV_BLOCK_TOKENS);
    for (const other of this.#running) {
      const missing = Math.ceil(other.tokenCount / KV_BLOCK_TOKENS) - other.blocks.length;
      neededCount += Math.max(0, missing) + 1;
    }
    const { availableCount } = this.#kv;
    if (neededCount <= availableCount) return true;
    const sharedCount = this.#holdings.countShared(sequence, reusableCount(sequence));
    return neededCount - sharedCount <= availableCount;
  }

  #end(sequence: Sequence): void {
    if (sequence.state === 'running') {
      remove(this.#running, sequence);
      this.#counts.count(sequence, -1);
    } else {
      this.#waiting.remove(sequence);
    }
    this.#holdings.release(sequence);
    sequence.state = 'done';
  }
}

/** Leading tokens whose outputs are not wanted: only these may come from the cache. */
function reusableCount(sequence: Sequence): number {
  return Math.min(sequence.firstOutput, sequence.tokenCount - 1);
}

function remove(list: Sequence[], sequence: Sequence): void {
  const index = list.indexOf(sequence);
  if (index >= 0) list.splice(index, 1);
}
