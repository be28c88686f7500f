import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import type { MessageRows, Receiver, Sender } from './channel.ts';
import { createDoorbells, Doorbell } from './doorbell.ts';
import { createDelayWords, DelayInjector, readDelays } from './delay-injection.ts';

const ROWS: MessageRows = { count: 1, indices: undefined };
const CHANNELS = 2;

/** Both ends of channels of one message each, in one thread, under a clock that is set by hand. */
function heldChannels(times: { busyNs: number; travelNs: number }) {
  const clock = { nowNs: 0 };
  const words = createDelayWords({ channelCount: CHANNELS, threadCount: 1 });
  const nowNs = (): number => clock.nowNs;
  const hold = new DelayInjector(words, { channelCount: CHANNELS, thread: 0, nowNs });
  const lane = { freeNs: 0 };
  const ends = Array.from({ length: CHANNELS }, (_, channel) => {
    let isFull = false;
    const sender: Sender = { hasCredit: () => !isFull, send: () => void (isFull = true) };
    const receiver: Receiver = {
      isReady: () => isFull,
      take: () => undefined,
      release: () => void (isFull = false),
    };
    return {
      sender: hold.sender(sender, { channel, lane, timesOf: () => times }),
      receiver: hold.receiver(receiver, channel),
    };
  });
  return { clock, hold, ends, figures: () => readDelays(words, CHANNELS) };
}

test('a message is not seen before it is due, and then it is', () => {
  const { clock, ends, figures } = heldChannels({ busyNs: 100, travelNs: 900 });
  const { sender, receiver } = ends[0]!;
  expect(receiver.isReady()).toBe(false);
  clock.nowNs = 50;
  sender.send(ROWS);
  expect(sender.hasCredit()).toBe(false);
  clock.nowNs = 1049;
  expect(receiver.isReady()).toBe(false);
  clock.nowNs = 1060;
  expect(receiver.isReady()).toBe(true);
  clock.nowNs = 5000;
  expect(receiver.isReady()).toBe(true);
  receiver.take();
  receiver.release();
  expect(sender.hasCredit()).toBe(true);
  expect(figures()).toEqual({
    clock: 'wall',
    heldCount: 1,
    unwaitedCount: 0,
    medianAskedNs: 1000,
    medianHeldNs: 1010,
    medianError: 0.01,
  });
});

test('a lane carries one message after the other', () => {
  const { clock, ends, figures } = heldChannels({ busyNs: 400, travelNs: 100 });
  for (const { sender } of ends) sender.send(ROWS);
  clock.nowNs = 500;
  expect(ends.map(({ receiver }) => receiver.isReady())).toEqual([true, false]);
  clock.nowNs = 900;
  expect(ends[1]!.receiver.isReady()).toBe(true);
  for (const { receiver } of ends) receiver.take();
  // Nobody waited for the first: it says nothing about how well messages are held.
  expect(figures()).toMatchObject({ heldCount: 1, unwaitedCount: 1, medianAskedNs: 900 });
});

test('figures are medians of what was held last, however many messages there were', () => {
  const times = { busyNs: 0, travelNs: 0 };
  const { clock, ends, figures } = heldChannels(times);
  const { sender, receiver } = ends[0]!;
  const hold = (travelNs: number): void => {
    times.travelNs = travelNs;
    sender.send(ROWS);
    expect(receiver.isReady()).toBe(false);
    clock.nowNs += travelNs;
    expect(receiver.isReady()).toBe(true);
    receiver.take();
    receiver.release();
  };
  for (const travelNs of [10, 30]) hold(travelNs);
  expect(figures()).toMatchObject({ heldCount: 2, medianAskedNs: 20, medianHeldNs: 20 });
  for (let i = 0; i < 4096; i++) hold(100 + (i % 2));
  expect(figures()).toMatchObject({ heldCount: 4098, medianAskedNs: 100.5, medianError: 0 });
});

test('a thread sleeps until the next message is nearly due, and for itself when none is', () => {
  const { clock, hold, ends } = heldChannels({ busyNs: 0, travelNs: 5_150_000 });
  const { sender, receiver } = ends[0]!;
  const doorbell = new Doorbell(createDoorbells(1), 0);
  const sleeps = vi.spyOn(doorbell, 'sleepUnless');
  const awake = (): boolean => true;
  sender.send(ROWS);
  receiver.isReady();
  hold.sleep(doorbell, awake);
  clock.nowNs = 5_100_000;
  hold.sleep(doorbell, awake); // too near to sleep for
  clock.nowNs = 5_150_000;
  receiver.isReady();
  receiver.take();
  hold.sleep(doorbell, awake);
  expect(sleeps.mock.calls.map(([, ms]) => ms)).toEqual([5, Infinity]);
});

test('without a message there is nothing to measure', () => {
  const { figures } = heldChannels({ busyNs: 0, travelNs: 1 });
  expect(figures()).toMatchObject({ heldCount: 0, medianError: undefined });
});

test('a thread polls where a message is nearly due, and does not oversleep one that came', () => {
  const { clock, hold, ends } = heldChannels({ busyNs: 0, travelNs: 1e6 });
  const doorbell = new Doorbell(createDoorbells(1), 0);
  const { sender, receiver } = ends[0]!;
  sender.send(ROWS);
  let lookCount = 0;
  // Returns although nobody rings: the look finds a message that is due later.
  hold.sleep(doorbell, () => {
    lookCount++;
    return receiver.isReady();
  });
  expect(lookCount).toBe(1);
  clock.nowNs = 0.9e6;
  hold.sleep(doorbell, () => {
    throw new Error('polls');
  });
});

const SLEEPER = `
  const { workerData, parentPort } = require('node:worker_threads');
  (async () => {
    const { DelayInjector } = await import(workerData.hold);
    const { Doorbell } = await import(workerData.doorbell);
    const nowNs = () => performance.now() * 1e6;
    const hold = new DelayInjector(workerData.words, { channelCount: 1, thread: 0, nowNs });
    const inner = { isReady: () => true, take() {}, release() {} };
    const receiver = hold.receiver(inner, 0);
    workerData.words[0] = nowNs();
    workerData.words[1] = nowNs() + 5e6;
    const doorbell = new Doorbell(workerData.bells, 0);
    while (!receiver.isReady()) hold.sleep(doorbell, () => receiver.isReady());
    receiver.take();
    parentPort.postMessage('due');
  })();
`;

test('a sleeping thread wakes by itself when its message is due', async () => {
  const words = createDelayWords({ channelCount: 1, threadCount: 1 });
  const worker = new Worker(SLEEPER, {
    eval: true,
    workerData: {
      words,
      bells: createDoorbells(1),
      hold: new URL('./delay-injection.ts', import.meta.url).href,
      doorbell: new URL('./doorbell.ts', import.meta.url).href,
    },
  });
  expect(await once(worker, 'message')).toEqual(['due']);
  await worker.terminate();
  const { heldCount, medianAskedNs, medianHeldNs } = readDelays(words, 1);
  expect(heldCount).toBe(1);
  expect(medianHeldNs).toBeGreaterThanOrEqual(medianAskedNs!);
});
