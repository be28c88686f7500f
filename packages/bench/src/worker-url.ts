/**
 * Where the entries of threads and processes lie: beside this file, as sources or built.
 */

/** The entry at a path without ending, from this folder on. */
export function workerUrl(path: string): URL {
  return new URL(`${path}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}
