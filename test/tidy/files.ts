/**
 * The files that the tidy rules read: everything a reader of the repository sees.
 *
 * Walks the work tree rather than asking git, so that the rules hold in an unpacked archive too.
 * Installed, built and generated files are left out.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

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
  const paths: string[] = [];
  const visit = (path: string): void => {
    for (const entry of readdirSync(ROOT + path, { withFileTypes: true })) {
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED_FOLDERS.has(entry.name)) visit(child);
      } else if (
        entry.isFile() &&
        entry.name !== '.git' &&
        !SKIPPED_ENDINGS.some((end) => child.endsWith(end))
      ) {
        paths.push(child);
      }
    }
  };
  visit(folder);
  return paths.toSorted();
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
