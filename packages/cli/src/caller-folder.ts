/**
 * Where the user stands. `npm run wafer` runs in the root of the clone, wherever in it it was
 * typed, and leaves the folder of the shell in INIT_CWD; relative paths are meant from there.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Scripts of the clone that are this command. */
const SCRIPTS: readonly (string | undefined)[] = ['wafer', 'bench'];

/** The folder to change to; undefined where a shell started the command, from where it is. */
export function callerFolder(
  environment: Readonly<Record<string, string | undefined>>,
  current: string,
): string | undefined {
  const caller = environment['INIT_CWD'];
  const manifest = environment['npm_package_json'];
  const isOurs =
    SCRIPTS.includes(environment['npm_lifecycle_event']) &&
    environment['npm_package_name'] === 'wafer' &&
    manifest !== undefined &&
    dirname(manifest) === current;
  if (!isOurs || caller === undefined || caller === current) return undefined;
  return statSync(caller, { throwIfNoEntry: false })?.isDirectory() === true ? caller : undefined;
}
