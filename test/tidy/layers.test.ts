import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { isShipped, listPaths, listSources, packageOf, readText } from './files.ts';
import type { SourceFile } from './files.ts';
import { importsOf, resolveImport } from './imports.ts';

/** What each package may use. Imports point down only; a new package names its layer here. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  kernels: ['core'],
  fabric: ['core'],
  timing: ['core'],
  text: ['core'],
  stories: [],
  dashboard: [],
  models: ['core', 'text', 'stories'],
  runtime: ['core', 'kernels', 'fabric', 'timing', 'text', 'models'],
  train: ['core', 'kernels', 'fabric', 'text', 'models', 'runtime'],
  server: ['dashboard', 'core', 'text', 'stories', 'models', 'runtime', 'train'],
  bench: ['core', 'kernels', 'fabric', 'timing', 'text', 'models', 'runtime', 'train'],
  cli: [
    ...['core', 'kernels', 'fabric', 'timing', 'text', 'stories', 'models', 'runtime'],
    ...['bench', 'server', 'train'],
  ],
};

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  exports?: Record<string, unknown>;
}

const sources = listSources();
const packages = [...new Set(listPaths('packages').map((path) => packageOf(path) ?? ''))];
const manifestOf = (name: string): Manifest =>
  JSON.parse(readText(`packages/${name}/package.json`)) as Manifest;

/** Says what is wrong with one import, or undefined. */
function breach(file: SourceFile, specifier: string): string | undefined {
  const owner = packageOf(file.path);
  if (specifier.startsWith('.')) {
    const target = packageOf(resolveImport(file, specifier));
    if (target === owner || target === undefined) return undefined;
    return `leaves its package; import '@wafer/${target}'`;
  }
  const match = /^@wafer\/([^/]+)(\/.*)?$/.exec(specifier);
  if (match === null) return undefined;
  const [, target = '', deep] = match;
  const isEntry = deep === undefined || manifestOf(target).exports?.[`.${deep}`] !== undefined;
  if (!isEntry) return `goes past index.ts; export it there, import '@wafer/${target}'`;
  if (owner === undefined || LAYERS[owner]?.includes(target)) return undefined;
  return `points up or sideways; ${owner} may use ${LAYERS[owner]?.join(', ') ?? 'nothing'}`;
}

test('every package has a layer', () => {
  expect(packages.toSorted()).toEqual(Object.keys(LAYERS).toSorted());
});

test('the rule of imports finds upward, sideways, deep and stray ones', () => {
  const file = (path: string): SourceFile => ({ path, text: '' });
  expect(breach(file('packages/core/src/a.ts'), '@wafer/runtime')).toMatch('up or sideways');
  expect(breach(file('packages/fabric/src/a.ts'), '@wafer/kernels')).toMatch('up or sideways');
  expect(breach(file('packages/cli/src/a.ts'), '@wafer/core/src/errors.ts')).toMatch('index.ts');
  expect(breach(file('packages/cli/src/a.ts'), '../../core/src/errors.ts')).toMatch('leaves');
  expect(breach(file('test/e2e/a.ts'), '../../packages/core/src/errors.ts')).toMatch('leaves');
  expect(breach(file('packages/runtime/src/a.ts'), '@wafer/core')).toBeUndefined();
  expect(breach(file('packages/core/src/a.ts'), './plan/b.ts')).toBeUndefined();
});

test('imports point down, through the index of a package', () => {
  const bad = sources.flatMap((file) =>
    importsOf(file.text).flatMap(({ specifier, line }) => {
      const what = breach(file, specifier);
      return what === undefined ? [] : [`${file.path}:${line} '${specifier}' ${what}`];
    }),
  );
  expect(bad).toEqual([]);
});

/** Packages of ours that a manifest depends on and its layer may not use. */
function wrongDependencies(manifest: Manifest, mayUse: readonly string[]): string[] {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter((dependency) => dependency.startsWith('@wafer/'))
    .map((dependency) => dependency.slice('@wafer/'.length))
    .filter((name) => !mayUse.includes(name));
}

test.each(packages)('the manifest of %s depends on lower packages only', (name) => {
  expect(wrongDependencies(manifestOf(name), LAYERS[name]!)).toEqual([]);
});

test('a manifest that depends on a higher package is found, wherever it lists it', () => {
  const manifest: Manifest = {
    name: '@wafer/core',
    dependencies: { '@wafer/kernels': '1', other: '1' },
    devDependencies: { '@wafer/runtime': '1' },
  };
  expect(wrongDependencies(manifest, ['kernels'])).toEqual(['runtime']);
});

/** Imports of a file that its package does not list, or may not have. */
function unlisted(file: SourceFile, listed: readonly string[]): string[] {
  return importsOf(file.text)
    .map(({ specifier }) => specifier)
    .filter((specifier) => {
      if (specifier.startsWith('.')) return false;
      if (specifier.startsWith('node:')) return packageOf(file.path) === 'core';
      return !listed.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    })
    .map((specifier) => `${file.path} '${specifier}'`);
}

test('published sources import only what their manifest lists, and core nothing of Node', () => {
  const bad = sources
    .filter(({ path }) => isShipped(path))
    .flatMap((file) => {
      const { dependencies = {} } = manifestOf(packageOf(file.path) ?? '');
      return unlisted(file, Object.keys(dependencies));
    });
  expect(bad).toEqual([]);
});

test('an import that no manifest lists is found, and one of Node in core', () => {
  const text = "import a from 'listed/x';\nimport b from 'listing';\nimport c from 'node:fs';\n";
  const found = (path: string): string[] => unlisted({ path, text }, ['listed']);
  expect(found('packages/cli/src/a.ts')).toEqual(["packages/cli/src/a.ts 'listing'"]);
  expect(found('packages/core/src/a.ts')).toHaveLength(2);
});

test('no file imports itself by a detour, types included', () => {
  const graph = new Map(
    sources.map((file) => [
      file.path,
      importsOf(file.text)
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => resolveImport(file, specifier)),
    ]),
  );
  expect(cycles(graph)).toEqual([]);
});

test('the search for cycles finds one', () => {
  const graph = new Map([
    ['a.ts', ['b.ts']],
    ['b.ts', ['c.ts', 'd.ts']],
    ['c.ts', ['b.ts']],
    ['d.ts', []],
  ]);
  expect(cycles(graph)).toEqual(['b.ts → c.ts → b.ts']);
});

/** Files that are loaded before the first line of these runs. */
function loadedBy(roots: readonly string[]): Set<string> {
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const loaded = new Set<string>();
  const open = [...roots];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const file = byPath.get(path);
    if (file === undefined || loaded.has(path)) continue;
    loaded.add(path);
    for (const { specifier, isType, isLazy } of importsOf(file.text)) {
      if (isType || isLazy) continue;
      if (specifier.startsWith('.')) open.push(resolveImport(file, specifier));
      const [, name = '', deep = ''] = /^@wafer\/([^/]+)(\/.*)?$/.exec(specifier) ?? [];
      if (name === '') continue;
      open.push(posix.join('packages', name, String(manifestOf(name).exports![`.${deep}`])));
    }
  }
  return loaded;
}

test('a projection loads what it computes with: no runtime, no models, no experiment', () => {
  const entry = 'packages/cli/src/aside';
  const thread = loadedBy([`${entry}/worker.ts`, 'packages/cli/src/commands/project.ts']);
  const packagesOf = (paths: Iterable<string>): string[] =>
    [...new Set([...paths].map((path) => packageOf(path) ?? ''))].toSorted();
  expect(packagesOf(thread)).toEqual(['bench', 'cli', 'core', 'timing']);
  const ofBench = [...thread].filter((path) => packageOf(path) === 'bench');
  expect(ofBench.length).toBeLessThan(7);
  // The thread that only starts it needs the table of errors, for exit codes.
  const main = [...loadedBy(['packages/cli/src/start.ts', `${entry}/run-aside.ts`])];
  expect(main.filter((path) => packageOf(path) === 'core')).toEqual([
    'packages/core/src/errors.ts',
  ]);
});

/** Relative imports of a file that lead to none of these paths. */
function unresolved(paths: ReadonlySet<string>, file: SourceFile): string[] {
  return importsOf(file.text)
    .filter(({ specifier }) => specifier.startsWith('.') && !specifier.includes('/generated/'))
    .filter(({ specifier }) => !isResolved(paths, file, specifier))
    .map(({ specifier, line }) => `${file.path}:${line} '${specifier}'`);
}

test('relative imports name a file with its ending', () => {
  const paths = new Set(listPaths());
  expect(sources.flatMap((file) => unresolved(paths, file))).toEqual([]);
});

test('an import without its ending is found, but in AssemblyScript', () => {
  const text = "import { b } from './b';\nimport { c } from './c.ts';\n";
  const found = (folder: string): string[] => {
    const paths = new Set([`${folder}/b.ts`, `${folder}/c.ts`]);
    return unresolved(paths, { path: `${folder}/a.ts`, text });
  };
  expect(found('packages/p/src')).toEqual(["packages/p/src/a.ts:1 './b'"]);
  expect(found('packages/p/assembly')).toEqual([]);
});

/** AssemblyScript leaves the ending out; everyone else writes it. */
function isResolved(paths: ReadonlySet<string>, file: SourceFile, specifier: string): boolean {
  const target = resolveImport(file, specifier);
  return paths.has(target) || (file.path.includes('/assembly/') && paths.has(`${target}.ts`));
}

/** Every cycle that a depth-first walk closes, written as a path. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      found.push([...trail.slice(start), path].map((step) => posix.normalize(step)).join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}
