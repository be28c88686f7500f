import { expect, test } from 'vitest';
import { durationText, limitHeaders } from './limit-headers.ts';

test.each([
  [0, '0ms'],
  [0.2, '1ms'],
  [999, '999ms'],
  [999.5, '1s'],
  [1001, '1.01s'],
  [59_990, '59.99s'],
  [59_999, '1m0s'],
  [60_000, '1m0s'],
  [61_001, '1m2s'],
  [3_599_000, '59m59s'],
  [3_600_000, '1h0m0s'],
  [7_325_000, '2h2m5s'],
  [86_400_000, '24h0m0s'],
])('%d ms are told as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test('each limit has its headers, and those without a period tell the tightest', () => {
  const standing = { limit: 100, remaining: 50, resetMs: 1500 };
  const headers = limitHeaders([
    { ...standing, unit: 'requests', period: 'minute' },
    { ...standing, unit: 'tokens', period: 'minute' },
    { unit: 'tokens', period: 'day', limit: 10_000, remaining: 60, resetMs: 120_000 },
    { ...standing, unit: 'uncached_tokens', period: 'hour', remaining: 1 },
  ]);
  expect(headers).toEqual({
    'x-ratelimit-limit-requests-minute': '100',
    'x-ratelimit-remaining-requests-minute': '50',
    'x-ratelimit-reset-requests-minute': '1.500',
    'x-ratelimit-limit-tokens-minute': '100',
    'x-ratelimit-remaining-tokens-minute': '50',
    'x-ratelimit-reset-tokens-minute': '1.500',
    'x-ratelimit-limit-tokens-day': '10000',
    'x-ratelimit-remaining-tokens-day': '60',
    'x-ratelimit-reset-tokens-day': '120.000',
    'x-ratelimit-limit-uncached-tokens-hour': '100',
    'x-ratelimit-remaining-uncached-tokens-hour': '1',
    'x-ratelimit-reset-uncached-tokens-hour': '1.500',
    'x-ratelimit-limit-requests': '100',
    'x-ratelimit-remaining-requests': '50',
    'x-ratelimit-reset-requests': '1.5s',
    'x-ratelimit-limit-tokens': '10000',
    'x-ratelimit-remaining-tokens': '60',
    'x-ratelimit-reset-tokens': '2m0s',
  });
});
