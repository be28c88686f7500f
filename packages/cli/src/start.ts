/**
 * Starts the command line in this process.
 *
 * Node keeps what it compiles in a cache (in the system's temporary folder), so that all but the
 * first start take half the time; hence the imports that wait for it. Threads learn of the cache
 * from the environment.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callerFolder } from './caller-folder.ts';
import type * as Program from './program.ts';

/** The first exit code of signals. */
const INTERRUPTED = 130;

let isStarted = false;
// It stays, for a listener that comes before the last one goes is never without the signal.
process.on('SIGINT', () => {
  if (isStarted) return;
  process.stderr.write('wafer: interrupted\n');
  process.exit(130);
});
const directory = compileCache();
if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] = directory;
const folder = callerFolder(process.env, currentFolder());
if (folder !== undefined) process.chdir(folder);

/** Where the process stands: nowhere, if the folder was removed; then it ends. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    process.stderr.write('wafer: the folder that you stand in was removed; go to another one\n');
    process.exit(1);
  }
}

/**
 * Folder of what Node compiled; undefined where there is none. Left alone, it would make the
 * temporary folder, should it not be there, and try for ever below /proc.
 */
function compileCache(): string | undefined {
  if (process.env['NODE_COMPILE_CACHE'] !== undefined) return enableCompileCache().directory;
  const folder = join(tmpdir(), 'node-compile-cache');
  try {
    mkdirSync(folder);
  } catch {
    if (!existsSync(folder)) return undefined;
  }
  return enableCompileCache(folder).directory;
}

const { cliEntry } = await import('./cli-entry.ts');
const { href } = cliEntry('./program', process.env);
const { runProgram } = (await import(href)) as typeof Program;
process.exitCode = await runProgram(process.argv.slice(2), () => {
  isStarted = true;
});
// A signal may leave threads that were just starting; they end here.
if (Number(process.exitCode) >= INTERRUPTED) process.exit();
