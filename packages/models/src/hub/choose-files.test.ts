import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseFiles, chooseShards, matchesGlob, staleFiles } from './choose-files.ts';
import type { HubFile } from './choose-files.ts';
import { pathFault, readHubName } from '../open/hub-name.ts';
import { checkPaths } from './list-repository.ts';
import { folderOf, modelsFolder } from './model-name.ts';

const list = (...paths: string[]): HubFile[] =>
  paths.map((path) => ({ path, byteCount: 1, checksum: { kind: 'git', hex: '0' } }));
const HUB = { model: 'o/m', endpoint: 'https://hub' };
const chosen = (...paths: string[]): string[] =>
  chooseFiles('o/m', list(...paths)).files.map(({ path }) => path);

test('safetensors go before GGUF, with what a model needs beside them', () => {
  const files = ['x.gguf', 'vocab.txt', 'tokenizer.json', 'config.json', 'a/config.json'];
  expect(chosen(...files, 'model.safetensors')).toEqual([
    'config.json',
    'tokenizer.json',
    'model.safetensors',
  ]);
  expect(chosen(...files)).toEqual(['x.gguf']);
  expect(chosen('config.json', 'model.safetensors.index.json')).toHaveLength(2);
  expect(chosen(...files, 'model.safetensors.index.json', 'model.safetensors')).not.toContain(
    'model.safetensors.index.json',
  );
  expect(chosen('x.gGuF')).toEqual(['x.gGuF']);
});

test('further chat templates come along, and a vocabulary where nothing else makes ids', () => {
  const weights = ['config.json', 'model.safetensors'];
  const templates = ['additional_chat_templates/tool_use.jinja', 'additional_chat_templates/a.txt'];
  const vocabulary = ['merges.txt', 'vocab.json'];
  expect(chosen(...weights, ...templates, ...vocabulary, 'tokenizer.json').toSorted()).toEqual(
    [templates[0], 'tokenizer.json', ...weights].toSorted(),
  );
  expect(chosen(...weights, ...vocabulary)).toEqual(expect.arrayContaining(vocabulary));
  const earlier = [...weights, templates[0]!, ...vocabulary];
  expect(staleFiles(earlier, weights, [])).toEqual([templates[0], ...vocabulary]);
});

test('the shards of an index must all be there', () => {
  const index = JSON.stringify({ weight_map: { a: 's1', b: 's2', c: 's1' } });
  expect(chooseShards(HUB, list('s2', 's1', 's3'), index)).toHaveLength(2);
  expect(() => chooseShards(HUB, list('s1'), index)).toThrow(/^PULL_EMPTY.*is s2/);
});

test.each([
  ['no JSON', '{"weight_map":', 'no JSON'],
  ['no object', '[]', 'no JSON object'],
  ['nested without end', `{"weight_map":${'['.repeat(1e6)}`, 'nested over 64 deep'],
  ['without shards', '{}', 'no weight_map'],
  ['with a list of shards', '{"weight_map":["s1"]}', 'no weight_map'],
  ['with a number for a file', '{"weight_map":{"a":1}}', 'names no files'],
])('an index that is %s is refused', (_, index, reason) => {
  expect(() => chooseShards(HUB, list('s1'), index)).toThrow(
    new RegExp(`^PULL_ANSWER: .*https://hub .*${reason}`),
  );
});

test('of an earlier choice is stale what a reader would take for a part of this one', () => {
  const SHARDS = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const single = ['config.json', 'chat_template.jinja', 'model.safetensors', 'a.gguf', 'q/a.gguf'];
  const index = ['config.json', 'model.safetensors.index.json', ...SHARDS];
  expect(staleFiles(single, index, [])).toEqual(['chat_template.jinja', 'model.safetensors']);
  expect(staleFiles(index, single, [])).toEqual(index.slice(1));
  expect(staleFiles(single, ['b.gguf'], [])).toEqual(single.slice(0, 3));
  expect(staleFiles(single, ['b.gguf'], ['b.gguf'])).toEqual([]);
  expect(staleFiles(single, SHARDS, ['*.safetensors'])).toEqual(['model.safetensors']);
});

test('a choice is refused with the names there are', () => {
  expect(() => chosen('a.gguf', 'b.GGUF')).toThrow(/^PULL_CHOICE: .*a\.gguf \(1 B\), b\.GGUF/);
  expect(() => chosen('pytorch_model.bin')).toThrow(/^PULL_EMPTY: .*pytorch_model\.bin/);
  expect(() => chosen()).toThrow(/^PULL_EMPTY: .*no files/);
  expect(() => chooseFiles('o/m', list('a'), ['b*'])).toThrow(/^PULL_EMPTY: .*matches b\*/);
});

test.each([
  ['a/b.gguf', '*.gguf', true],
  ['b.gguf', 'b.gguf', true],
  ['b.gguf', '?.ggu?', true],
  ['b.gguf', 'b', false],
  ['b', 'b*', true],
  ['abcab', '*ab', true],
  ['abcabc', '*ab', false],
  ['', '*', true],
  ['', '?', false],
  ['x.y', 'x?', false],
  ['a'.repeat(500), '*a'.repeat(50) + 'b', false],
])('%s against %s: %s', (path, glob, isMatch) => {
  expect(matchesGlob(path, glob)).toBe(isMatch);
});

test('a glob means what the regular expression says that it is written as', () => {
  const text = (units: string): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...units.split('')), maxLength: 8 });
  fc.assert(
    fc.property(text('ab/'), text('ab*?'), (path, glob) => {
      const source = glob.replaceAll('*', '.*').replaceAll('?', '.');
      expect(matchesGlob(path, glob)).toBe(new RegExp(`^${source}$`, 's').test(path));
    }),
    { numRuns: 2000 },
  );
});

test('several globs choose what any of them matches, and each has to match something', () => {
  const files = list('a.gguf', 'b.json', 'c.txt', 'd.gguf');
  const choice = (...globs: string[]): string[] =>
    chooseFiles('o/m', files, globs).files.map(({ path }) => path);
  expect(choice('d*', '*.json')).toEqual(['b.json', 'd.gguf']);
  expect(() => choice('d*', 'e*')).toThrow(/^PULL_EMPTY: .*matches e\*/);
});

test('names of a hub are two plain words and maybe a revision', () => {
  expect(readHubName('o/m.2_x')).toEqual({ model: 'o/m.2_x', revision: undefined });
  expect(folderOf(readHubName('o/m@refs/pr/1')!)).toBe('o/m@refs--pr--1');
  for (const text of [
    '',
    'm',
    'o/m/x',
    '../m',
    'o/..',
    '/m',
    'o/m@',
    'o/m@a..b',
    '.o/m',
    'o m/x',
  ]) {
    expect(readHubName(text), text).toBeUndefined();
  }
});

test('the folder of models is the one named, or lies in the cache', () => {
  expect(modelsFolder({ WAFER_MODELS: '/x' })).toBe('/x');
  expect(modelsFolder({ XDG_CACHE_HOME: '/c' })).toBe('/c/wafer/models');
  for (const relative of ['', 'c', './c']) {
    expect(modelsFolder({ XDG_CACHE_HOME: relative })).toBe(modelsFolder({}));
  }
  expect(modelsFolder({})).toMatch(/\/\.cache\/wafer\/models$/);
});

test('two spellings of one path are refused, as some systems take them for one file', () => {
  expect(() => checkPaths(list('a.bin', 'b/a.bin'), 'https://hub')).not.toThrow();
  for (const again of ['a.bin', 'A.bin']) {
    expect(() => checkPaths(list('a.bin', again), 'https://hub')).toThrow(/in two spellings/);
  }
});

test('a path that some system reads otherwise has a fault', () => {
  const good = ['a', 'a/b.gguf', '.gitattributes', 'é/ü', 'console.md', 'com10', 'auxiliary/nulls'];
  expect(good.filter((path) => pathFault(path) !== undefined)).toEqual([]);
  const bad = [
    '',
    '/a',
    'a//b',
    'a/',
    './a',
    '../a',
    'a/..',
    'a\\b',
    'C:a',
    'a\n',
    'a.',
    'x.partial',
    'x.PARTIAL',
    'wafer-pull.json',
    'a/Wafer-Pull.JSON',
    ...['<', '>', '"', '|', '?', '*'].map((character) => `a${character}b`),
    'nul',
    'CON.txt',
    'a/aux.tar.gz',
    'prn .md',
    'com1',
    'Lpt9.bin/x',
  ];
  expect(bad.filter((path) => pathFault(path) === undefined)).toEqual([]);
  expect(pathFault('x'.repeat(201))).toBe('has too long a part');
});

test.each([
  ['https://hub.test/o/m', { model: 'o/m', revision: undefined }],
  ['http://hub.test/o/m/', { model: 'o/m', revision: undefined }],
  ['hub.test/o/m', { model: 'o/m', revision: undefined }],
  ['https://hub.test/o/m/tree/main', { model: 'o/m', revision: undefined }],
  ['https://hub.test/o/m/tree/v1.0', { model: 'o/m', revision: 'v1.0' }],
  ['https://hub.test/o/m?x=1#y', { model: 'o/m', revision: undefined }],
  [
    'https://hub.test/o/m/blob/main/q/a%20b.gguf?download=true',
    { model: 'o/m', revision: undefined, file: 'q/a b.gguf' },
  ],
  [
    'https://hub.test/o/m/resolve/pr%2F1/x.gguf',
    { model: 'o/m', revision: 'pr/1', file: 'x.gguf' },
  ],
])('the pasted address %s is a name', (address, name) => {
  expect(readHubName(address)).toEqual(name);
});

test.each([
  'https://hub.test/o',
  'https://hub.test/o/m/discussions/3',
  'https://hub.test/o/m/blob/main/../../x',
  'https://hub.test/o/..%2Fm',
  'https://hub.test/o/m%',
  'a/b/c',
])('the address %s is no name', (address) => {
  expect(readHubName(address)).toBeUndefined();
});
