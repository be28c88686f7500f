import { expect, test } from 'vitest';
import floors from './assertions.json' with { type: 'json' };
import { WIRE_WORDS } from './exceptions.ts';
import { isShipped, listPaths, listSources, packageOf, readText } from './files.ts';
import type { SourceFile } from './files.ts';
import { assertionRate, classLines, folderCycles, strangeWords, typeTwins } from './structure.ts';

const CLASS_LINES_MAX = 200;
const sources = listSources();
const packages = [...new Set(listPaths('packages').map((path) => packageOf(path) ?? ''))];
const at = (path: string, text: string): SourceFile => ({ path, text });

/** Classes of shipped files that are too long, as `path Name: lines`. */
function longClasses(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => isShipped(path))
    .flatMap(({ path, text }) =>
      classLines(text)
        .filter(({ lines }) => lines > CLASS_LINES_MAX)
        .map(({ name, lines }) => `${path} ${name}: ${lines} lines`),
    );
}

test('folders of a package are layered: none imports another that imports it', () => {
  const found = packages.flatMap((owner) => folderCycles(sources, owner));
  expect(found, 'what both need belongs into a folder below them').toEqual([]);
});

test('two folders that import each other by a detour are found', () => {
  const files = [
    at('packages/p/src/a/x.ts', "import { y } from '../b/y.ts';\n"),
    at('packages/p/src/b/y.ts', "import { z } from '../c/z.ts';\n"),
    at('packages/p/src/c/z.ts', "import type { X } from '../a/x.ts';\n"),
    at('packages/p/src/d/w.ts', "import { y } from '../b/y.ts';\n"),
  ];
  expect(folderCycles(files, 'p')).toEqual(['p: a ⇄ b', 'p: a ⇄ c', 'p: b ⇄ c']);
});

test('a detour through a file beside the index is found', () => {
  const files = [
    at('packages/p/src/a/x.ts', "import { y } from '../y.ts';\n"),
    at('packages/p/src/y.ts', "import { z } from './a/z.ts';\n"),
  ];
  expect(folderCycles(files, 'p')).toEqual(['p: a ⇄ y.ts']);
});

test('a class has at most 200 lines', () => {
  expect(longClasses(sources), 'move one concept to a class and file of its own').toEqual([]);
});

test('a class of 201 lines is found, whatever stands around it', () => {
  const body = '  a = 1;\n'.repeat(CLASS_LINES_MAX - 1);
  const text = `export class Long {\n${body}}\nclass B { b = {}; }\n`;
  expect(classLines(text)).toEqual([
    { name: 'Long', lines: 201 },
    { name: 'B', lines: 1 },
  ]);
  const files = [at('packages/p/src/a.ts', text), at('packages/p/src/a.test.ts', text)];
  expect(longClasses(files)).toEqual(['packages/p/src/a.ts Long: 201 lines']);
});

test('no two packages export a type of the same name', () => {
  expect(typeTwins(sources)).toEqual([]);
});

test('a name that two packages export is found', () => {
  const files = [
    at('packages/p/src/a.ts', 'export interface Twin {}\nexport type Own = 1;\n'),
    at('packages/q/src/b.ts', 'export class Twin {}\n'),
  ];
  expect(typeTwins(files)).toEqual(['Twin']);
});

test('spelling is American, and words are those of the field', () => {
  const pages = listPaths()
    .filter((path) => path.endsWith('.md'))
    .map((path) => at(path, readText(path)));
  const found = [...sources, ...pages]
    .filter(({ path }) => !path.startsWith('test/tidy/') && path !== WIRE_WORDS)
    .flatMap(({ path, text }) =>
      strangeWords(text).map(({ word, instead, line }) => `${path}:${line} ${word} → ${instead}`),
    );
  expect(found).toEqual([]);
});

test('another spelling is found, alone and within a name', () => {
  const text = '// a colour\nconst isNormalised = mySight;\n';
  expect(strangeWords(text).map(({ word, line }) => [word, line])).toEqual([
    ['colour', 1],
    ['normalised', 2],
    ['sight', 2],
  ]);
});

test.each(packages)('%s asserts no less than it did; its figure may only rise', (owner) => {
  const floor = (floors as Record<string, number>)[owner];
  expect(floor, `${owner} has no figure in assertions.json`).toBeDefined();
  expect(assertionRate(sources, owner)).toBeGreaterThanOrEqual(floor ?? Infinity);
});

test('assertions are counted in shipped code alone, comments left out', () => {
  const shipped = `assert(a, 'b', {});\n// assert(c)\n${'\n'.repeat(98)}`;
  const files = [
    at('packages/p/src/a.ts', shipped),
    at('packages/p/src/a.test.ts', 'assert(x);\n'),
  ];
  expect(assertionRate(files, 'p')).toBe(1);
});
