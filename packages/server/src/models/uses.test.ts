import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Restarts } from './restarts.ts';
import { Uses } from './uses.ts';

const IDLE_MS = 20;

test('who waits for an end is told when the last use has ended, and each ends once', async () => {
  const uses = new Uses(Infinity, () => undefined);
  await uses.free();
  const [first, second] = [uses.take(), uses.take()];
  let isFree = false;
  void uses.free().then(() => (isFree = true));
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await sleep(0);
  expect([uses.count, isFree]).toEqual([1, false]);
  second[Symbol.dispose]();
  await sleep(0);
  expect([uses.count, isFree]).toEqual([0, true]);
});

test('idle is what nobody has used for so long, not what is used', async () => {
  let idleCount = 0;
  const uses = new Uses(IDLE_MS, () => idleCount++);
  uses.rest();
  const [first, second] = [uses.take(), uses.take()]; // before its time was over
  first[Symbol.dispose]();
  uses.rest();
  await sleep(3 * IDLE_MS);
  expect(idleCount).toBe(0);
  second[Symbol.dispose]();
  await expect.poll(() => idleCount).toBe(1);
});

test('as many starts may follow as the budget says, within its time', () => {
  const restarts = new Restarts({ countMax: 2, withinMs: 100 });
  expect([0, 10, 20, 99].map((atMs) => restarts.mayFollow(atMs))).toEqual([
    ...[true, true, false, false],
  ]);
  expect(restarts.count).toBe(2);
  expect(restarts.mayFollow(250)).toBe(true);
});
