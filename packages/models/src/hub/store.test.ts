import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { PULL_RECORD } from '../open/hub-name.ts';
import { listStored, removeStored, storedModel } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'wafer-store-'));
afterAll(() => rmSync(root, { recursive: true }));

function store(place: string, model: string, revision: string | null, text?: string): void {
  const folder = join(root, place);
  mkdirSync(join(folder, 'q'), { recursive: true });
  writeFileSync(join(folder, 'config.json'), '{}');
  writeFileSync(join(folder, 'q', 'a.gguf'), '12345');
  const files = ['config.json', 'q/a.gguf'].map((path) => ({ path, bytes: 9, checksum: '' }));
  const record = { model, revision, commit: 'c1', endpoint: 'https://hub.test', files };
  writeFileSync(join(folder, PULL_RECORD), text ?? JSON.stringify(record));
}

test('pulled models are listed by name with what they take, and removed one by one', () => {
  expect(listStored(join(root, 'nowhere'))).toEqual([]);
  store('o/m', 'o/m', null);
  store('o/m@v1--x', 'o/m', 'v1/x');
  store('a/broken', 'a/broken', null, '{');
  mkdirSync(join(root, 'o', 'unfinished'));
  expect(listStored(root).map(({ name, bytes }) => [name, bytes])).toEqual([
    ['o/m', 7],
    ['o/m@v1/x', 7],
  ]);
  expect(storedModel(root, { model: 'o/m', revision: 'v1/x' })).toMatchObject({
    commit: 'c1',
    folder: join(root, 'o/m@v1--x'),
  });
  expect(removeStored(root, { model: 'o/m', revision: undefined }).name).toBe('o/m');
  expect(existsSync(join(root, 'o/m'))).toBe(false);
  expect(listStored(root).map(({ name }) => name)).toEqual(['o/m@v1/x']);
  const gone = (): unknown => removeStored(root, { model: 'o/m', revision: undefined });
  expect(gone).toThrow(/^MODEL_NOT_PULLED/);
});

test('the folder of an organization goes with its last model', () => {
  store('p/only', 'p/only', null);
  removeStored(root, { model: 'p/only', revision: undefined });
  expect(existsSync(join(root, 'p'))).toBe(false);
});
