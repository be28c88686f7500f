import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { cliEntry } from './cli-entry.ts';

test('the entry is a script without types, as a Node.js of any age reads it', () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const text = read('entry/main.ts').replace(/^#!.*\n/, '');
  expect(() => new Script(text)).not.toThrow();
  expect(JSON.parse(read('entry/package.json'))).toEqual({ type: 'commonjs' });
  expect(read('main.ts')).toContain(text);
});

test('a clone starts from a bundle, and from its sources where stacks are asked for', () => {
  expect(cliEntry('./program', {}).pathname).toMatch(/\/\.cache\/wafer\/bundle-.*\/program\.mjs$/);
  for (const path of ['./program', './aside/worker'] as const) {
    const source = new URL(`${path}.ts`, import.meta.url);
    expect(cliEntry(path, { WAFER_DEBUG: '1' })).toEqual(source);
  }
}, 120_000);
