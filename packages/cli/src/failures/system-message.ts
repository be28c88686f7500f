/**
 * What a person is told of a failure of the surroundings: what was refused, where, what to look at.
 */
import { reasonOf } from '@wafer/core';
import { isOutputError, isPathError } from './system-error.ts';

/** What was refused, and what to look at. */
export function systemMessage(error: unknown): string {
  if (isPathError(error)) {
    const { path } = error as { path?: unknown };
    return `cannot use ${String(path)}: ${reasonOf(error)}; check the path`;
  }
  const message = Error.isError(error) ? error.message : String(error);
  const hint = isOutputError(error) ? 'check space and permissions' : 'check the system';
  return `the system refuses: ${message}; ${hint}`;
}
