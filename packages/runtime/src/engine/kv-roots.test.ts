import { expect, test } from 'vitest';
import { KvRoots } from './kv-roots.ts';

test('whoever finds none of the others has a root of its own, which no block has', () => {
  const roots = new KvRoots();
  const all = [0, 1, 2, 2 ** 32].flatMap((serial) =>
    ['', 'a', 'b', '1 a'].map((tenant) => [serial, tenant] as const),
  );
  const numbers = all.map(([serial, tenant]) => roots.of(serial, tenant));
  expect(new Set(numbers).size).toBe(all.length);
  expect(numbers.filter((root) => root >= -1)).toEqual([0]);
  expect(all.map(([serial, tenant]) => roots.of(serial, tenant))).toEqual(numbers);
});

test('of any number of tenants few are kept: the last, and no root comes twice', () => {
  const roots = new KvRoots();
  const first = roots.of(0, 'first');
  const seen = new Set([first]);
  for (let i = 0; i < 10_000; i++) {
    seen.add(roots.of(0, `tenant ${i}`));
    roots.of(0, 'often');
  }
  expect([seen.size, roots.count]).toEqual([10_001, 4096]);
  expect(roots.of(0, 'often')).toBe(first - 2);
  expect(roots.of(0, 'first')).toBeLessThan(Math.min(...seen));
});
