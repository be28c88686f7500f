import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { findBundle, removeOldBundles } from './repository-bundle.ts';
import { THREADS_VERSION, workerEntry } from './worker-entry.ts';
import manifest from '../package.json' with { type: 'json' };

test('in the repository, threads and chips start from a bundle that stands alone', () => {
  for (const entry of ['./tile/worker', './engine/worker', './chip/process'] as const) {
    const url = workerEntry(entry);
    expect(url.pathname).toMatch(/\/bundle-[\w-]+\/.*\.mjs$/);
    expect(existsSync(url)).toBe(true);
    expect(readFileSync(url, 'utf8')).not.toMatch(/from ["']@wafer\//);
  }
});

test('a thread reads nothing that only others need', () => {
  const own = { tile: 'runTiles', engine: 'Scheduler', chat: 'parseTemplate' };
  for (const entry of ['tile', 'engine', 'chat'] as const) {
    const code = readFileSync(workerEntry(`./${entry}/worker`), 'utf8');
    for (const [owner, mark] of Object.entries(own)) {
      expect(code.includes(mark), `${mark} in ${entry}`).toBe(owner === entry);
    }
  }
});

test('a bundle that a manifest names is used while it is there, and kept', () => {
  const path = mkdtempSync(join(tmpdir(), 'wafer-bundles-'));
  const cache = pathToFileURL(`${path}/`);
  const folders = Array.from({ length: 40 }, (_, index) => `bundle-${100 + index}-1-0`);
  for (const folder of folders) mkdirSync(join(path, folder));
  const source = import.meta.filename;
  const sources = [[source, statSync(source).mtimeMs]];
  writeFileSync(join(path, 'threads.json'), JSON.stringify({ folder: folders[0], sources }));
  writeFileSync(join(path, 'bundle-200-1-0.json'), '{');
  removeOldBundles(cache);
  expect(folders.filter((folder) => !existsSync(join(path, folder)))).toEqual(folders.slice(1, 8));
  expect(findBundle(cache, 'threads')).toEqual(new URL(`${folders[0]}/`, cache));
  rmSync(join(path, folders[0]!), { recursive: true });
  expect(findBundle(cache, 'threads')).toBeUndefined();
  rmSync(path, { recursive: true });
});

test('threads and their starter are of the release that the manifest names', () => {
  expect(THREADS_VERSION).toBe(manifest.version);
});
