/**
 * The scheduler drives a model whose KV caches are watched: see `watched-wafer.ts`.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sequence } from './sequence.ts';
import { answerOf, WatchedWafer } from './watched-wafer.ts';

const roomy = { rowsMax: 64, sequencesMax: 8, contextMax: 1000, prefillChunk: 32 };

const traffic = fc.record({
  sequencesMax: fc.integer({ min: 1, max: 6 }),
  rowsExtra: fc.nat({ max: 20 }),
  prefillChunk: fc.integer({ min: 1, max: 40 }),
  blockCount: fc.integer({ min: 7, max: 11 }),
  reuse: fc.boolean(),
  sees: fc.constantFrom('all' as const, 'window' as const, 'chunk' as const),
  windowTokens: fc.integer({ min: 1, max: 40 }),
  draftCount: fc.constantFrom(0, 0, 3, 20),
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
  let draftedCount = 0;
  let acceptedCount = 0;
  fc.assert(
    fc.property(
      traffic,
      ({ requests, blockCount, reuse, sees, windowTokens, draftCount, rowsExtra, ...spec }) => {
        const rowsMax = spec.sequencesMax + rowsExtra;
        const mask = sees === 'all' ? undefined : { sees, windowTokens };
        const cache = { blockCount, reuse, mask };
        const wafer = new WatchedWafer({ ...spec, rowsMax, contextMax: 1000 }, cache);
        wafer.draftCount = draftCount;
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
          expect(positions.length).toBe(sequence.wants.rows === 'all' ? promptCount : 0);
        }
        expect(wafer.kv.availableCount).toBe(blockCount);
        expect(wafer.scheduler.stats()).toMatchObject({ waitingCount: 0, runningCount: 0 });
        preemptionCount += wafer.scheduler.stats().preemptionCount;
        hitCount += wafer.kv.stats().hitCount;
        draftedCount += wafer.draftedCount;
        acceptedCount += wafer.acceptedCount;
      },
    ),
    { numRuns: 300, seed: 7 },
  );
  // The traffic is such that it meets what it is about.
  expect(preemptionCount).toBeGreaterThan(50);
  expect(hitCount).toBeGreaterThan(100);
  expect(acceptedCount).toBeGreaterThan(1000);
  expect(draftedCount - acceptedCount).toBeGreaterThan(1000);
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
  expect(wafer.step.outputRows).toEqual([0, 35]);
  expect(wafer.scheduler.outputOwners).toEqual([decode, short]);
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
  const roomier = new WatchedWafer(roomy, { blockCount: 100 });
  expect(roomier.add(4, new Array(1000).fill(0), { maxTokens: 1 }).positionsMax).toBe(1000);
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

test('drafts take only rows that are left, and no more than its consumer takes', () => {
  const wafer = new WatchedWafer({ ...roomy, rowsMax: 20 }, { blockCount: 100 });
  const decode = wafer.add(1, [0], { maxTokens: 50 });
  wafer.turn();
  wafer.draftCount = 30;
  wafer.add(2, new Array(15).fill(1), { maxTokens: 1 });
  decode.draft(new Array(30).fill(0), 30);
  wafer.scheduler.next(wafer.step);
  expect(wafer.step.segments.map(({ rowCount }) => rowCount)).toEqual([5, 15]);
  wafer.scheduler.complete(wafer.step, [1, 15]);
  expect([decode.computedCount, decode.draftCount, decode.blocks.length]).toEqual([2, 0, 1]);
  decode.push(1);
  decode.credit = 3;
  decode.draft(new Array(30).fill(0), 30);
  wafer.scheduler.next(wafer.step);
  expect(wafer.step.segments[0]!.rowCount).toBe(3);
});

test('who pauses takes no row from others', () => {
  const wafer = new WatchedWafer({ ...roomy, rowsMax: 20 }, { blockCount: 100 });
  const paused = wafer.add(1, [0], { maxTokens: 50 });
  wafer.turn();
  paused.credit = 0;
  wafer.add(2, new Array(40).fill(1), { maxTokens: 1 });
  wafer.scheduler.next(wafer.step);
  expect(wafer.step.segments.map(({ rowCount }) => rowCount)).toEqual([20]);
});

test('drafts end where the answer does', () => {
  const sequence = new Sequence({ id: 1, prompt: [1, 2, 3, 4], maxTokens: 3 });
  const counts = [1, 2].map((token) => {
    sequence.push(token);
    return sequence.draftCountMax;
  });
  expect(counts).toEqual([1, 0]); // nothing is computed after the last token
});

test('a sequence whose consumer takes nothing pauses, gives way first, and goes on', () => {
  const wafer = new WatchedWafer(roomy, { blockCount: 6, reuse: false });
  const paused = wafer.add(1, new Array(14).fill(0), { maxTokens: 30 });
  wafer.turn();
  paused.credit = 0;
  const other = wafer.add(2, new Array(14).fill(1), { maxTokens: 70 });
  wafer.isFair = false; // a later one runs while an earlier one pauses
  while (wafer.turn());
  expect([other.state, paused.state, paused.tokenCount]).toEqual(['done', 'waiting', 15]);
  paused.credit = Infinity;
  while (wafer.turn());
  expect(paused.state).toBe('done');
  const answer = [...paused.tokens.subarray(14, paused.tokenCount)];
  expect(answer).toEqual(answerOf(new Array(14).fill(0), 30).slice(0, answer.length));
});
