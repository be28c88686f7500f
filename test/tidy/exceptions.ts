/**
 * Files that may break a rule, each with its reason. An entry that is not needed any more fails,
 * so the list only gets shorter.
 */
export interface Exception {
  rule: string;
  path: string;
  reason: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    rule: 'nothing below the command line prints or reads the environment',
    path: 'packages/runtime/src/chip/run-chip.ts',
    reason: 'a process of its own, which must exit with its parent, even in the middle of work',
  },
  {
    rule: 'nothing below the command line prints or reads the environment',
    path: 'packages/runtime/src/worker-entry.ts',
    reason:
      'a program bundled as CommonJS knows its own place by the path it was started with alone',
  },
  {
    rule: "no folder is made by Node's recursive way, which may never return",
    path: 'packages/runtime/src/repository-bundle.ts',
    reason: "loaded before all else, and the folder lies in the clone's own node_modules",
  },
];

/** Words of an outside interface, in its spelling. */
export const WIRE_WORDS = 'packages/server/src/http/wire-words.ts';

/** Files with a function of more than 70 lines. */
export const LONG_FUNCTIONS: readonly Omit<Exception, 'rule'>[] = [];
