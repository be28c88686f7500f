import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { gitPaths, walkedPaths } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), 'x\n');
}

const OURS = ['README.md', 'packages/core/src/a.ts', 'vitest.config.ts'];
const USERS = ['tiny/config.json', 'tiny/README.md', 'program.ts', 'notes.md', 'runs/x/meta.json'];

test('what a user makes in a clone is not read, with git and without', () => {
  for (const path of [...OURS, ...USERS, 'node_modules/x.ts']) write(path);
  expect(walkedPaths(folder)).toEqual(OURS);
  const git = (...words: string[]): void => void spawnSync('git', words, { cwd: folder });
  expect(gitPaths(folder)).toBeUndefined();
  git('init', '-q');
  git('add', ...OURS);
  write('packages/core/src/new.ts');
  write('packages/tiny/config.json');
  expect(gitPaths(folder)).toEqual([...OURS, 'packages/core/src/new.ts'].toSorted());
});
