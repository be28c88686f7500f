import { expect, test } from 'vitest';
import { Database } from '../store/database.ts';
import { bucketRows, usageCsv } from './export.ts';
import { readUsage, UsageLedger } from './ledger.ts';
import type { UsageRow } from './ledger.ts';
import { costNanos, withAdapterPrices } from './prices.ts';

const MINUTE = 1_700_000_040;
const row = (change: Partial<UsageRow> = {}): UsageRow => ({
  ...{ minute: MINUTE, organization: 'o', project: 'p', key: 'k', model: 'm', isBatch: false },
  ...{ kind: 'completions', requests: 1, inputTokens: 10, cachedTokens: 4, outputTokens: 3 },
  costNanos: 7,
  ...change,
});

test('rows of one minute and caller become one, over writes, and none is counted twice', () => {
  using db = new Database();
  using ledger = new UsageLedger(db);
  ledger.add(row());
  ledger.add(row());
  ledger.flush();
  ledger.flush();
  ledger.add(row());
  ledger.add(row({ project: 'q' }));
  ledger.add(row({ minute: MINUTE + 60, isBatch: true }));
  expect(ledger.read(MINUTE, MINUTE + 60)).toEqual([
    row({ requests: 3, inputTokens: 30, cachedTokens: 12, outputTokens: 9, costNanos: 21 }),
    row({ project: 'q' }),
  ]);
  expect(ledger.usedSince('organization', 'o', MINUTE)).toMatchObject({ requests: 5 });
  expect(ledger.usedSince('project', 'p', MINUTE + 1)).toMatchObject({ requests: 1 });
  ledger.purge(MINUTE + 60);
  expect(ledger.read(0, 2 * MINUTE)).toEqual([row({ minute: MINUTE + 60, isBatch: true })]);
});

test.each<Partial<UsageRow>>([
  { minute: MINUTE + 60 },
  { organization: 'other' },
  { project: 'other' },
  { key: 'other' },
  { model: 'other' },
  { kind: 'embeddings' },
  { isBatch: true },
])('rows that differ in %o stay apart, while they wait and when they are written', (change) => {
  using db = new Database();
  using ledger = new UsageLedger(db);
  for (const one of [row(), row(change), row(change)]) ledger.add(one);
  const twice = row({ ...change, requests: 2, inputTokens: 20, cachedTokens: 8, outputTokens: 6 });
  const byRequests = (a: UsageRow, b: UsageRow): number => a.requests - b.requests;
  const read = (): UsageRow[] => ledger.read(0, 2 * MINUTE).toSorted(byRequests);
  expect(read()).toEqual([row(), { ...twice, costNanos: 14 }]);
  ledger.add(row());
  ledger.add(row());
  ledger.flush();
  expect(read().map(({ requests }) => requests)).toEqual([2, 3]);
});

test('what cannot be written is kept for the next time, and the end writes what is there', () => {
  using db = new Database();
  {
    using ledger = new UsageLedger(db);
    ledger.add(row());
    db.run('ALTER TABLE usage RENAME TO away');
    expect(() => ledger.flush()).toThrow('usage');
    new UsageLedger(db)[Symbol.dispose](); // has nothing to write, and fails at nothing
    db.run('ALTER TABLE away RENAME TO usage');
    ledger.flush();
    ledger.add(row());
  }
  expect(readUsage(db, 0, 2 * MINUTE)).toMatchObject([{ requests: 2 }]);
  const lost = new UsageLedger(db);
  lost.add(row());
  db.run('DROP TABLE usage');
  expect(() => lost[Symbol.dispose]()).not.toThrow();
});

test('buckets sum by what is asked for; CSV keeps a name from being a formula or a column', () => {
  const rows = [row(), row({ model: 'n' }), row({ minute: MINUTE + 60, project: '=1,"x"' })];
  const buckets = bucketRows(rows, { from: MINUTE, to: MINUTE + 180, width: 60 }, ['project']);
  expect(buckets.map((bucket) => bucket.rows.map(({ requests }) => requests))).toEqual([
    ...[[2], [1], []],
  ]);
  expect(usageCsv(buckets).split('\r\n')).toEqual([
    'start,end,organization,project,key,model,kind,batch,requests,input_tokens,cached_tokens,' +
      'output_tokens,cost_usd',
    '2023-11-14T22:14:00.000Z,2023-11-14T22:15:00.000Z,,p,,,,,2,20,8,6,0.000000014',
    `2023-11-14T22:15:00.000Z,2023-11-14T22:16:00.000Z,,"'=1,""x""",,,,,1,10,4,3,0.000000007`,
    '',
  ]);
});

test('a price is dollars per million tokens; cached ones may cost less', () => {
  const used = { inputTokens: 1_000_000, cachedTokens: 500_000, outputTokens: 100_000 };
  expect(costNanos({ input: 1, cached: 0.5, output: 4 }, used)).toBe(1.15e9);
  expect(costNanos({ input: 1, output: 4 }, used)).toBe(1.4e9);
  expect(costNanos(undefined, used)).toBe(0);
  const [price, own] = [
    { input: 1, output: 4 },
    { input: 2, output: 2 },
  ];
  const adapters = ['law', 'tax'].map((id) => ({ id, adapterOf: 'base' }));
  const prices = withAdapterPrices({ base: price, tax: own }, [{ id: 'base' }, ...adapters]);
  expect(prices).toEqual({ base: price, law: price, tax: own });
});
