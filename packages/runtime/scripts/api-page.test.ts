import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { apiEntries, apiPage } from './api-page.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-api-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entries = apiEntries();

test('docs/api.md shows the interface as it is; npm run api writes it', () => {
  const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  expect(page).toBe(apiPage(entries));
});

test('every name that is promised says what it is', () => {
  expect(entries.filter(({ doc }) => doc === '').map(({ name }) => name)).toEqual([]);
  expect(entries.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Wafer', 'WaferError', 'WaferOptions', 'openModel']),
  );
});

test('a name is followed through files; bodies, values and private members are left out', () => {
  writeFileSync(
    join(folder, 'thing.ts'),
    [
      '/** Holds one. */',
      'export class Thing extends Base {',
      '  #hidden = 1;',
      '  /** How many. */',
      '  readonly count: number = this.#hidden;',
      '  /** Adds. */',
      '  static async add(more: number): Promise<void> { await more; }',
      '  get half(): number { return this.count / 2; }',
      '}',
      'export function bare(text: string): number { return text.length; }',
    ].join('\n'),
  );
  writeFileSync(join(folder, 'index.ts'), "export { Thing, bare as plain } from './thing.ts';\n");
  expect(apiEntries(pathToFileURL(join(folder, 'index.ts')))).toEqual([
    {
      name: 'Thing',
      doc: 'Holds one.',
      signature: [
        'class Thing extends Base {',
        '  /** How many. */',
        '  readonly count: number;',
        '  /** Adds. */',
        '  static async add(more: number): Promise<void>;',
        '  get half(): number;',
        '}',
      ].join('\n'),
    },
    { name: 'plain', doc: '', signature: 'function bare(text: string): number;' },
  ]);
});
