import { expect, test } from 'vitest';
import { EXCEPTIONS } from './exceptions.ts';
import { listPaths, listSources } from './files.ts';
import type { SourceFile } from './files.ts';
import { RULES } from './rules.ts';
import type { Rule } from './rules.ts';
import { scan } from './scan.ts';

const sources = listSources();

/** Findings of a rule over the repository, exceptions left out. */
function breaches(rule: Rule, files: readonly SourceFile[]): string[] {
  const excepted = EXCEPTIONS.filter((exception) => exception.rule === rule.name);
  return files
    .filter(({ path }) => rule.applies(path) && !excepted.some((entry) => entry.path === path))
    .flatMap(({ path, text }) =>
      rule.find(text).map(({ line, what }) => `${path}:${line} ${what} (${rule.instead})`),
    );
}

test('the rules read the sources of every package', () => {
  const packages = new Set(sources.map(({ path }) => path.split('/').slice(0, 2).join('/')));
  for (const name of ['core', 'kernels', 'fabric', 'runtime', 'cli']) {
    expect(packages).toContain(`packages/${name}`);
  }
});

test.each(RULES)('$name', (rule) => {
  expect(breaches(rule, sources)).toEqual([]);
});

test.each(RULES)('the rule "$name" finds its own example', (rule) => {
  expect(rule.applies(rule.example.path)).toBe(true);
  expect(rule.find(rule.example.text)).not.toEqual([]);
});

test.each(EXCEPTIONS)('the exception of $path is still needed', ({ rule: name, path, reason }) => {
  const rule = RULES.find((candidate) => candidate.name === name);
  const file = sources.find((source) => source.path === path);
  expect(rule, 'the rule exists').toBeDefined();
  expect(rule?.find(file?.text ?? '')).not.toEqual([]);
  expect(reason.length).toBeGreaterThan(20);
});

/** Files whose names have another shape than the others. */
function oddNames(paths: readonly string[]): string[] {
  const shape = /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/;
  const upper = new Set(['README.md', 'LICENSE', 'CHANGELOG.md', 'CONTRIBUTING.md']);
  return paths.filter((path) => {
    const name = path.split('/').at(-1) ?? '';
    return !shape.test(name) && !upper.has(name);
  });
}

test('file names are kebab-case nouns', () => {
  expect(oddNames(listPaths())).toEqual([]);
});

test('other file names are found', () => {
  const good = ['README.md', '.ci/run', 'a/kv-cache.test.ts', '.gitignore'];
  const bad = ['a/KvCache.ts', 'a/kv_cache.ts', 'a/Readme.md', 'a/-x.ts'];
  expect(oddNames([...good, ...bad])).toEqual(bad);
});

test('the scanner tells code, strings, templates, comments and regular expressions apart', () => {
  const text = [
    "const a = 'any // no'; // yes any",
    'const b = `x ${f({ y: `enum ${1}` })} enum`;',
    'const c = a / b / 2; /* enum */',
    'const d = /[/"]any"/g.test(a);',
    'const e = a[0]! / b; const f = 1 / i++ / 2;',
  ].join('\n');
  const { code, comments } = scan(text);
  expect(code).toHaveLength(text.length);
  expect(comments).toHaveLength(text.length);
  expect(code).not.toMatch(/any|enum|yes/);
  expect(code).toContain('f({ y: `');
  expect(code).toContain('a / b / 2;');
  expect(code).toContain('.test(a);');
  expect(code).toContain('a[0]! / b; const f = 1 / i++ / 2;');
  expect(comments.match(/any|enum|yes/g)).toEqual(['yes', 'any', 'enum']);
});

test('the scanner follows every source to its end, where all brackets are closed', () => {
  const count = (text: string, char: string): number => text.split(char).length - 1;
  const lost = sources.filter(({ text }) => {
    const { code } = scan(text);
    return ['{}', '()', '[]'].some(
      ([open = '', close = '']) => count(code, open) !== count(code, close),
    );
  });
  expect(lost.map(({ path }) => path)).toEqual([]);
});
