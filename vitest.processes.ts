/** Which test files share a process, and which have one of their own. */
import type { TestProjectInlineConfiguration } from 'vitest/config';

/** Globs of test files. */
export interface TestFiles {
  include: readonly string[];
  exclude: readonly string[];
  /** Files that change what holds for a whole process, or measure it. */
  ownProcess: readonly string[];
}

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
