/**
 * How threads and processes of a wafer are started, whoever starts them.
 *
 * A thread can have few of the flags of a process: those of V8, of the process as a whole, of a
 * program on the command line or of a test runner are refused by Node, or mean something else
 * there. So the flags that may go along are listed, and whatever a newer Node knows stays behind.
 */
import type { ResourceLimits } from 'node:worker_threads';

/** Threads make little garbage: a small young generation keeps 4 MB a thread from being touched. */
export const RESOURCE_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 2 };

/** Rounds of looking for work before sleeping, about 20 µs. */
export const SPIN_COUNT = 1000;

/** Flags with a value: what is loaded first, how names are resolved, which warnings are silent. */
const VALUED: ReadonlySet<string> = new Set([
  '--import',
  '--require',
  '-r',
  '--loader',
  '--experimental-loader',
  '--conditions',
  '-C',
  '--disable-warning',
  '--allow-fs-read',
  '--allow-fs-write',
]);

/** Flags without one. Without its permissions, a thread of a restricted process had them all. */
const PLAIN: ReadonlySet<string> = new Set([
  '--permission',
  '--allow-addons',
  '--allow-child-process',
  '--allow-ffi',
  '--allow-inspector',
  '--allow-net',
  '--allow-wasi',
  '--allow-worker',
  '--enable-source-maps',
  '--no-deprecation',
  '--no-experimental-ffi',
  '--no-warnings',
  '--preserve-symlinks',
  '--trace-deprecation',
  '--trace-uncaught',
  '--trace-warnings',
]);

/** Flags of this process that its threads can have, and the processes of its chips. */
export function workerExecArgv(given: readonly string[] = process.execArgv): string[] {
  const flags: string[] = [];
  for (let i = 0; i < given.length; i++) {
    const flag = given[i]!;
    const [name = ''] = flag.split('=', 1);
    if (PLAIN.has(flag)) flags.push(flag);
    else if (!VALUED.has(name)) continue;
    else if (flag !== name) flags.push(flag);
    else if (i + 1 < given.length) flags.push(flag, given[++i]!);
  }
  return flags;
}
