/**
 * One sequence of the engine: its tokens, and how far they are computed.
 *
 *     [ prompt ............ | answer ....... | drafts ]     tokenCount, then draftCount guesses
 *     [ computed: in the KV cache ... | pending .... ]      computedCount
 *
 * The engine appends tokens and drafts; everything else is written by the scheduler alone. After a
 * preemption everything is pending again, and is computed from the tokens that are here: nothing is
 * sampled twice. Drafts are guesses of what will be appended next; they live for one step.
 */
import { assert } from '@wafer/core';

/** Of which rows a sequence wants something, and what. */
export interface Wants {
  /** `last`: of the last token and of drafts after it; `all`: of every row, from the first on. */
  rows: 'last' | 'all';
  /** `hidden`: the state after the final norm. */
  output: 'logits' | 'hidden';
}

/** An adapter that rows go through. */
export interface AdapterUse {
  /** Its slot in the tiles, from 1 on. */
  slot: number;
  /** Never used again: what was computed with another in the same slot is another's. */
  serial: number;
}

export interface SequenceSpec {
  id: number;
  prompt: ArrayLike<number>;
  /** How many tokens may be appended. */
  maxTokens: number;
  /** Default: the logits of the last row. */
  wants?: Wants;
  /** A larger one is admitted first and keeps its blocks longer. Default: 0. */
  priority?: number;
  /** Whose it is: tenants take turns. Default: ''. */
  tenant?: string;
  /** Turns of its tenant for each of one of weight 1. Default: 1. */
  weight?: number;
  /** When it is given up. Default: never. */
  deadlineAtMs?: number;
  /** Which adapter its rows go through. Default: none. */
  adapter?: AdapterUse | undefined;
  /** Outputs that its consumer takes for now. Default: all. */
  credit?: number;
}

export type SequenceState = 'new' | 'waiting' | 'running' | 'done';

export class Sequence {
  readonly id: number;
  readonly promptCount: number;
  readonly maxTokens: number;
  readonly wants: Wants;
  readonly priority: number;
  readonly tenant: string;
  readonly weight: number;
  readonly deadlineAtMs: number;
  /** Slot of its adapter; 0: none. */
  readonly adapter: number;
  /** Serial number of its adapter; 0: none. */
  readonly adapterSerial: number;
  state: SequenceState = 'new';
  /** Place in the order of arrival. */
  arrival = 0;
  arrivedAtMs = 0;
  /** What its priority had come to when it was last admitted. */
  rank = 0;
  /** It runs within what is reserved for its tenant. */
  isReserved = false;
  /** When it was first admitted; undefined before. */
  admittedAtMs: number | undefined;
  /** Leading tokens that the cache had when it was first admitted. */
  cachedCount = 0;
  /** Its known tokens were computed: each step has a row for it. */
  isDecoding = false;
  /** Leading tokens whose keys and values are in `blocks`. */
  computedCount = 0;
  /** Rows below gave their outputs already: they are not repeated after a preemption. */
  outputFrom = 0;
  /** Outputs that its consumer still takes; without any, it pauses. */
  credit: number;
  /** The parent of its first block, see `kv-roots.ts`; undefined before it was looked for. */
  root: number | undefined;
  /** Leading blocks that the cache knows. */
  publishedCount = 0;
  /** Rows in the step that is under way. */
  plannedCount = 0;
  /** KV blocks held, in ascending position. */
  readonly blocks: number[] = [];
  /** Blocks held of the pool of windows, from block index `windowFirst` on. */
  readonly windowBlocks: number[] = [];
  windowFirst = 0;
  #tokens: Int32Array;
  #tokenCount: number;
  #draftCount = 0;

  constructor(spec: SequenceSpec) {
    this.id = spec.id;
    this.promptCount = spec.prompt.length;
    this.maxTokens = spec.maxTokens;
    this.wants = spec.wants ?? { rows: 'last', output: 'logits' };
    this.priority = spec.priority ?? 0;
    this.tenant = spec.tenant ?? '';
    this.weight = spec.weight ?? 1;
    this.deadlineAtMs = spec.deadlineAtMs ?? Infinity;
    this.adapter = spec.adapter?.slot ?? 0;
    this.adapterSerial = spec.adapter?.serial ?? 0;
    this.credit = spec.credit ?? Infinity;
    assert(this.promptCount > 0, 'a sequence has a prompt', { id: spec.id });
    this.#tokens = Int32Array.from(spec.prompt);
    this.#tokenCount = this.promptCount;
  }

  /** Tokens known so far, then drafts, [tokenCount + draftCount and more]. */
  get tokens(): Int32Array {
    return this.#tokens;
  }

  get tokenCount(): number {
    return this.#tokenCount;
  }

  /** Guesses after the last token. */
  get draftCount(): number {
    return this.#draftCount;
  }

  /** Known tokens that are not computed; below 0 while accepted drafts are not yet appended. */
  get pendingCount(): number {
    return this.#tokenCount - this.computedCount;
  }

  /** Drafts in the step that is under way. */
  get plannedDraftCount(): number {
    return Math.max(0, this.plannedCount - this.pendingCount);
  }

  /** The first position whose output is wanted and was not given. */
  get firstOutput(): number {
    return this.wants.rows === 'all' ? this.outputFrom : this.#tokenCount - 1;
  }

  /** Rows that its next steps could compute: known tokens and drafts, as far as credit goes. */
  get rowLimit(): number {
    const pending = this.pendingCount + this.#draftCount;
    const outputs = Math.max(this.firstOutput, this.computedCount) + this.credit;
    return Math.min(pending, outputs - this.computedCount);
  }

  /** The most positions this sequence can ever compute: none follows the last token. */
  get positionsMax(): number {
    return this.promptCount + Math.max(0, this.maxTokens - 1);
  }

  /** How many drafts could still be of use. */
  get draftCountMax(): number {
    return Math.max(0, this.positionsMax - this.#tokenCount);
  }

  /** Appends the next token of the answer; it is computed in the next step. */
  push(token: number): void {
    const count = this.#tokenCount;
    if (count - this.promptCount >= this.maxTokens) {
      assert(false, 'an answer ends at maxTokens', { id: this.id, maxTokens: this.maxTokens });
    }
    // Whoever computed a draft's row takes it for this token.
    if (count < this.computedCount && this.#tokens[count] !== token) {
      assert(false, 'an accepted draft is the token that follows', { id: this.id, count, token });
    }
    this.#reserve(count + 1);
    this.#tokens[count] = token;
    this.#tokenCount = count + 1;
    this.#draftCount = 0;
  }

  /** Takes `count` guesses of what follows; the last ones may find no room in the step. */
  draft(guesses: ArrayLike<number>, count: number): void {
    if (count > this.draftCountMax || !this.isDecoding) {
      assert(false, 'drafts are positions of the answer', { id: this.id, count });
    }
    this.#reserve(this.#tokenCount + count);
    for (let i = 0; i < count; i++) this.#tokens[this.#tokenCount + i] = guesses[i]!;
    this.#draftCount = count;
  }

  /** Takes all drafts back. */
  dropDrafts(): void {
    this.#draftCount = 0;
  }

  /** Room doubles, so that appending is O(1) and a short answer to a long limit costs little. */
  #reserve(count: number): void {
    if (count <= this.#tokens.length) return;
    const lengthMax = this.promptCount + this.maxTokens;
    const doubled = Math.max(64, this.#tokens.length * 2, count);
    const tokens = new Int32Array(Math.min(lengthMax, doubled));
    tokens.set(this.#tokens);
    this.#tokens = tokens;
  }
}
