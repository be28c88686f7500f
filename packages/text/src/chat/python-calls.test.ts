import { expect, test } from 'vitest';
import { parsePython, parsePythonCalls } from './python-calls.ts';

test.each([
  ['[1, 2,]', [1, 2]],
  ['[ ]', []],
  ["('a', -2.5, .5, 1e3)", ['a', -2.5, 0.5, 1000]],
  ["{'a': True, \"b\": None, 'c': [false, null,],}", { a: true, b: null, c: [false, null] }],
  ['\'one\' "two"', 'onetwo'],
  [String.raw`'\x41\u0042\n\'\q'`, "AB\n'\\q"],
  ['007', '007'],
  ['0.5', 0.5],
  ['0', 0],
  ['9007199254740993', '9007199254740993'],
  ['9007199254740991', 9_007_199_254_740_991],
  [`${'['.repeat(65)}${']'.repeat(65)}`, expect.any(Array)],
])('%s is read as Python does', (text, value) => {
  expect(parsePython(text)).toEqual(value);
});

test.each([
  ...['', '[1 2]', '[1,,2]', '[,]', '[1', '1 x', 'x', "'a", '{1: 2}', "{'a' 1}", 'TRUE'],
  `${'['.repeat(66)}${']'.repeat(66)}`,
])('%s is no value', (text) => {
  expect(parsePython(text)).toBeUndefined();
});

test('calls are a list of names with named arguments', () => {
  expect(parsePythonCalls(" [add(a=1, b='two',), math.pi()] ")).toEqual([
    { name: 'add', arguments: { a: 1, b: 'two' } },
    { name: 'math.pi', arguments: {} },
  ]);
  for (const text of ['add(a=1)', '[add(1)]', '[add(a=1) sub()]', '[add(a=1)] more']) {
    expect(parsePythonCalls(text)).toBeUndefined();
  }
});
