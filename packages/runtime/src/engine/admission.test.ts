import { expect, test } from 'vitest';
import { fairPolicy } from './admission.ts';
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
