/** What was thrown, in the few words that an error of our own can carry. */

/** One short line that tells why something failed. */
export function reasonOf(cause: unknown): string {
  const code = systemCode(cause);
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EMFILE' || code === 'ENFILE') return 'too many open files';
  const text = Error.isError(cause) ? cause.message : String(cause);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** Code of what a system call threw, as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  if (!Error.isError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
