/**
 * The form of the list of one-line defects: per file, what to put in, and the tests that must see.
 *
 * Files and tests are named by the end of their path, which no other file has, so that they may
 * move between packages. A search text stands exactly once in its file. `argued` says why nothing
 * needs to see a defect that survives.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** What the defect is · the line as it is · the line as it would be · why none sees it. */
export type Mutation = readonly [
  claim: string,
  search: string,
  replacement: string,
  argued?: string,
];

export interface MutatedFile {
  file: string;
  tests: readonly string[];
  mutations: readonly Mutation[];
}

/** Tracked and new files of the tree, that is, all but what is made or ignored. */
export function listTree(): string[] {
  const listed = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (listed.status !== 0) throw new Error('the list of defects needs a work tree of git');
  return listed.stdout.split('\0').filter((path) => path !== '' && existsSync(ROOT + path));
}

/** The path of the only file that ends so. Throws: if there is none, or another one. */
export function locate(tree: readonly string[], end: string): string {
  const found = tree.filter((path) => path.endsWith(`/${end}`));
  if (found.length !== 1) throw new Error(`${end} names ${found.length} files: ${found.join(' ')}`);
  return found[0]!;
}
