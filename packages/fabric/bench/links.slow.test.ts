import { expect, test } from 'vitest';
import { measureLinks } from './links.ts';
import type { LinkRow } from './links.ts';

test('the benchmark runs on a few messages, and measures every row', async () => {
  const rows: LinkRow[] = [];
  await measureLinks({ rounds: 1, count: 8 }, (row) => rows.push(row));
  expect(rows.map(({ kind, bytes, what }) => `${kind} ${bytes} ${what}`)).toEqual([
    'unix 4096 round trip',
    'unix 4096 throughput',
    'unix 65536 round trip',
    'unix 65536 throughput',
    'tcp 4096 round trip',
    'tcp 4096 throughput',
    'tcp 65536 round trip',
    'tcp 65536 throughput',
    'tcp tags 4096 round trip',
    'tcp tags 4096 throughput',
    'tcp tags 65536 round trip',
    'tcp tags 65536 throughput',
  ]);
  expect(rows.every(({ linkUs, rawUs, ratio }) => linkUs > 0 && rawUs > 0 && ratio > 0)).toBe(true);
});
