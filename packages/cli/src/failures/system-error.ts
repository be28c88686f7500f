/**
 * Failures of the surroundings: what the system refused, as a full disk or a folder that may not be
 * written. None of them is a bug. Loaded early: imports nothing.
 */
interface SystemError extends Error {
  code: string;
  syscall: string;
}

/** What a write or a new file may be refused with. */
const OUTPUT_CODES: readonly string[] = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG'];

/** Nothing is at a path that was given, or not what is wanted: a slip of who gave it. */
const PATH_CODES: readonly string[] = ['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'];

/** Whether the system refused a call, and not our code. */
export function isSystemError(error: unknown): error is SystemError {
  return (
    Error.isError(error) &&
    'code' in error &&
    'syscall' in error &&
    typeof error.syscall === 'string' &&
    /^E[A-Z\d]+$|^ERR_SYSTEM_ERROR$/.test(String(error.code))
  );
}

/** Whether it refused to write. */
export function isOutputError(error: unknown): boolean {
  return isSystemError(error) && OUTPUT_CODES.includes(error.code);
}

/** Whether a path that was given is at fault. */
export function isPathError(error: unknown): boolean {
  return isSystemError(error) && 'path' in error && PATH_CODES.includes(error.code);
}
