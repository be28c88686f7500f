/**
 * Where the entries of threads and processes lie: beside this file, as sources, built, or, in a
 * process that was started from a copy without types, as such a copy.
 */
import { strippedEntry } from '@wafer/runtime';

const ENTRIES = ['./process/worker', './calibrate/worker', './micro/worker'] as const;

/** The entry at a path without ending, from this folder on. */
export function workerUrl(path: (typeof ENTRIES)[number]): URL {
  const { url } = import.meta;
  const ending = /\.\w+$/.exec(url)![0];
  return new URL(`${path}${ending}`, url);
}

/** The entry of a process, without types: it is as large as one of built files, no larger. */
export function processUrl(): URL {
  const entry = workerUrl('./process/worker');
  return entry.pathname.endsWith('.ts') ? strippedEntry(entry, ENTRIES.map(workerUrl)) : entry;
}
