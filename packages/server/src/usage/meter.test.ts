import { expect, test } from 'vitest';
import { Database } from '../store/database.ts';
import { UsageLedger } from './ledger.ts';
import { LimitBook } from './limits.ts';
import type { LimitName } from './limits.ts';
import { Meter } from './meter.ts';
import type { MeterOptions } from './meter.ts';

const NOW = 1_700_000_075; // seconds, in the minute of 1_700_000_040
const NONE = { requests: 0, tokens: 0, uncached_tokens: 0 };

/** A meter of a caller with limits of a day, what is left of them, and what was written. */
function metered(change: Partial<MeterOptions['caller']> = {}): {
  meter: Meter;
  left: () => Partial<Record<LimitName, number>>;
  ledger: UsageLedger;
} {
  const limits = new LimitBook(
    () => 0,
    () => NONE,
  );
  const ledger = new UsageLedger(new Database());
  const day = { requests_per_day: 10, tokens_per_day: 1000, uncached_tokens_per_day: 1000 };
  const subjects = [{ kind: 'key' as const, id: 'k', limits: day }];
  const metering = {
    limits,
    ledger,
    prices: { m: { input: 1, output: 2 } },
    nowSeconds: () => NOW,
  };
  const caller = { tenant: 'p', subjects, ...change };
  const left = (): Partial<Record<LimitName, number>> =>
    Object.fromEntries(
      limits
        .standings(subjects)
        .map(({ unit, period, remaining }) => [`${unit}_per_${period}`, remaining]),
    );
  return { meter: new Meter(metering, { caller, model: 'm', kind: 'completions' }), left, ledger };
}

test('a request is charged for what it may come to, and then for what it was', () => {
  const { meter, left, ledger } = metered();
  meter.admit(100, 50);
  expect(left()).toEqual({
    ...{ requests_per_day: 9, tokens_per_day: 850, uncached_tokens_per_day: 850 },
  });
  const used = { inputTokens: 100, cachedTokens: 64, outputTokens: 20 };
  meter.settle(used);
  meter.settle(used); // once counts
  expect(left()).toEqual({
    ...{ requests_per_day: 9, tokens_per_day: 880, uncached_tokens_per_day: 944 },
  });
  expect(ledger.read(0, NOW)).toEqual([
    {
      ...{ minute: 1_700_000_040, organization: 'p', project: 'p', key: '', model: 'm' },
      ...{ kind: 'completions', isBatch: false, requests: 1, ...used, costNanos: 140_000 },
    },
  ]);
});

test('what was refused or never asked costs nothing, and is not written', () => {
  const { meter, left, ledger } = metered();
  meter.settle({ inputTokens: 5, cachedTokens: 0, outputTokens: 5 });
  meter.admit(100, 50);
  meter.settle(undefined);
  expect(left()).toEqual({
    ...{ requests_per_day: 10, tokens_per_day: 1000, uncached_tokens_per_day: 1000 },
  });
  expect(ledger.read(0, NOW)).toEqual([]);
});

test('usage is that of a key, its project and its organization, live or in a batch', () => {
  const { meter, ledger } = metered({ organization: 'o', keyId: 'k', isBatch: true });
  meter.admit(1, 1);
  meter.settle({ inputTokens: 1, cachedTokens: 0, outputTokens: 1 });
  expect(ledger.read(0, NOW)).toMatchObject([
    { organization: 'o', project: 'p', key: 'k', isBatch: true },
  ]);
});
