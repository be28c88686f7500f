import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createDoorbells, Doorbell, ringStop } from './doorbell.ts';

/** Two threads pass a counter back and forth, each asleep while it is the other's turn. */
const PING_PONG = `
  const { workerData, parentPort } = require('node:worker_threads');
  (async () => {
    const { Doorbell } = await import(workerData.module);
    const { words, turn, me, rounds } = workerData;
    const mine = new Doorbell(words, me);
    const other = new Doorbell(words, 1 - me);
    const isMine = () => Atomics.load(turn, 0) % 2 === me;
    let sleeps = 0;
    for (let round = 0; round < rounds; round++) {
      while (!isMine()) { sleeps++; mine.sleepUnless(isMine); }
      Atomics.add(turn, 0, 1);
      other.ring();
    }
    parentPort.postMessage(sleeps);
  })();
`;

test('no wake-up is lost in many rounds between two sleeping threads', async () => {
  const rounds = 20_000;
  const words = createDoorbells(2);
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const module = new URL('./doorbell.ts', import.meta.url).href;
  const workers = [0, 1].map(
    (me) => new Worker(PING_PONG, { eval: true, workerData: { words, turn, me, rounds, module } }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  expect(turn[0]).toBe(2 * rounds);
  await Promise.all(workers.map((worker) => worker.terminate()));
});

test('a ringer that meets nobody asleep leaves the bell alone', () => {
  const words = createDoorbells(1);
  const before = [...words];
  new Doorbell(words, 0).ring();
  expect([...words]).toEqual(before);
});

test('who is asked comes round once more, whether it was asleep or not yet', () => {
  const words = createDoorbells(2);
  const before = [...words];
  new Doorbell(words, 1).ask();
  const changed = [...words].flatMap((word, index) => (word === before[index] ? [] : [index]));
  expect(changed).toEqual([32]); // the bell of the second thread, a line after the first one's
});

test('work that came before the sleep is seen, and sleep is not entered', () => {
  const doorbell = new Doorbell(createDoorbells(1), 0);
  let asked = 0;
  doorbell.sleepUnless(() => ++asked > 0, 60_000);
  expect(asked).toBe(1);
});

test('stop ends every later sleep at once', () => {
  const words = createDoorbells(3);
  ringStop(words);
  const doorbell = new Doorbell(words, 2);
  expect(doorbell.isStopped).toBe(true);
  doorbell.sleepUnless(() => false, 60_000);
});

test('stop ends every later wait of a thread that owns sockets, too', async () => {
  const words = createDoorbells(1);
  ringStop(words);
  // A wait of its kind keeps no process: without the look at the stop word it never resolves.
  const late = setTimeout(5000, 'late', { ref: false });
  const waited = new Doorbell(words, 0).rungUnless(() => false).then(() => 'ended');
  expect(await Promise.race([waited, late])).toBe('ended');
});

test('every look before a sleep is a sign of life', async () => {
  const doorbell = new Doorbell(createDoorbells(1), 0);
  doorbell.sleepUnless(() => true);
  expect(doorbell.beats).toBe(1);
  await doorbell.rungUnless(() => true);
  expect(doorbell.beats).toBe(2);
});

/** What a ringer does between a sleeper's last look and its sleep, at the worst of moments. */
function ringBetween(words: Int32Array): { doorbell: Doorbell; look: () => boolean } {
  const [doorbell, ringer] = [new Doorbell(words, 0), new Doorbell(words, 0)];
  const look = (): boolean => {
    ringer.ring();
    return false; // it had looked just before
  };
  return { doorbell, look };
}

test('a ring after the last look and before the sleep is not lost', () => {
  const { doorbell, look } = ringBetween(createDoorbells(1));
  doorbell.sleepUnless(look, 60_000);
});

test('a ring after the last look and before the wait of an I/O thread is not lost', async () => {
  const { doorbell, look } = ringBetween(createDoorbells(1));
  await doorbell.rungUnless(look);
});

test('who waits is asleep for others from before the last look until it has woken', async () => {
  const words = createDoorbells(1);
  const asleep = 17;
  const seen: number[] = [];
  const look = (): boolean => seen.push(words[asleep]!) > 0;
  new Doorbell(words, 0).sleepUnless(look);
  seen.push(words[asleep]!);
  await new Doorbell(words, 0).rungUnless(look);
  seen.push(words[asleep]!);
  expect(seen).toEqual([1, 0, 1, 0]);
});

test('stop wakes who sleeps already', async () => {
  const words = createDoorbells(2);
  const doorbell = new Doorbell(words, 1);
  const woken = doorbell.rungUnless(() => false);
  ringStop(words);
  await woken;
  expect(doorbell.isStopped).toBe(true);
});
