import { expect, test } from 'vitest';
import { PromptRate } from './prompt-rate.ts';

const STEP_TOKENS = 100;

/** A rate with a clock of its own. */
function timed(): {
  rate: PromptRate;
  waitMs: () => number;
  come: (tokens: number) => void;
  read: (tokens: number, afterMs: number) => void;
  pass: (ms: number) => void;
} {
  const rate = new PromptRate(STEP_TOKENS);
  const tier = 'default';
  let nowMs = 0;
  return {
    rate,
    waitMs: () => rate.waitMs(tier, nowMs),
    come: (tokens) => rate.came({ tokens, tier, nowMs }),
    read: (tokens, afterMs) => {
      nowMs += afterMs;
      rate.left({ tokens, tier, nowMs, wasRead: true });
    },
    pass: (ms) => void (nowMs += ms),
  };
}

/** A queue that was read at 20 ms a token. */
function afterSlowBurst(): ReturnType<typeof timed> {
  const at = timed();
  at.come(200);
  at.come(50);
  at.read(200, 4000);
  at.read(50, 1000);
  return at;
}

test('in a queue, too, what went without being read says nothing of how fast others are', () => {
  const { rate, come, pass, read, waitMs } = timed();
  for (const tokens of [150, 200, 50]) come(tokens);
  pass(600);
  rate.left({ tokens: 150, tier: 'default', nowMs: 600, wasRead: false });
  read(200, 400);
  expect(waitMs()).toBeCloseTo((50 * 1000) / 200, 6);
});

test('a figure fades by the clock: an hour after a slow burst nobody waits for it', () => {
  const at = afterSlowBurst();
  at.come(100);
  expect(at.waitMs()).toBeGreaterThan(1900);
  at.pass(3_600_000);
  expect(at.waitMs()).toBeLessThan(1);
});

test('a new queue an hour later is told by itself', () => {
  const at = afterSlowBurst();
  at.pass(3_600_000);
  at.come(200);
  at.come(300);
  at.read(200, 200);
  expect(at.waitMs()).toBeCloseTo(300, 6);
});

test('a short step lowers a figure and never raises it', () => {
  const at = afterSlowBurst();
  at.come(50);
  const beforeMs = at.waitMs();
  at.read(50, 5000); // 100 ms a token, but it was not all that a step takes
  at.come(50);
  expect(at.waitMs()).toBeLessThanOrEqual(beforeMs);
  at.read(50, 50);
  for (let i = 0; i < 20; i++) {
    at.pass(1000);
    at.come(50);
    at.read(50, 50);
  }
  at.come(100);
  expect(at.waitMs()).toBeLessThan(200);
});

test('prompts of one step are one figure, not that none took any time', () => {
  const at = afterSlowBurst();
  at.come(10);
  at.come(10);
  at.read(10, 1000);
  at.read(10, 0); // 50 ms a token: no news
  at.come(100);
  expect(at.waitMs()).toBeGreaterThan(1800);
});

test('a prompt whose client left teaches nothing', () => {
  const at = timed();
  at.come(200);
  at.come(200);
  at.pass(1000);
  at.rate.left({ tokens: 200, tier: 'default', nowMs: 1000, wasRead: false });
  expect(at.waitMs()).toBe(0);
});
