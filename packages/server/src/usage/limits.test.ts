import { expect, test } from 'vitest';
import { ApiError } from '../errors/api-error.ts';
import { durationText, limitHeaders } from './limit-headers.ts';
import { LimitBook } from './limits.ts';
import type { Amounts, Limits, LimitSubject } from './limits.ts';

const NONE: Amounts = { requests: 0, tokens: 0, uncached_tokens: 0 };
const amounts = (tokens: number, uncached = tokens): Amounts => ({
  ...{ requests: 1, tokens, uncached_tokens: uncached },
});
const subject = (limits: Limits, kind: LimitSubject['kind'] = 'project'): LimitSubject => ({
  ...{ kind, id: 'acme', limits },
});

function book(used: Amounts = NONE): { limits: LimitBook; clock: { nowMs: number } } {
  const clock = { nowMs: 1e12 };
  return {
    limits: new LimitBook(
      () => clock.nowMs,
      () => used,
    ),
    clock,
  };
}

function refusal(work: () => unknown): ApiError {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiError) return error;
  }
  throw new Error('was let in');
}

test('in any window of a minute no more than two limits pass, and at an even rate one', () => {
  const { limits, clock } = book();
  const own = [subject({ requests_per_minute: 60 })];
  const passedAt: number[] = [];
  for (let step = 0; step < 3000; step++, clock.nowMs += 100) {
    try {
      limits.admit(own, amounts(1)).settle(amounts(1));
      passedAt.push(clock.nowMs);
    } catch {
      // refused
    }
  }
  const most = passedAt.map((from) => passedAt.filter((at) => at >= from && at < from + 60_000));
  expect(Math.max(...most.map(({ length }) => length))).toBeLessThanOrEqual(120);
  expect(passedAt.filter((at) => at >= 1e12 + 240_000)).toHaveLength(60);
});

test('what a request did not use it gives back; what it used beyond is owed', () => {
  const { limits, clock } = book();
  const own = [subject({ tokens_per_minute: 1000 })];
  const left = (): number => limits.standings(own)[0]!.remaining;
  const charge = limits.admit(own, amounts(900));
  expect(left()).toBe(100);
  const short = refusal(() => limits.admit(own, amounts(200)));
  expect(short).toMatchObject({ status: 429, code: 'rate_limit_exceeded', retryAfterSeconds: 6 });
  expect(short.message).toContain('project acme is 1000 tokens per minute; 100 are left');
  charge.settle(amounts(50));
  expect(left()).toBe(950);
  limits.admit(own, amounts(900)).settle(amounts(1500));
  expect(left()).toBe(0);
  clock.nowMs += 30_000; // half a minute gives 500, of which 550 were owed
  expect(refusal(() => limits.admit(own, amounts(1))).retryAfterSeconds).toBe(4);
  clock.nowMs += 4000;
  limits.admit(own, amounts(1));
});

test('the first limit that is short refuses, and the others are as they were', () => {
  const { limits } = book();
  const roomy = subject({ requests_per_minute: 10 }, 'key');
  const tight = subject({ requests_per_hour: 10, uncached_tokens_per_day: 100 }, 'organization');
  limits.admit([roomy, tight], amounts(500, 80)).settle(amounts(500, 80));
  const short = refusal(() => limits.admit([roomy, tight], amounts(500, 30)));
  expect(short.message).toContain('organization acme is 100 uncached tokens per day');
  expect(limits.standings([roomy])[0]!.remaining).toBe(9);
  const never = refusal(() => limits.admit([tight], amounts(500, 101)));
  expect(never).toMatchObject({ status: 413, retryAfterSeconds: undefined });
});

test('what was used before a start counts after it, and another limit keeps what is used', () => {
  const { limits } = book({ requests: 4, tokens: 30, uncached_tokens: 30 });
  const [left, tokens] = limits.standings([subject({ requests_per_day: 10, tokens_per_day: 40 })]);
  expect([left!.remaining, tokens!.remaining]).toEqual([6, 10]);
  expect(limits.standings([subject({ requests_per_day: 20 })])[0]!.remaining).toBe(16);
  expect(limits.standings([subject({ requests_per_day: 3 })])[0]!.remaining).toBe(0);
});

test('a bucket is never fuller than its limit, whenever its clock and its requests say so', () => {
  const { limits, clock } = book();
  const own = [subject({ tokens_per_minute: 1000 })];
  const left = (): number => limits.standings(own)[0]!.remaining;
  const long = limits.admit(own, amounts(900));
  clock.nowMs += 60_000;
  expect(left()).toBe(1000);
  long.settle(amounts(50));
  expect(left()).toBe(1000);
  limits.admit(own, amounts(900));
  clock.nowMs -= 30_000; // a clock that is set back takes nothing
  expect(left()).toBe(100);
  limits.admit(own, amounts(100));
  expect(left()).toBe(0);
});

test('each key, project and organization has buckets of its own; the tightest is told', () => {
  const { limits } = book();
  const key = subject({ requests_per_minute: 10 }, 'key');
  const project = subject({ requests_per_minute: 5 });
  const other = { ...project, id: 'other' };
  limits.admit([key, project], amounts(1));
  const left = (...of: LimitSubject[]): number => limits.standings(of)[0]!.remaining;
  expect([left(key), left(project), left(other)]).toEqual([9, 4, 5]);
  expect([left(key, project), left(project, key)]).toEqual([4, 4]);
});

test('what was used before a start is that of the limit’s own period', () => {
  const asked: number[] = [];
  const limits = new LimitBook(
    () => 1e12,
    (_subject, sinceMs) => {
      asked.push(1e12 - sinceMs);
      return NONE;
    },
  );
  limits.standings([subject({ requests_per_minute: 1, tokens_per_day: 1 })]);
  expect(asked).toEqual([60_000, 86_400_000]);
});

test('headers are those of OpenAI, of the tightest period, and those of Cerebras, of each', () => {
  const { limits } = book();
  const own = [subject({ requests_per_day: 100, requests_per_minute: 4, tokens_per_minute: 600 })];
  limits.admit(own, amounts(60));
  expect(limitHeaders(limits.standings(own))).toEqual({
    'x-ratelimit-limit-requests': '4',
    'x-ratelimit-remaining-requests': '3',
    'x-ratelimit-reset-requests': '15s',
    'x-ratelimit-limit-requests-minute': '4',
    'x-ratelimit-remaining-requests-minute': '3',
    'x-ratelimit-reset-requests-minute': '15.000',
    'x-ratelimit-limit-requests-day': '100',
    'x-ratelimit-remaining-requests-day': '99',
    'x-ratelimit-reset-requests-day': '864.000',
    'x-ratelimit-limit-tokens': '600',
    'x-ratelimit-remaining-tokens': '540',
    'x-ratelimit-reset-tokens': '6s',
    'x-ratelimit-limit-tokens-minute': '600',
    'x-ratelimit-remaining-tokens-minute': '540',
    'x-ratelimit-reset-tokens-minute': '6.000',
  });
  expect([12, 7660, 360_000, 9_000_000].map(durationText)).toEqual([
    ...['12ms', '7.66s', '6m0s', '2h30m0s'],
  ]);
});
