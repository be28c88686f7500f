/**
 * The scheduler drives a model whose KV caches are watched: every slot remembers which prefix wrote
 * it, so a row that would read anything but its own sequence's past is caught at once.
 */
import { assert, firstSeen, type AttentionMask } from '@wafer/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_TOKENS, KvCache } from './kv-cache.ts';
import { createStep, Scheduler, type SchedulerSpec } from './scheduler.ts';
import { Sequence } from './sequence.ts';
import type { Segment, Step } from './step.ts';
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

function answerOf(prompt: readonly number[], maxTokens: number): number[] {
  const tokens = [...prompt];
  for (let i = 0; i < maxTokens; i++) tokens.push(nextToken(tokens, tokens.length));
  return tokens.slice(prompt.length);
}

class WatchedWafer {
  readonly kv: KvCache;
  readonly scheduler: Scheduler;
  readonly step: Step;
  readonly spec: SchedulerSpec;
  readonly live = new Map<number, Sequence>();
  readonly scores = new Map<number, number[]>();
  stepCount = 0;
  computedRowCount = 0;
  readonly #prefixes = new Prefixes();
  readonly #slots: Int32Array; // [blockCount * 16], prefix names
  readonly #windows: { cache: WindowCache; mask: AttentionMask; slots: Int32Array } | undefined;

  constructor(
    spec: Omit<SchedulerSpec, 'kv' | 'windows'>,
    cache: { blockCount: number; reuse?: boolean; mask?: AttentionMask | undefined },
  ) {
    this.kv = new KvCache({
      blockCount: cache.blockCount,
      blockTokens: BLOCK_TOKENS,
      reusePrefixes: cache.reuse ?? true,
    });
    this.#windows = cache.mask && watchedWindows(spec, cache.blockCount, cache.mask);
    this.spec = { ...spec, kv: this.kv, windows: this.#windows?.cache };
    this.scheduler = new Scheduler(this.spec);
    this.step = createStep(spec.rowsMax);
    this.#slots = new Int32Array(cache.blockCount * BLOCK_TOKENS).fill(-1);
  }

  add(id: number, prompt: number[], request: { maxTokens: number; isScore?: boolean }): Sequence {
    const isScore = request.isScore ?? false;
    const maxTokens = isScore ? 0 : request.maxTokens;
    const sequence = new Sequence({ id, prompt, maxTokens, isScore });
    this.scheduler.add(sequence);
    this.live.set(id, sequence);
    return sequence;
  }

  /** One turn; `abortId` is aborted while the tiles run. False if there is nothing to do. */
  turn(abortId?: number): boolean {
    const decoding = [...this.live.values()].filter(
      (sequence) => sequence.state === 'running' && sequence.pendingCount === 1,
    );
    const { scheduler, step } = this;
    const isBusy = scheduler.next(step);
    for (const sequence of decoding) {
      // A running decode has its row in every step, unless it is preempted.
      const hasRow = sequence.state === 'waiting' || sequence.plannedCount === 1;
      assert(hasRow, 'decodes never wait', { id: sequence.id });
    }
    if (!isBusy) return false;
    this.stepCount++;
    this.#run();
    this.#assertSound();
    if (abortId !== undefined && scheduler.abort(abortId)) this.live.delete(abortId);
    scheduler.complete(step);
    for (const [i, sequence] of scheduler.logitOwners.entries()) this.#consume(sequence, i);
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
      assert(segment.blocks.length * BLOCK_TOKENS >= end, 'blocks cover the rows', { end });
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
        blocks[Math.floor(position / BLOCK_TOKENS) - start]! * BLOCK_TOKENS +
        (position % BLOCK_TOKENS);
    const { blocks, windowBlocks, windowFirst, startPosition } = segment;
    const caches = [{ slots: this.#slots, slotOf: slotIn(blocks, 0), first: 0 }];
    if (this.#windows === undefined) return caches;
    const { slots, mask } = this.#windows;
    const first = firstSeen(startPosition, mask);
    return [...caches, { slots, slotOf: slotIn(windowBlocks, windowFirst), first }];
  }

  #consume(sequence: Sequence, index: number): void {
    if (sequence.state === 'done') return;
    const position = this.scheduler.logitPositions[index]!;
    const row = this.step.logitRows[index]!;
    assert(this.step.tokens[row] === sequence.tokens[position], 'logits have owners', { row });
    if (sequence.isScore) {
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
    const idsOf = (state: string): number[] =>
      [...this.live.values()].filter((one) => one.state === state).map(({ id }) => id);
    const isFair = Math.max(-1, ...idsOf('running')) < Math.min(...idsOf('waiting'));
    assert(isFair, 'first come, first served', { running: idsOf('running') });
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
  const ofWindow = Math.ceil((mask.windowTokens - 1) / BLOCK_TOKENS) + 2;
  const needed = sequencesMax * ofWindow + Math.ceil(rowsMax / BLOCK_TOKENS);
  const blockCount = Math.min(needed, kvBlockCount);
  const slots = new Int32Array(blockCount * BLOCK_TOKENS).fill(-1);
  return { cache: new WindowCache({ blockCount, mask }), mask, slots };
}

const roomy = { rowsMax: 64, sequencesMax: 8, contextMax: 1000, prefillChunk: 32 };

const traffic = fc.record({
  sequencesMax: fc.integer({ min: 1, max: 6 }),
  rowsExtra: fc.nat({ max: 20 }),
  prefillChunk: fc.integer({ min: 1, max: 40 }),
  blockCount: fc.integer({ min: 7, max: 11 }),
  reuse: fc.boolean(),
  sees: fc.constantFrom('all' as const, 'window' as const, 'chunk' as const),
  windowTokens: fc.integer({ min: 1, max: 40 }),
  requests: fc.array(
    fc.record({
      // Runs of one token, so that whole blocks coincide.
      runs: fc.array(fc.tuple(fc.nat({ max: 1 }), fc.integer({ min: 1, max: 17 })), {
        minLength: 1,
        maxLength: 3,
      }),
      maxTokens: fc.integer({ min: 1, max: 60 }),
      isScore: fc.boolean(),
      pause: fc.nat({ max: 3 }),
      abort: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, fc.nat({ max: 15 })),
      isAbortedInStep: fc.boolean(),
    }),
    { minLength: 2, maxLength: 16 },
  ),
});

test('random traffic reads its own past alone, is answered as if alone, and leaves nothing', () => {
  let preemptionCount = 0;
  let hitCount = 0;
  fc.assert(
    fc.property(
      traffic,
      ({ requests, blockCount, reuse, sees, windowTokens, rowsExtra, ...spec }) => {
        const rowsMax = spec.sequencesMax + rowsExtra;
        const mask = sees === 'all' ? undefined : { sees, windowTokens };
        const cache = { blockCount, reuse, mask };
        const wafer = new WatchedWafer({ ...spec, rowsMax, contextMax: 1000 }, cache);
        const sequences: Sequence[] = [];
        for (const [id, request] of requests.entries()) {
          const prompt = request.runs.flatMap(([token, count]) => new Array(count).fill(token));
          sequences.push(wafer.add(id, prompt, request));
          for (let i = 0; i < request.pause; i++) {
            wafer.turn(request.isAbortedInStep ? (request.abort ?? undefined) : undefined);
          }
          if (request.abort !== null && wafer.scheduler.abort(request.abort)) {
            wafer.live.delete(request.abort);
          }
        }
        while (wafer.turn()) expect(wafer.stepCount).toBeLessThan(20_000);
        for (const sequence of sequences) {
          expect(sequence.state).toBe('done');
          const { id, promptCount, tokenCount, maxTokens, tokens } = sequence;
          const prompt = [...tokens.subarray(0, promptCount)];
          const answer = [...tokens.subarray(promptCount, tokenCount)];
          expect(answer).toEqual(answerOf(prompt, maxTokens).slice(0, answer.length));
          const positions = wafer.scores.get(id) ?? [];
          expect(positions).toEqual([...positions.keys()]); // each row once and in order
          if (requests.some(({ abort }) => abort === id)) continue;
          expect(answer.length).toBe(maxTokens);
          expect(positions.length).toBe(sequence.isScore ? promptCount : 0);
        }
        expect(wafer.kv.availableCount).toBe(blockCount);
        expect(wafer.scheduler.stats()).toMatchObject({ waitingCount: 0, runningCount: 0 });
        preemptionCount += wafer.scheduler.stats().preemptionCount;
        hitCount += wafer.kv.stats().hitCount;
      },
    ),
    { numRuns: 300, seed: 7 },
  );
  // The traffic is such that it meets what it is about.
  expect(preemptionCount).toBeGreaterThan(50);
  expect(hitCount).toBeGreaterThan(100);
});

test('decodes come first, prefills share the other rows in the order of arrival', () => {
  const wafer = new WatchedWafer({ ...roomy, rowsMax: 40 }, { blockCount: 100 });
  const decode = wafer.add(1, [0], { maxTokens: 9 });
  wafer.turn();
  const long = wafer.add(2, new Array(100).fill(1), { maxTokens: 1 });
  const short = wafer.add(3, [0, 1, 0], { maxTokens: 1 });
  wafer.scheduler.next(wafer.step);
  expect(wafer.scheduler.segmentOwners).toEqual([decode, long, short]);
  expect(wafer.step.segments.map(({ rowCount }) => rowCount)).toEqual([1, 32, 3]);
  // The chunk that does not end its prompt asks for no logits.
  expect(wafer.step.logitRows).toEqual([0, 35]);
  expect(wafer.scheduler.logitOwners).toEqual([decode, short]);
});

test('a common beginning is computed once', () => {
  const prompt = Array.from({ length: 100 }, (_, i) => i % 2);
  const costOf = (reuse: boolean): number => {
    const wafer = new WatchedWafer(roomy, { blockCount: 100, reuse });
    for (let id = 0; id < 3; id++) {
      wafer.add(id, prompt, { maxTokens: 1 });
      while (wafer.turn());
    }
    return wafer.computedRowCount;
  };
  expect(costOf(false)).toBe(300);
  expect(costOf(true)).toBe(100 + 2 * 4); // six blocks of 16 are known the second time
});

test('the youngest gives way, waits in front, and ends with the same answer', () => {
  const wafer = new WatchedWafer(roomy, { blockCount: 6, reuse: false });
  const prompts = [new Array(14).fill(0), new Array(14).fill(1)];
  const [old, young] = prompts.map((prompt, id) => wafer.add(id, prompt, { maxTokens: 60 }));
  wafer.turn();
  const late = wafer.add(9, [1], { maxTokens: 1 });
  while (young!.state === 'running') wafer.turn();
  expect(old!.state).toBe('running');
  expect(young!.blocks).toEqual([]);
  while (old!.state !== 'done') wafer.turn();
  while (wafer.turn());
  expect(wafer.scheduler.stats().preemptionCount).toBe(1);
  expect(late.state).toBe('done');
  for (const [id, sequence] of [old!, young!].entries()) {
    const answer = [...sequence.tokens.subarray(14, sequence.tokenCount)];
    expect(answer).toEqual(answerOf(prompts[id]!, 60));
  }
});

test('a sequence that can never fit is refused, with both numbers', () => {
  const wafer = new WatchedWafer(roomy, { blockCount: 4 });
  expect(wafer.add(1, new Array(60).fill(0), { maxTokens: 5 }).positionsMax).toBe(64);
  expect(() => wafer.add(2, new Array(60).fill(0), { maxTokens: 6 })).toThrow(
    expect.objectContaining({
      code: 'KV_EXHAUSTED',
      details: expect.objectContaining({ neededTokens: 65, kvTokens: 64 }),
    }),
  );
  expect(() => wafer.add(3, new Array(1001).fill(0), { maxTokens: 1 })).toThrow('PROMPT_TOO_LONG');
});

test('steady decoding uses the objects of the last step again', () => {
  const wafer = new WatchedWafer(roomy, { blockCount: 20 });
  wafer.add(1, [0], { maxTokens: 20 });
  wafer.add(2, [1], { maxTokens: 20 });
  wafer.turn();
  const segments = [...wafer.step.segments];
  wafer.turn();
  expect(wafer.step.segments.every((segment, i) => segment === segments[i])).toBe(true);
});

test('an abort is answered once, and unknown ids are told apart', () => {
  const wafer = new WatchedWafer(roomy, { blockCount: 20 });
  wafer.add(1, [0, 1], { maxTokens: 20 });
  wafer.turn();
  expect([1, 1, 2].map((id) => wafer.scheduler.abort(id))).toEqual([true, false, false]);
  wafer.live.clear();
  expect(wafer.turn()).toBe(false);
});

test('a second step before the first is complete is a bug', () => {
  const wafer = new WatchedWafer(roomy, { blockCount: 20 });
  wafer.add(1, [0], { maxTokens: 2 });
  wafer.scheduler.next(wafer.step);
  expect(() => wafer.scheduler.next(wafer.step)).toThrow('one by one');
});
