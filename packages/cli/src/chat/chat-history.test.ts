import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { historyPath, readHistory, writeHistory } from './chat-history.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-history-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what was typed is there in the next chat, the newest 500, for the user alone', () => {
  const path = historyPath({ XDG_STATE_HOME: folder })!;
  const entries = Array.from({ length: 600 }, (_, i) => `line ${i}\nof two`);
  writeHistory(path, entries);
  expect(readHistory(path)).toEqual(entries.slice(0, 500));
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o77).toBe(0);
  expect(historyPath({ XDG_STATE_HOME: 'state' })).toBe(historyPath({}));
});

test('a file that cannot be read or written ends nothing', () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'no JSON\n');
  expect(readHistory(file)).toEqual([]);
  expect(readHistory(join(file, 'x'))).toEqual([]);
  expect(() => writeHistory(join(file, 'x'), ['a'])).not.toThrow();
  expect(readHistory(undefined)).toEqual([]);
});
