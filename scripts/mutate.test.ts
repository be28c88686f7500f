/**
 * The list of one-line defects still fits the sources; what it shows, `npm run mutate` does.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mutate } from './mutate.ts';
import { MUTATIONS } from './mutations/index.ts';
import { listTree, locate, ROOT } from './mutations/mutation.ts';

const TREE = listTree();

test.each(MUTATIONS.map(({ file, mutations }) => [file, mutations] as const))(
  'every defect of %s fits its line, once, and changes it',
  (file, mutations) => {
    const text = readFileSync(ROOT + locate(TREE, file), 'utf8');
    for (const mutation of mutations) expect(mutate(text, mutation)).not.toBe(text);
  },
);

test('the tests of every defect exist, and claims are told apart', () => {
  const claims = MUTATIONS.flatMap(({ file, mutations }) =>
    mutations.map(([claim]) => `${file} ${claim}`),
  );
  expect(claims.length).toBeGreaterThanOrEqual(60);
  expect(new Set(claims).size).toBe(claims.length);
  for (const { tests } of MUTATIONS) {
    expect(tests.length).toBeGreaterThan(0);
    // Slow ones are not run by `npm test`: one that finds no test says that all defects are seen.
    for (const end of tests) expect(locate(TREE, end)).toMatch(/(?<!\.slow)\.test\.ts$/);
  }
});

test('a line that stands nowhere, or twice, is refused by its claim', () => {
  expect(mutate('a b', ['half', ' b', ''])).toBe('a');
  expect(() => mutate('a b', ['gone', 'c', ''])).toThrow('"gone" is found 0 times, not once');
  expect(() => mutate('a a', ['two', 'a', ''])).toThrow('"two" is found 2 times, not once');
});
