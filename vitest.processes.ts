/** Which test files share a process, and which have one of their own. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProjectInlineConfiguration } from 'vitest/config';

/** Globs of test files. */
export interface TestFiles {
  include: readonly string[];
  exclude: readonly string[];
  /** Files that change what holds for a whole process, or measure it. */
  ownProcess: readonly string[];
}

// Where the command line keeps what was compiled: whatever a test starts finds it from the first
// file on, without loading what strips types.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache');

/** Two projects: files of which many share a process, and those with one of their own. */
export function processesOfTests({
  include,
  exclude,
  ownProcess,
}: TestFiles): TestProjectInlineConfiguration[] {
  const left = ['**/node_modules/**', '**/dist/**', ...exclude];
  return [
    {
      extends: true,
      test: {
        name: 'shared',
        isolate: false,
        include: [...include],
        exclude: [...left, ...ownProcess],
      },
    },
    {
      extends: true,
      test: { name: 'own', isolate: true, include: [...ownProcess], exclude: left },
    },
  ];
}
