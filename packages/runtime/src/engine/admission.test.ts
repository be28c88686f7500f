import { expect, test } from 'vitest';
import { fairPolicy } from './admission.ts';
import type { Reservation } from '../options/reservation.ts';
import { KvCache } from './kv-cache.ts';
import { createStep, Scheduler } from './scheduler.ts';
import { Sequence } from './sequence.ts';

const roomy = { rowsMax: 64, sequencesMax: 8, contextMax: 1000, prefillChunk: 32 };

test('the larger priority goes first and stays, equals of different tenants take turns', () => {
  const kv = new KvCache({ blockCount: 40, reusePrefixes: true });
  const scheduler = new Scheduler({ ...roomy, sequencesMax: 3, kv });
  const step = createStep(roomy.rowsMax);
  const add = (id: number, spec: { priority?: number; tenant?: string }): void =>
    scheduler.add(new Sequence({ id, prompt: [1], maxTokens: 9, ...spec }));
  add(1, { tenant: 'a' });
  add(2, { tenant: 'a' });
  add(3, { tenant: 'a' });
  add(4, { tenant: 'b' });
  add(5, { tenant: 'a', priority: 1 });
  scheduler.next(step);
  expect(scheduler.segmentOwners.map(({ id }) => id)).toEqual([5, 1, 4]);
});

test('a full queue refuses at once, with its bound and what it would hold', () => {
  const kv = new KvCache({ blockCount: 40, reusePrefixes: true });
  const policy = fairPolicy({ requestsMax: 2, promptTokensMax: 10 });
  const scheduler = new Scheduler({ ...roomy, kv, policy });
  const add = (id: number, count: number): void =>
    scheduler.add(new Sequence({ id, prompt: new Array(count).fill(1), maxTokens: 9 }));
  add(1, 20); // an empty queue takes it
  expect(() => add(2, 1)).toThrow(
    expect.objectContaining({
      code: 'OVERLOADED',
      details: { what: 'prompt tokens', bound: 10, current: 21 },
    }),
  );
  scheduler.next(createStep(64));
  add(3, 5);
  add(4, 5);
  expect(() => add(5, 1)).toThrow('at most 2 requests, and this makes 3');
});

test('those whose time is over and who wait are told apart from those about to go on', () => {
  const kv = new KvCache({ blockCount: 40, reusePrefixes: true });
  const scheduler = new Scheduler({ ...roomy, sequencesMax: 1, kv });
  const step = createStep(64);
  const [first, second] = [1, 2].map(
    (id) => new Sequence({ id, prompt: [1], maxTokens: 9, deadlineAtMs: 100 }),
  );
  scheduler.add(first!, 10);
  scheduler.add(second!, 20);
  expect(scheduler.expired(99)).toEqual([]);
  scheduler.next(step, 30);
  scheduler.complete(step);
  first!.push(1);
  expect(scheduler.expired(100)).toEqual([second]);
  expect(first!.admittedAtMs).toBe(30);
  first!.credit = 0;
  expect(scheduler.expired(100)).toEqual([second, first]);
});

test('of two tenants the one of weight 3 has three sequences running for each of the other', () => {
  const kv = new KvCache({ blockCount: 40, reusePrefixes: true });
  const scheduler = new Scheduler({ ...roomy, kv });
  for (let id = 0; id < 16; id++) {
    const isHeavy = id >= 8;
    const spec = { tenant: isHeavy ? 'heavy' : 'light', weight: isHeavy ? 3 : 1 };
    scheduler.add(new Sequence({ id, prompt: [1], maxTokens: 9, ...spec }));
  }
  scheduler.next(createStep(roomy.rowsMax));
  const heavyCount = scheduler.segmentOwners.filter(({ tenant }) => tenant === 'heavy').length;
  expect(heavyCount).toBe(6);
});

test('who waits grows in priority by the second, so that nobody starves', () => {
  const kv = new KvCache({ blockCount: 40, reusePrefixes: false });
  const scheduler = new Scheduler({ ...roomy, sequencesMax: 1, kv });
  const step = createStep(64);
  const low = new Sequence({ id: 0, prompt: [1], maxTokens: 1, priority: -5 });
  let [nowMs, ranAtMs] = [0, -1];
  scheduler.add(low, nowMs);
  for (let id = 1; ranAtMs < 0 && nowMs < 60_000; id++, nowMs += 500) {
    // One more of higher priority each step: one always waits.
    scheduler.add(new Sequence({ id, prompt: [1], maxTokens: 1, priority: 3 }), nowMs);
    scheduler.next(step, nowMs);
    scheduler.complete(step);
    for (const owner of scheduler.outputOwners) {
      if (owner === low) ranAtMs = nowMs;
      owner.push(1);
      scheduler.finish(owner);
    }
  }
  // Those that come at that time are 8 levels above it where it began.
  expect(ranAtMs).toBeGreaterThanOrEqual(8000);
  expect(ranAtMs).toBeLessThan(10_000);
});

/** What a tenant sees of 400 steps in which a neighbor asks for all there is, all the time. */
function besideNeighbor(reservations: readonly Reservation[]): {
  waitedSteps: number;
  skippedSteps: number;
  preemptions: number;
  finished: number;
  neighborTokens: number;
} {
  const kv = new KvCache({ blockCount: 24, reusePrefixes: false });
  const policy = fairPolicy(undefined, reservations);
  const spec = { rowsMax: 16, sequencesMax: 8, contextMax: 1000, prefillChunk: 16 };
  const scheduler = new Scheduler({ ...spec, kv, policy });
  const step = createStep(16);
  const seen = { waitedSteps: 0, skippedSteps: 0, preemptions: 0, finished: 0, neighborTokens: 0 };
  const own = new Map<Sequence, number>();
  let id = 0;
  const add = (tenant: string, count: number, maxTokens: number): Sequence => {
    const prompt = new Array<number>(count).fill(1);
    const sequence = new Sequence({ id: id++, tenant, prompt, maxTokens, priority: 0 });
    scheduler.add(sequence);
    return sequence;
  };
  for (let now = 0; now < 400; now++) {
    while (scheduler.stats().waitingCount < 20) add('neighbor', 40, 60);
    if (now % 20 === 5) for (const _ of [0, 1]) own.set(add('own', 4, 8), 0);
    const before = new Map([...own.keys()].map((one) => [one, one.computedCount]));
    scheduler.next(step);
    for (const [one, waited] of own) {
      if (one.state === 'waiting') {
        own.set(one, waited + 1);
        seen.waitedSteps = Math.max(seen.waitedSteps, waited + 1);
      } else if (one.plannedCount === 0) seen.skippedSteps++;
      if (one.computedCount < before.get(one)!) seen.preemptions++;
    }
    scheduler.complete(step);
    for (const owner of scheduler.outputOwners) {
      owner.push(1);
      if (owner.tenant === 'neighbor') seen.neighborTokens++;
      if (owner.tokenCount < owner.positionsMax) continue;
      scheduler.finish(owner);
      if (own.delete(owner)) seen.finished++;
    }
  }
  return seen;
}

test('what is reserved for a tenant no neighbor touches: a row in every step', () => {
  const reserved = besideNeighbor([{ tenant: 'own', slots: 2, kvTokens: 64 }]);
  expect(reserved).toMatchObject({ skippedSteps: 0, preemptions: 0 });
  // One, where a neighbor was preempted in that step.
  expect(reserved.waitedSteps).toBeLessThanOrEqual(1);
  expect(reserved.finished).toBe(40);
  expect(reserved.neighborTokens).toBeGreaterThan(400); // slots that nobody reserved are theirs
  const without = besideNeighbor([]);
  expect(without.waitedSteps).toBeGreaterThan(20);
});

test('a tenant finds what it computed itself, and only that counts as room it needs not', () => {
  const prompt = Array.from({ length: 40 }, (_, i) => i);
  const run = (blockCount: number, tenants: readonly string[]): (number | undefined)[] => {
    const kv = new KvCache({ blockCount, reusePrefixes: true });
    const scheduler = new Scheduler({ ...roomy, rowsMax: 64, prefillChunk: 64, kv });
    const step = createStep(64);
    return tenants.map((tenant, id) => {
      const sequence = new Sequence({ id, prompt, maxTokens: 9, tenant });
      scheduler.add(sequence);
      scheduler.next(step);
      scheduler.complete(step);
      for (const owner of scheduler.outputOwners) owner.push(1);
      return sequence.state === 'running' ? sequence.cachedCount : undefined;
    });
  };
  expect(run(40, ['a', 'b', '', 'a', 'b', ''])).toEqual([0, 0, 0, 32, 32, 32]);
  // Two of its three blocks are those of the first, which may grow by one itself.
  expect(run(5, ['a', 'a'])).toEqual([0, 32]);
  expect(run(5, ['a', 'b'])).toEqual([0, undefined]);
  expect(run(4, ['a', 'a'])).toEqual([0, undefined]);
});

test('a prefix is found by its adapter alone, and rows of one adapter lie side by side', () => {
  const prompt = Array.from({ length: 20 }, (_, i) => i);
  const kv = new KvCache({ blockCount: 40, reusePrefixes: true });
  const scheduler = new Scheduler({ ...roomy, rowsMax: 200, prefillChunk: 64, kv });
  const step = createStep(200);
  const slots = [2, 0, 1, 2, 1];
  const run = (serials: readonly number[]): number[] => {
    const sequences = slots.map((slot, id) => {
      const adapter = slot === 0 ? undefined : { slot, serial: serials[slot - 1]! };
      return new Sequence({ id: serials[0]! * 10 + id, prompt, maxTokens: 2, adapter });
    });
    for (const sequence of sequences) scheduler.add(sequence);
    scheduler.next(step);
    expect(step.segments.map(({ adapter }) => adapter)).toEqual([0, 1, 1, 2, 2]);
    expect(scheduler.segmentOwners.map(({ id }) => id % 10)).toEqual([1, 2, 4, 0, 3]);
    scheduler.complete(step);
    for (const sequence of sequences) scheduler.finish(sequence);
    return sequences.map(({ cachedCount }) => cachedCount);
  };
  expect(run([1, 2])).toEqual([0, 0, 0, 0, 0]);
  expect(run([1, 2])).toEqual([16, 16, 16, 16, 16]);
  expect(run([1, 3])).toEqual([0, 16, 16, 0, 16]); // another adapter in slot 2
});

test('who is preempted keeps what it was admitted with, and none of its drafts', () => {
  const kv = new KvCache({ blockCount: 6, reusePrefixes: true });
  const scheduler = new Scheduler({ ...roomy, kv });
  const step = createStep(64);
  const [old, young] = [1, 2].map((id) => {
    const sequence = new Sequence({ id, prompt: new Array(30).fill(id), maxTokens: 40 });
    scheduler.add(sequence);
    return sequence;
  }) as [Sequence, Sequence];
  let wasPreempted = false;
  for (let nowMs = 1; !wasPreempted || young.state !== 'running'; nowMs++) {
    expect(nowMs).toBeLessThan(100);
    if (young.isDecoding) young.draft([5], Math.min(1, young.draftCountMax));
    scheduler.next(step, nowMs);
    if (young.state === 'waiting') {
      wasPreempted = true;
      expect(young.draftCount).toBe(0);
    }
    const certain = (one: Sequence): number => one.plannedCount - one.plannedDraftCount;
    scheduler.complete(step, scheduler.segmentOwners.map(certain));
    for (const owner of new Set(scheduler.outputOwners)) {
      owner.push(owner.id);
      if (owner.tokenCount === 70) scheduler.finish(owner);
    }
  }
  expect(old.state).toBe('done');
  expect(young.blocks.length).toBeGreaterThan(1);
  expect([young.admittedAtMs, young.cachedCount]).toEqual([1, 0]);
});

test('a reservation is so many slots, and so many tokens in whole blocks', () => {
  const reservedOf = (slots: number, kvTokens: number): boolean[] => {
    const kv = new KvCache({ blockCount: 40, reusePrefixes: false });
    const policy = fairPolicy(undefined, [{ tenant: 'own', slots, kvTokens }]);
    const scheduler = new Scheduler({ ...roomy, kv, policy });
    // 20 positions: two blocks each.
    const sequences = [0, 1, 2, 3].map((id) => {
      const sequence = new Sequence({ id, tenant: 'own', prompt: [1], maxTokens: 20 });
      if (id < 3) scheduler.add(sequence);
      return sequence;
    });
    const step = createStep(64);
    scheduler.next(step);
    scheduler.complete(step);
    // What one had is another's when it ends.
    scheduler.finish(sequences[0]!);
    scheduler.add(sequences[3]!);
    for (const owner of sequences.slice(1, 3)) owner.push(1);
    scheduler.next(step);
    return sequences.map(({ isReserved }) => isReserved);
  };
  expect(reservedOf(2, 640)).toEqual([true, true, false, true]);
  expect(reservedOf(3, 64)).toEqual([true, true, false, true]);
  expect(reservedOf(3, 63)).toEqual([true, false, false, true]);
});

test('a slot that is reserved stays free for whom it is reserved', () => {
  const kv = new KvCache({ blockCount: 40, reusePrefixes: false });
  const policy = fairPolicy(undefined, [{ tenant: 'own', slots: 1, kvTokens: 64 }]);
  const scheduler = new Scheduler({ ...roomy, sequencesMax: 3, kv, policy });
  const step = createStep(64);
  const tenants = ['a', 'b', 'c', 'own'];
  for (const [id, tenant] of tenants.entries()) {
    if (tenant === 'own') {
      scheduler.next(step);
      expect(scheduler.segmentOwners.map((owner) => owner.id)).toEqual([0, 1]);
      scheduler.complete(step);
    }
    scheduler.add(new Sequence({ id, prompt: [1], maxTokens: 9, tenant }));
  }
  scheduler.next(step);
  expect(scheduler.segmentOwners.map((owner) => owner.id)).toEqual([3]);
});

test('in a step in which somebody had to give way nobody else is let in', () => {
  const kv = new KvCache({ blockCount: 6, reusePrefixes: false });
  const scheduler = new Scheduler({ ...roomy, sequencesMax: 2, kv });
  const step = createStep(64);
  const make = (id: number, count: number, priority = 0): Sequence => {
    const prompt = new Array<number>(count).fill(id);
    const sequence = new Sequence({ id, prompt, maxTokens: 60, priority });
    scheduler.add(sequence);
    return sequence;
  };
  const [, young] = [make(1, 30), make(2, 30)];
  scheduler.next(step);
  scheduler.complete(step);
  const late = make(3, 1, 1);
  while (young.state === 'running') {
    for (const owner of scheduler.outputOwners) owner.push(owner.id);
    scheduler.next(step);
    expect(late.state).toBe('waiting');
    scheduler.complete(step);
  }
  scheduler.next(step);
  expect(late.state).toBe('running');
});

test('rows are kept for who comes within a reservation, whoever fills the others', () => {
  const kv = new KvCache({ blockCount: 40, reusePrefixes: false });
  const policy = fairPolicy(undefined, [{ tenant: 'own', slots: 2, kvTokens: 64 }]);
  const scheduler = new Scheduler({ ...roomy, rowsMax: 16, prefillChunk: 16, kv, policy });
  const step = createStep(16);
  scheduler.add(new Sequence({ id: 1, prompt: new Array(100).fill(1), maxTokens: 9 }));
  scheduler.next(step);
  scheduler.complete(step);
  scheduler.add(new Sequence({ id: 2, tenant: 'own', prompt: [1, 2, 3], maxTokens: 9 }));
  scheduler.next(step);
  const rows = scheduler.segmentOwners.map(({ id }, i) => [id, step.segments[i]!.rowCount]);
  expect(Object.fromEntries(rows)).toEqual({ 1: 14, 2: 2 });
});
