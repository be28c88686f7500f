/**
 * The files that the tidy rules read: everything a reader of the repository sees.
 *
 * In a clone these are the files that git knows, and sources that it does not know yet; what a user
 * has made beside them, a model or a run, is none of ours. In an unpacked archive, where there is
 * no git, they are the folders and files of the root that the archive is known to hold.
 */
import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** What is ours at the root: these folders, and these files. */
const FOLDERS = new Set(['.ci', 'docs', 'examples', 'packages', 'scripts', 'test']);
const ROOT_FILES: readonly RegExp[] = [
  /^(LICENSE|README\.md|CONTRIBUTING\.md|CHANGELOG\.md)$/,
  /^(package|tsconfig[.\w]*)\.json$|^knip\.jsonc$|^pnpm-.*\.yaml$|^vitest.*\.ts$/,
  /^\.(gitignore|editorconfig|ox\w+\.json)$/,
];

const SKIPPED_FOLDERS = new Set([
  '.git',
  '.cache',
  'node_modules',
  'dist',
  'generated',
  'runs',
  'coverage',
]);
const SKIPPED_ENDINGS = ['.tsbuildinfo', '.tgz', '.png', '.wasm', '.gguf', '.safetensors'];

export interface SourceFile {
  /** From the root, with forward slashes. */
  path: string;
  text: string;
}

/** Reads one file below the root. */
export function readText(path: string): string {
  return readFileSync(ROOT + path, 'utf8');
}

/** Lists paths of all text files below a folder, sorted. */
export function listPaths(folder = ''): string[] {
  all ??= gitPaths() ?? walkedPaths();
  return folder === '' ? [...all] : all.filter((path) => path.startsWith(`${folder}/`));
}

let all: readonly string[] | undefined;

/** What git knows, and sources it does not know yet; undefined where this is no clone. */
export function gitPaths(root: string = ROOT): string[] | undefined {
  const git = (...words: string[]): string[] | undefined => {
    const { status, stdout } = spawnSync('git', words, { cwd: root, encoding: 'utf8' });
    return status === 0 ? stdout.split(/[\0\n]/).filter((line) => line !== '') : undefined;
  };
  // An archive unpacked inside of another repository is no clone of ours.
  const [top] = git('rev-parse', '--show-toplevel') ?? [];
  if (top === undefined || realpathSync(top) !== realpathSync(root)) return undefined;
  const known = git('ls-files', '-z') ?? [];
  const fresh = git('ls-files', '-z', '--others', '--exclude-standard') ?? [];
  const isOurs = (path: string): boolean =>
    FOLDERS.has(path.split('/')[0]!) && /\.(ts|mts|mjs|js)$/.test(path);
  const paths = [...known, ...fresh.filter(isOurs)];
  return [...new Set(paths.filter((path) => isText(root, path)))].toSorted();
}

/** The folders and files that an archive is known to hold. */
export function walkedPaths(root: string = ROOT): string[] {
  const paths: string[] = [];
  const visit = (path: string): void => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      if (path === '' && !isOfRoot(entry)) continue;
      if (entry.isDirectory()) visit(child);
      else if (isText(root, child)) paths.push(child);
    }
  };
  visit('');
  return paths.toSorted();
}

function isOfRoot(entry: { name: string; isDirectory(): boolean }): boolean {
  return entry.isDirectory()
    ? FOLDERS.has(entry.name)
    : ROOT_FILES.some((name) => name.test(entry.name));
}

/** Whether the path leads to a file that is neither installed, built, generated nor binary. */
function isText(root: string, path: string): boolean {
  return (
    !path.split('/').some((part) => SKIPPED_FOLDERS.has(part)) &&
    !SKIPPED_ENDINGS.some((end) => path.endsWith(end)) &&
    lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true
  );
}

/** Reads every TypeScript and JavaScript file of the repository. */
export function listSources(): SourceFile[] {
  return listPaths()
    .filter((path) => /\.(ts|mts|mjs|js)$/.test(path))
    .map((path) => ({ path, text: readText(path) }));
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.startsWith('test/');
}

/** Whether the file is published: `packages/NAME/src`, without its tests. */
export function isShipped(path: string): boolean {
  return /^packages\/[^/]+\/src\//.test(path) && !path.endsWith('.test.ts');
}

/** Name of the workspace package a file belongs to, or undefined. */
export function packageOf(path: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(path)?.[1];
}
