/**
 * A wafer for tests of the scheduler: a model whose KV caches are watched. Every slot remembers
 * which prefix wrote it, so a row that would read anything but its own past is caught at once.
 */
import {
  KV_BLOCK_TOKENS,
  assert,
  firstSeen,
  type AttentionMask,
  type Segment,
  type Step,
} from '@wafer/core';
import { KvCache } from './kv-cache.ts';
import { createStep, Scheduler, type SchedulerSpec } from './scheduler.ts';
import { Sequence } from './sequence.ts';
import { WindowCache } from './window-cache.ts';

const VOCAB_COUNT = 2; // few, so that sequences meet again and again

/** Names prefixes: equal names, equal tokens. The next token of a prefix follows from its name. */
class Prefixes {
  readonly #names = new Map<string, number>();

  extend(name: number, token: number): number {
    const key = `${name},${token}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    this.#names.set(key, this.#names.size + 1);
    return this.#names.size;
  }

  ofAll(tokens: ArrayLike<number>, count: number): number[] {
    const names = [0];
    for (let i = 0; i < count; i++) names.push(this.extend(names[i]!, tokens[i]!));
    return names.slice(1);
  }
}

/** What any model gives: a function of the tokens so far. */
function nextToken(tokens: ArrayLike<number>, count: number): number {
  let hash = count;
  for (let i = 0; i < count; i++) hash = (Math.imul(hash, 31) + tokens[i]! + 7) >>> 0;
  return (hash >>> 3) % VOCAB_COUNT;
}

/** The answer to a prompt, computed alone. */
export function answerOf(prompt: readonly number[], maxTokens: number): number[] {
  const tokens = [...prompt];
  for (let i = 0; i < maxTokens; i++) tokens.push(nextToken(tokens, tokens.length));
  return tokens.slice(prompt.length);
}

export class WatchedWafer {
  readonly kv: KvCache;
  readonly scheduler: Scheduler;
  readonly step: Step;
  readonly spec: SchedulerSpec;
  readonly live: Map<number, Sequence> = new Map();
  readonly scores: Map<number, number[]> = new Map();
  stepCount = 0;
  computedRowCount = 0;
  isFair = true;
  /** Guesses per decode and step. */
  draftCount = 0;
  draftedCount = 0;
  acceptedCount = 0;
  readonly #prefixes = new Prefixes();
  readonly #slots: Int32Array; // [blockCount * 16], prefix names
  readonly #windows: { cache: WindowCache; mask: AttentionMask; slots: Int32Array } | undefined;

  constructor(
    spec: Omit<SchedulerSpec, 'kv' | 'windows'>,
    cache: { blockCount: number; reuse?: boolean; mask?: AttentionMask | undefined },
  ) {
    this.kv = new KvCache({
      blockCount: cache.blockCount,

      reusePrefixes: cache.reuse ?? true,
    });
    this.#windows = cache.mask && watchedWindows(spec, cache.blockCount, cache.mask);
    this.spec = { ...spec, kv: this.kv, windows: this.#windows?.cache };
    this.scheduler = new Scheduler(this.spec);
    this.step = createStep(spec.rowsMax);
    this.#slots = new Int32Array(cache.blockCount * KV_BLOCK_TOKENS).fill(-1);
  }

  add(id: number, prompt: number[], request: { maxTokens: number; isScore?: boolean }): Sequence {
    const isScore = request.isScore ?? false;
    const maxTokens = isScore ? 0 : request.maxTokens;
    const sequence = new Sequence({
      ...{ id, prompt, maxTokens },
      wants: { rows: isScore ? 'all' : 'last', output: 'logits' },
    });
    this.scheduler.add(sequence);
    this.live.set(id, sequence);
    return sequence;
  }

  /** One turn; `abortId` is aborted while the tiles run. False if there is nothing to do. */
  turn(abortId?: number): boolean {
    const decoding = [...this.live.values()].filter(
      (sequence) => sequence.state === 'running' && sequence.isDecoding && sequence.rowLimit > 0,
    );
    for (const sequence of decoding) this.#draft(sequence);
    const { scheduler, step } = this;
    const isBusy = scheduler.next(step);
    for (const sequence of decoding) {
      // A running decode has its row in every step, unless it is preempted.
      const hasRow = sequence.state === 'waiting' || sequence.plannedCount >= 1;
      assert(hasRow, 'decodes never wait', { id: sequence.id });
    }
    if (!isBusy) return false;
    this.stepCount++;
    this.#run();
    this.#assertSound();
    if (abortId !== undefined && scheduler.abort(abortId)) this.live.delete(abortId);
    const accepted = scheduler.segmentOwners.map((sequence) => this.#acceptedRows(sequence));
    scheduler.complete(step, accepted);
    for (const [i, sequence] of scheduler.outputOwners.entries()) this.#consume(sequence, i);
    this.#assertSound();
    return true;
  }

  #run(): void {
    const { step } = this;
    let row = 0;
    for (const [index, segment] of step.segments.entries()) {
      const sequence = this.scheduler.segmentOwners[index]!;
      const end = segment.startPosition + segment.rowCount;
      const names = this.#prefixes.ofAll(sequence.tokens, end);
      assert(segment.firstRow === row && segment.rowCount > 0, 'rows leave no gap', { row });
      assert(segment.blocks.length * KV_BLOCK_TOKENS >= end, 'blocks cover the rows', { end });
      for (const { slots, slotOf, first } of this.#cachesOf(segment)) {
        for (let p = first; p < segment.startPosition; p++) {
          assert(slots[slotOf(p)] === names[p], 'a row reads its own past', { row, p });
        }
        for (let p = segment.startPosition; p < end; p++) slots[slotOf(p)] = names[p]!;
      }
      for (let p = segment.startPosition; p < end; p++) {
        assert(step.tokens[row] === sequence.tokens[p], 'rows hold their tokens', { row, p });
        row++;
      }
    }
    // Rows of one step are written before others are read: none may have touched another's past.
    for (const [index, segment] of step.segments.entries()) {
      const end = segment.startPosition + segment.rowCount;
      const names = this.#prefixes.ofAll(this.scheduler.segmentOwners[index]!.tokens, end);
      for (const { slots, slotOf, first } of this.#cachesOf(segment)) {
        for (let p = first; p < end; p++) {
          assert(slots[slotOf(p)] === names[p], 'no row touches the past of another', { index, p });
        }
      }
    }
    assert(row === step.rowCount && row <= this.spec.rowsMax, 'rows are counted', { row });
    this.computedRowCount += row;
  }

  /** Where the positions that a segment sees lie: in the KV cache and in the pool of windows. */
  #cachesOf(segment: Segment): {
    slots: Int32Array;
    slotOf: (position: number) => number;
    first: number;
  }[] {
    const slotIn =
      (blocks: readonly number[], start: number) =>
      (position: number): number =>
        blocks[Math.floor(position / KV_BLOCK_TOKENS) - start]! * KV_BLOCK_TOKENS +
        (position % KV_BLOCK_TOKENS);
    const { blocks, windowBlocks, windowFirst, startPosition } = segment;
    const caches = [{ slots: this.#slots, slotOf: slotIn(blocks, 0), first: 0 }];
    if (this.#windows === undefined) return caches;
    const { slots, mask } = this.#windows;
    const first = firstSeen(startPosition, mask);
    return [...caches, { slots, slotOf: slotIn(windowBlocks, windowFirst), first }];
  }

  /** Guesses of what follows, of which about every third is wrong. */
  #draft(sequence: Sequence): void {
    const count = Math.min(this.draftCount, sequence.draftCountMax);
    const tokens = [...sequence.tokens.subarray(0, sequence.tokenCount)];
    for (let i = 0; i < count; i++) {
      const token = nextToken(tokens, tokens.length);
      tokens.push((tokens.length + sequence.id) % 3 === 0 ? VOCAB_COUNT - 1 - token : token);
    }
    sequence.draft(tokens.slice(sequence.tokenCount), count);
  }

  /** Known rows, and drafts up to the first that is not what follows. */
  #acceptedRows(sequence: Sequence): number {
    const { plannedCount, plannedDraftCount, tokens, tokenCount } = sequence;
    let drafts = 0;
    while (drafts < plannedDraftCount) {
      const at = tokenCount + drafts;
      if (tokens[at] !== nextToken(tokens, at)) break;
      drafts++;
    }
    this.acceptedCount += drafts;
    this.draftedCount += plannedDraftCount;
    return plannedCount - plannedDraftCount + drafts;
  }

  #consume(sequence: Sequence, index: number): void {
    if (sequence.state === 'done') return;
    const position = this.scheduler.outputPositions[index]!;
    if (position >= sequence.computedCount) return; // after a draft that was wrong
    const row = this.step.outputRows[index]!;
    assert(this.step.tokens[row] === sequence.tokens[position], 'logits have owners', { row });
    if (sequence.wants.rows === 'all') {
      const positions = this.scores.get(sequence.id) ?? [];
      this.scores.set(sequence.id, [...positions, position]);
      if (position < sequence.tokenCount - 1) return;
    } else {
      assert(position === sequence.tokenCount - 1, 'the last row gives logits', { position });
      sequence.push(nextToken(sequence.tokens, sequence.tokenCount));
      if (sequence.tokenCount - sequence.promptCount < sequence.maxTokens) return;
    }
    this.scheduler.finish(sequence);
    this.live.delete(sequence.id);
  }

  #assertSound(): void {
    // Ids ascend with arrival: no one runs before someone who came earlier.
    const arrived = [...this.live.values()];
    const waiting = arrived.findIndex(({ state }) => state === 'waiting');
    const running = arrived.findLastIndex(({ state }) => state === 'running');
    const isFair = waiting < 0 || running < waiting;
    assert(isFair || !this.isFair, 'first come, first served', { running, waiting });
    const holders = new Int32Array(this.kv.blockCount);
    for (const { blocks } of this.live.values()) for (const block of blocks) holders[block]! += 1;
    this.kv.assertSound(holders);
    if (this.#windows === undefined) return;
    const { cache } = this.#windows;
    const ofWindows = new Int32Array(cache.blockCount);
    for (const { windowBlocks } of this.live.values()) {
      for (const block of windowBlocks) ofWindows[block]! += 1;
    }
    cache.assertSound(ofWindows);
  }
}

/** A pool of windows as small as the plan makes it. */
function watchedWindows(
  { sequencesMax, rowsMax }: Pick<SchedulerSpec, 'sequencesMax' | 'rowsMax'>,
  kvBlockCount: number,
  mask: AttentionMask,
): { cache: WindowCache; mask: AttentionMask; slots: Int32Array } {
  const ofWindow = Math.ceil((mask.windowTokens - 1) / KV_BLOCK_TOKENS) + 2;
  const needed = sequencesMax * ofWindow + Math.ceil(rowsMax / KV_BLOCK_TOKENS);
  const blockCount = Math.min(needed, kvBlockCount);
  const slots = new Int32Array(blockCount * KV_BLOCK_TOKENS).fill(-1);
  return { cache: new WindowCache({ blockCount, mask }), mask, slots };
}
