import { expect, test } from 'vitest';
import { stressFabric } from './fabric.ts';
import { findCycle } from './wait-cycle.ts';

test.each([2, 3, 5])('%i threads lose no message and no wake-up over wraps', async (threads) => {
  const result = await stressFabric({ threads, messages: 6000, seed: threads });
  expect(result.channels).toBe(2 * threads);
  expect(result.messages).toBeGreaterThanOrEqual(6000);
  expect(result.sleeps).toBeGreaterThan(0);
});

test('when a thread hears no bell, the watchdog tells who sleeps, and on what', async () => {
  const run = stressFabric({ threads: 3, messages: 3000, seed: 1, stallMs: 300, deafThread: 1 });
  const report = await run.then(String, (error: Error) => error.message);
  expect(report).toMatch(/the fabric is stuck/);
  expect(report.match(/Channel\[stress<\d\] (full|empty): pushed \d+, popped \d+, /g)).toHaveLength(
    6,
  );
  expect(report).toMatch(/thread 1: asleep, though Wafer\.Tile\[1\].* has a message/);
  expect(report).toMatch(/wait cycle: (\d → )+\d/);
});

test('a circle of waits is found, and a chain is none', () => {
  expect(
    findCycle([
      [0, 1],
      [1, 2],
      [2, 3],
    ]),
  ).toBeUndefined();
  expect(
    findCycle([
      [0, 1],
      [1, 2],
      [2, 1],
    ]),
  ).toEqual([1, 2, 1]);
});
