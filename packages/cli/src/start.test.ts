import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { expect, test } from 'vitest';

test('the entry is a script without types, as a Node.js of any age reads it', () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const text = read('entry/main.ts').replace(/^#!.*\n/, '');
  expect(() => new Script(text)).not.toThrow();
  expect(JSON.parse(read('entry/package.json'))).toEqual({ type: 'commonjs' });
  expect(read('main.ts')).toContain(text);
});
