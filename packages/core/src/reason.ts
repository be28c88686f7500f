/** What was thrown, in the few words that an error of our own can carry. */

/** What the system says by a code, in words. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'no space is left',
  EDQUOT: 'no space is left of the quota',
  EROFS: 'what is there can only be read',
  EEXIST: 'something is there already',
  ENOTEMPTY: 'the folder is not empty',
  ENAMETOOLONG: 'the name is too long',
  EADDRINUSE: 'another program has the port',
  EADDRNOTAVAIL: 'this machine has no such address',
};

/** One short line that tells why something failed. */
export function reasonOf(cause: unknown): string {
  const code = systemCode(cause);
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EMFILE' || code === 'ENFILE') return 'too many open files';
  const said = code === undefined ? undefined : REASONS[code];
  if (said !== undefined) return `${said} (${code})`;
  const text = Error.isError(cause) ? cause.message : String(cause);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** Code of what a system call threw, as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  if (!Error.isError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
