import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { linkBundle } from './worker-bundle.ts';
import type { Bundle } from './worker-bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

/** Links files of a folder of their own, the first of which is the entry. */
function link(files: Readonly<Record<string, string>>): Bundle {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return linkBundle(join(folder, Object.keys(files)[0]!), {
    resolve: (specifier, from) =>
      specifier.startsWith('.') ? join(dirname(from), specifier) : undefined,
    strip: (text) => text,
    external: (specifier) => `npm:${specifier}`,
    urlOf: (path) => `wafer:${basename(path)}`,
  });
}

/** Runs a bundle; what it exports. */
async function run(files: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const path = join(folder, `bundle-${count++}.mjs`);
  writeFileSync(path, link(files).code);
  return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
}

test('names are found through re-exports, renamed ones too, and each file runs once', async () => {
  const { result } = await run({
    'a.js': [
      "import { one, two as second, Three } from './index.js';",
      "import * as all from './deep.js';",
      "import { four } from './four.js';",
      'export const result = [one, second(), new Three().x, all.one, four];',
    ].join('\n'),
    'index.js': "export * from './deep.js';\nexport { deepTwo as two } from './deep.js';",
    'deep.js': [
      'globalThis.deepRuns = (globalThis.deepRuns ?? 0) + 1;',
      'export const one = 1;',
      'function hidden() { return 2; }',
      'export { hidden as deepTwo };',
      'export class Three { x = 3; }',
    ].join('\n'),
    'four.js': "import { one } from './deep.js';\nexport const four = one + 3;",
  });
  expect(result).toEqual([1, 2, 3, 1, 4]);
  expect((globalThis as { deepRuns?: number }).deepRuns).toBe(1);
});

test('what is imported late runs late, Node is there, and an entry may wait', async () => {
  const { early, late, here } = await run({
    'a.js': [
      "import { basename } from 'node:path';",
      "import { state } from './state.js';",
      'export const early = state.isLate;',
      "const { late } = await import('./late.js');",
      'export { late };',
      'export const here = basename(import.meta.url);',
    ].join('\n'),
    'state.js': 'export const state = { isLate: false };',
    'late.js':
      "import { state } from './state.js';\nstate.isLate = true;\nexport const late = state;",
  });
  expect([early, late, here]).toEqual([false, { isLate: true }, 'wafer:a.js']);
});

test('a file that nothing uses stays out, and packages are imported once', () => {
  const { code, sources } = link({
    'a.js': "import { x } from './index.js';\nimport { y } from 'y';\nexport const z = x + y;",
    'index.js': "export { x } from './x.js';\nexport { unused } from './unused.js';",
    'x.js': "import { y } from 'y';\nexport const x = y;",
    'unused.js': "export const unused = 'unused text';",
  });
  expect(code.match(/^import .*$/gm)).toEqual(["import * as x0 from 'npm:y';"]);
  expect(code).not.toContain('unused text');
  expect(sources.map((path) => basename(path))).toEqual(['a.js', 'index.js', 'x.js']);
});

test.each([
  ['a binding that may change', 'export let x = 1;', "has 'export let"],
  ['a default export', 'export default 1;', "has 'export default"],
  ['a default import', "import x from './y.js';", "cannot link 'x'"],
  ['an import for its effect', "import './y.js';", "has 'import './y.js'"],
  ['a name that is not there', "import { none } from './y.js';", 'does not export none'],
  ['a file that is not there', "import { x } from './none.js';", 'ENOENT'],
])('%s is refused', (_, text, reason) => {
  expect(() => link({ 'a.js': text, 'y.js': 'export const x = 1;' })).toThrow(reason);
});

test('a file that is no JavaScript is refused', () => {
  const files = { 'a.js': "import { x } from './y.js';", 'y.js': 'export const x = ;' };
  expect(() => link(files)).toThrow(SyntaxError);
});

test('a package that only late files need is loaded with them', () => {
  const { code } = link({
    'a.js': "import { x } from 'early';\nexport const b = (await import('./b.js')).y + x;",
    'b.js': "import { y } from 'late';\nexport { y };",
  });
  expect(code.match(/^import .*$/gm)).toEqual([expect.stringContaining("'npm:early'")]);
  expect(code).toContain('import("npm:late")');
});

test('a bundle is Latin-1, and its texts are what they were', async () => {
  const { text } = await run({ 'a.js': "// →\nexport const text = 'é→😀';" });
  expect(text).toBe('é→😀');
  expect(readFileSync(join(folder, `bundle-${count - 1}.mjs`), 'utf8')).toMatch(/^[\0-\xff]+$/);
});
