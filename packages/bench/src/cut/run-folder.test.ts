import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createRunFolder, runId } from './run-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'wafer-runs-'));
afterAll(() => rmSync(parent, { recursive: true }));

test('an id is date, time and a hash of what was asked', () => {
  const date = new Date('2026-01-02T03:04:05.678Z');
  expect(runId(date, { a: 1 })).toMatch(/^20260102-030405-[0-9a-f]{6}$/);
  expect(runId(date, { a: 1 })).not.toBe(runId(date, { a: 2 }));
});

test('a folder stays if it is kept, and leaves nothing behind if not', () => {
  {
    using kept = createRunFolder(parent, 'kept');
    kept.write('a.csv', 'x\n');
    kept.keep();
  }
  {
    using lost = createRunFolder(parent, 'lost');
    lost.write('a.csv', 'x\n');
  }
  expect(readdirSync(parent)).toEqual(['kept']);
  expect(readFileSync(join(parent, 'kept', 'a.csv'), 'utf8')).toBe('x\n');
});

test('a folder that cannot be made is an output error that names it', () => {
  const file = join(parent, 'kept', 'file');
  writeFileSync(file, '');
  expect(() => createRunFolder(file, 'run')).toThrow(`OUTPUT_FAILED: cannot write ${file}`);
  expect(existsSync(join(file, 'run'))).toBe(false);
});
