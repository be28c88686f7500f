import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workerEntry } from './worker-entry.ts';

test('in the repository, threads and chips start from a bundle that stands alone', () => {
  for (const entry of ['./tile/worker', './engine/worker', './chip/process'] as const) {
    const url = workerEntry(entry);
    expect(url.pathname).toMatch(/\/bundle-[\w-]+\/.*\.mjs$/);
    expect(existsSync(url)).toBe(true);
    expect(readFileSync(url, 'utf8')).not.toMatch(/from ["']@wafer\//);
  }
});
