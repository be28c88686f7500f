import { expect, test } from 'vitest';
import { listPaths, readText } from './files.ts';

/** Absolute paths of someone's machine, and names of package hosts: neither belongs in a file. */
const FOLDERS = ['root', 'work', 'tmp', 'home', 'Users'].join('|');
const PATTERN = new RegExp(
  `(?<![\\w.*/@{}$-])/(?:${FOLDERS})/[\\w.-]|\\bregistry\\.[a-z]|\\bnpmjs\\b`,
  'g',
);

/** Finds what must stay private in a text. */
function leaks(text: string): string[] {
  return text.match(PATTERN) ?? [];
}

test('no file names a path of the machine it was written on, or a package host', () => {
  const found = listPaths().flatMap((path) =>
    leaks(readText(path)).map((leak) => `${path}: ${leak} (use import.meta.url or os.tmpdir())`),
  );
  expect(found).toEqual([]);
});

test('such paths and hosts are found', () => {
  const slash = '/';
  expect(leaks(`see ${slash}home/someone${slash}x`)).toHaveLength(1);
  expect(leaks(`from "${slash}tmp/y"`)).toHaveLength(1);
  expect(leaks(`https:${slash}${slash}registry${'.'}example`)).toHaveLength(1);
  expect(leaks('packages/work/x.ts ../root/y')).toEqual([]);
});
