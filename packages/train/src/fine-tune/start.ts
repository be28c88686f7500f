/**
 * Starts a fine-tuning process.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Starts it; what it says to people goes nowhere. */
export function startFineTune(): ChildProcess {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const program = fileURLToPath(new URL(`./process.${ending}`, import.meta.url));
  return fork(program, { execArgv: [], serialization: 'advanced', stdio: 'ignore' });
}
