/**
 * What the command starts from: of a clone the bundle of a source, made when a source has changed.
 *
 * Reading seven hundred sources costs a start half of its time. WAFER_DEBUG=1 stays with them, so
 * that its stacks name them.
 */
import { programEntry } from '@wafer/runtime/programs';

/** URL of a module of this package or of its bundle. `path`: from this file, without extension. */
export function cliEntry(
  path: './program' | './aside/worker',
  environment: Readonly<Record<string, string | undefined>>,
): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const source = new URL(`${path}.${ending}`, import.meta.url);
  return environment['WAFER_DEBUG'] === '1' ? source : programEntry(source);
}
