import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { looksOf } from './barrier.ts';

const COUNT = 4;
const ROUNDS = 2000;
/** Words: a barrier, a counter, of each thread how often it saw what it should not, arrivals. */
const [COUNTER, FAILS, ARRIVALS] = [2, 4, 16];

const PARTY = `
const { workerData } = require('node:worker_threads');
const { words, me, url, looks } = workerData;
import(url).then(({ meet, publish, waitFor }) => {
  const use = { count: ${COUNT}, looks };
  for (let round = 1; round <= ${ROUNDS}; round++) {
    Atomics.store(words, ${ARRIVALS} + me, round);
    meet(words, 0, use);
    for (let other = 0; other < ${COUNT}; other++) {
      if (Atomics.load(words, ${ARRIVALS} + other) !== round) Atomics.add(words, ${FAILS} + me, 1);
    }
    if (me === 0) publish(words, ${COUNTER}, round);
    else waitFor(words, ${COUNTER}, { value: round, looks });
    if (Atomics.load(words, ${COUNTER}) < round) Atomics.add(words, ${FAILS} + me, 1);
    meet(words, 0, use);
  }
});`;

test.each([0, 1, 20])('threads meet after they looked %i times', async (looks) => {
  const words = new Int32Array(new SharedArrayBuffer(128));
  const url = new URL('./barrier.ts', import.meta.url).href;
  const ends = Array.from({ length: COUNT }, async (_, me) => {
    const worker = new Worker(PARTY, { eval: true, workerData: { words, me, url, looks } });
    // Where one fails, the others wait for it for good.
    onTestFinished(async () => void (await worker.terminate()));
    await new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject));
  });
  await Promise.all(ends);
  expect(words[1]).toBe(2 * ROUNDS);
  expect(words[COUNTER]).toBe(ROUNDS);
  expect([...words.subarray(FAILS, FAILS + COUNT)]).toEqual([0, 0, 0, 0]);
});

test('threads look while each has a core, and sleep at once where they are more', () => {
  const cores = availableParallelism();
  expect(looksOf(1)).toBeGreaterThan(1000);
  expect(looksOf(cores)).toBe(looksOf(1));
  expect(looksOf(cores + 1)).toBe(0);
});
