import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { sourceHash } from '../scripts/build.ts';
import { PAGE_HTML, PAGE_POLICY, SOURCE_HASH } from './index.ts';

const GZIP_BYTES_MAX = 100_000;

test('the page is built from these sources; else run `npm run dashboard`', () => {
  expect(SOURCE_HASH).toBe(sourceHash());
});

test('the whole page has at most 100 kB as gzip', () => {
  expect(gzipSync(PAGE_HTML).length).toBeLessThanOrEqual(GZIP_BYTES_MAX);
});

test('the policy lets exactly its one script and style run, and asks nobody else', () => {
  const inside = (pattern: RegExp): string[] =>
    [...PAGE_HTML.matchAll(pattern)].map(([, text]) => text!);
  const digest = (text: string): string =>
    `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const scripts = inside(/<script[^>]*>([^]*?)<\/script>/g);
  const styles = inside(/<style>([^]*?)<\/style>/g);
  expect([scripts.length, styles.length]).toEqual([1, 1]);
  expect(PAGE_POLICY).toContain(`script-src ${digest(scripts[0]!)};`);
  expect(PAGE_POLICY).toContain(`style-src ${digest(styles[0]!)};`);
  expect(PAGE_POLICY).toMatch(/^default-src 'none';.*connect-src 'self';/);
  expect(PAGE_POLICY).not.toMatch(/unsafe|https?:|\*/);
  expect(PAGE_HTML).not.toMatch(/ style="| on[a-z]+="/);
});
