/**
 * The form of the list of one-line defects: per file, what to put in, and the tests that must see.
 *
 * Files and tests are named by the end of their path, which no other file has, so that they may
 * move between packages. A search text stands exactly once in its file. `argued` says why nothing
 * needs to see a defect that survives.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

const FOLDERS = ['packages', 'test', 'scripts', 'examples', 'docs'];
const SKIPPED = new Set(['node_modules', 'dist', '.cache', 'runs']);

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

/** Files of the tree, generated ones included, without third-party packages and builds. */
export function listTree(): string[] {
  const walk = (folder: string): string[] =>
    readdirSync(ROOT + folder, { withFileTypes: true }).flatMap((entry) => {
      const path = folder + entry.name;
      if (entry.isFile() || entry.isSymbolicLink()) return [path];
      return entry.isDirectory() && !SKIPPED.has(entry.name) ? walk(`${path}/`) : [];
    });
  const atRoot = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isFile());
  return [...atRoot.map(({ name }) => name), ...FOLDERS.flatMap((folder) => walk(`${folder}/`))];
}

/** The path of the only file that ends so. Throws: if there is none, or another one. */
export function locate(tree: readonly string[], end: string): string {
  const found = tree.filter((path) => path.endsWith(`/${end}`));
  if (found.length !== 1) throw new Error(`${end} names ${found.length} files: ${found.join(' ')}`);
  return found[0]!;
}
