import { expect, onTestFinished, test, vi } from 'vitest';
import type { WaferError } from '@wafer/core';
import { Watchdog } from './watchdog.ts';
import { resolveLimits } from './wait-limits.ts';

const LIMITS = resolveLimits({ heartbeatMs: 100, stuckMs: 1000 });

/** A watchdog over one thing, whose life is a number that a test changes. */
function watchOne(): {
  dog: Watchdog;
  thing: { life: number; asked: number };
  found: WaferError[];
} {
  const thing = { life: 0, asked: 0 };
  const found: WaferError[] = [];
  const dog = new Watchdog(LIMITS, (error) => found.push(error));
  dog.watch({
    life: () => thing.life,
    ask: () => void thing.asked++,
    describe: () => ({ who: 'Wafer.Tile[1][0]', what: 'waiting' }),
  });
  return { dog, thing, found };
}

test('what has not moved for longer than the limit is named, once, with what it was at', () => {
  const { dog, thing, found } = watchOne();
  thing.life++;
  for (let beat = 0; beat < 11; beat++) dog.look();
  expect(found).toEqual([]);
  expect(thing.asked).toBe(11);
  dog.look();
  expect(found.map(({ code, details }) => ({ code, ...details }))).toEqual([
    { code: 'TILE_STUCK', who: 'Wafer.Tile[1][0]', silentMs: 1100, what: 'waiting' },
  ]);
});

test('whatever moves now and then is never stuck, and makes more patient', () => {
  const { dog, thing, found } = watchOne();
  for (let beat = 0; beat < 100; beat++) {
    if (beat % 9 === 0) thing.life++;
    dog.look();
  }
  // 800 ms of silence were seen: 8000 are waited for, of which some have passed.
  for (let beat = 0; beat < 79; beat++) dog.look();
  expect(found).toEqual([]);
  for (let beat = 0; beat < 2; beat++) dog.look();
  expect(found).not.toEqual([]);
});

test('what has only just been started has more time for its first sign of life', () => {
  const { dog, found } = watchOne();
  for (let beat = 0; beat < 40; beat++) dog.look();
  expect(found).toEqual([]);
  dog.look();
  expect(found).toHaveLength(1);
});

test('silences of loading make nobody more patient once that is over', () => {
  const { dog, thing, found } = watchOne();
  for (let beat = 0; beat < 37; beat++) {
    if (beat % 9 === 0) thing.life++;
    dog.look();
  }
  dog.settle();
  for (let beat = 0; beat < 10; beat++) dog.look();
  expect(found).toEqual([]);
  dog.look();
  expect(found).toHaveLength(1);
});

test('one that looks by itself holds no process, and tells of one once', async () => {
  const set = vi.spyOn(globalThis, 'setInterval');
  onTestFinished(() => void vi.restoreAllMocks());
  const found = Promise.withResolvers<WaferError>();
  let count = 0;
  const dog = new Watchdog({ ...LIMITS, heartbeatMs: 2, stuckMs: 2 }, (error) => {
    count++;
    found.resolve(error);
  });
  dog.watch({ life: () => 0, ask: () => undefined, describe: () => ({ who: 'it', what: 'at' }) });
  dog.start();
  const timer = set.mock.results.at(-1)!.value as NodeJS.Timeout;
  expect(timer.hasRef()).toBe(false);
  expect(await found.promise).toMatchObject({ code: 'TILE_STUCK' });
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(count).toBe(1);
});

test('limits of a wrong kind are refused by name', () => {
  const refused = { code: 'PLAN_OPTION' };
  expect(() => resolveLimits(5)).toThrow(expect.objectContaining(refused));
  expect(() => resolveLimits({ stuckMs: '1' })).toThrow('limits.stuckMs');
  expect(() => resolveLimits({ stuck: 1 })).toThrow('stuck');
});
