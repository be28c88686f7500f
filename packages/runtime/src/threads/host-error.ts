/**
 * What the system or Node refuses a wafer, as coded errors: threads, processes, memory, files.
 *
 * The codes are Node's own; each kind has a next step of its own.
 */
import { WaferError } from '@wafer/core';

const FILES = 'close files, or raise the limit of open files (ulimit -n)';
const MEMORY = 'free memory, or take fewer contextTokens, kvTokens or tokensPerStep';
const FOLDER = 'set TMPDIR to a folder that this process may write to';
const PERMISSION =
  'start Node with what its permission model needs (--allow-worker, --allow-wasi; for chips that ' +
  'are processes, --allow-child-process and --allow-fs-write)';

const HINTS: Readonly<Record<string, string>> = {
  EMFILE: FILES,
  ENFILE: FILES,
  ERR_WORKER_INIT_FAILED: FILES,
  ERR_ACCESS_DENIED: PERMISSION,
  ENOMEM: MEMORY,
  EAGAIN: 'end other processes, or raise the limit of processes (ulimit -u)',
  ENOENT: FOLDER,
  EACCES: FOLDER,
  EPERM: FOLDER,
  EROFS: FOLDER,
  ENOSPC: FOLDER,
  ENOTDIR: FOLDER,
};

/** The HOST_REFUSED error for something that failed; a coded error stays as it is. */
export function hostRefusal(what: string, cause: unknown): WaferError {
  if (cause instanceof WaferError) return cause;
  const code = codeOf(cause) ?? '';
  const reason = Error.isError(cause) ? cause.message : String(cause);
  const hint = HINTS[code] ?? (isMemory(cause) ? MEMORY : 'change what the reason names');
  return new WaferError('HOST_REFUSED', { what, reason, hint }, { cause });
}

/** Whether something that failed is a refusal of the system, and no fault of ours. */
export function isHostRefusal(cause: unknown): boolean {
  return (codeOf(cause) ?? '') in HINTS;
}

function codeOf(cause: unknown): string | undefined {
  const code = Error.isError(cause) && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function isMemory(cause: unknown): boolean {
  return Error.isError(cause) && /memory/i.test(cause.message);
}
