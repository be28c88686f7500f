/**
 * Failures of the surroundings: what the system refused, as a full disk or a folder that may not be
 * written. None of them is a bug; the message of the system says what and where.
 */
interface SystemError extends Error {
  code: string;
  syscall: string;
}

/** What a write or a new file may be refused with. */
const OUTPUT_CODES: readonly string[] = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG'];

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

/** What was refused, and what to look at. */
export function systemMessage(error: unknown): string {
  const message = Error.isError(error) ? error.message : String(error);
  const hint = isOutputError(error) ? 'check space and permissions' : 'check the system';
  return `the system refuses: ${message}; ${hint}`;
}
