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
import { RunningList } from './running-list.ts';
import { StepFiller } from './step-filler.ts';
import { reusableCount, StepRoom } from './step-room.ts';
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
  readonly #holdings: KvHoldings;
  readonly #waiting: WaitingQueue;
  readonly #running: RunningList;
  readonly #room: StepRoom;
  readonly #filler: StepFiller;
  #underWay: Step | undefined;

  constructor(spec: SchedulerSpec) {
    const { rowsMax, sequencesMax, prefillChunk, kv, windows, policy = fairPolicy() } = spec;
    const isSound = sequencesMax > 0 && sequencesMax <= rowsMax && prefillChunk > 0;
    assert(isSound, 'every sequence can have a row', { rowsMax, sequencesMax, prefillChunk });
    const holdings = new KvHoldings(kv, windows);
    const waiting = new WaitingQueue(policy);
    const running = new RunningList(policy, sequencesMax);
    this.#spec = spec;
    this.#policy = policy;
    this.#holdings = holdings;
    this.#waiting = waiting;
    this.#running = running;
    const parts = { policy, kv, holdings, running, waiting };
    this.#room = new StepRoom({ ...parts, rowsMax, prefillChunk });
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
      runningCount: this.#running.count,
      preemptionCount: this.#room.preemptionCount,
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
    const kvTokens = this.#spec.kv.blockCount * KV_BLOCK_TOKENS;
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
    const sequence = this.#waiting.find(id) ?? this.#running.find(id);
    if (sequence === undefined) return false;
    this.#end(sequence);
    return true;
  }

  /** Those past their deadline whose next token is not about to come, in no order. */
  expired(nowMs: number): readonly Sequence[] {
    const late = lateOf(this.#waiting.all(), nowMs);
    const running = lateOf(this.#running.sequences, nowMs);
    return late.length === 0 ? running : [...late, ...running];
  }

  /** Fills the step with what runs next; false if there is nothing to run. */
  next(step: Step, nowMs = 0): boolean {
    assert(this.#underWay === undefined, 'steps are completed one by one');
    const rowsLeft = this.#room.reserveRunning();
    if (rowsLeft !== undefined) this.#room.reserveDrafts(this.#admit(rowsLeft, nowMs));
    this.#filler.fill(step, this.#running.sequences);
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

  // ---- arrivals and ends

  /** Lets those who wait in, as far as rows and room go; returns the rows left. */
  #admit(rows: number, nowMs: number): number {
    const { counts } = this.#running;
    let rowsLeft = rows;
    while (rowsLeft > 0 && this.#running.count < this.#spec.sequencesMax) {
      counts.nowMs = nowMs;
      const sequence = this.#waiting.first(counts);
      if (sequence === undefined) break;
      const isReserved = this.#policy.isReserved(sequence, counts);
      // What is reserved takes its room from others.
      if (!isReserved && !this.#room.fits(sequence)) break;
      this.#waiting.remove(sequence);
      sequence.isReserved = isReserved;
      sequence.rank = this.#policy.rank(sequence, nowMs);
      sequence.state = 'running';
      this.#running.add(sequence);
      this.#holdings.match(sequence, reusableCount(sequence));
      if (sequence.admittedAtMs === undefined) {
        sequence.admittedAtMs = nowMs;
        sequence.cachedCount = sequence.computedCount;
      }
      rowsLeft -= this.#room.reservePrefill(sequence, rowsLeft);
    }
    return rowsLeft;
  }

  #end(sequence: Sequence): void {
    if (sequence.state === 'running') this.#running.remove(sequence);
    else this.#waiting.remove(sequence);
    this.#holdings.release(sequence);
    sequence.state = 'done';
  }
}

const NOBODY: readonly Sequence[] = [];

/** No list is made where nobody is late, which is nearly always. */
function lateOf(sequences: readonly Sequence[], nowMs: number): readonly Sequence[] {
  let late: Sequence[] | undefined;
  for (let i = 0; i < sequences.length; i++) {
    const sequence = sequences[i]!;
    if (sequence.deadlineAtMs > nowMs || (sequence.isDecoding && sequence.rowLimit > 0)) continue;
    (late ??= []).push(sequence);
  }
  return late ?? NOBODY;
}
