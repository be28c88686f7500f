/**
 * Where a worker thread or a chip's process starts: in a bundle, whoever started this program.
 *
 *     packed package     dist/worker-entry.js   dist/bundle/tile/worker.mjs, made before packing
 *     repository         src/worker-entry.ts    repository-bundle.ts
 *     bundled by others  anywhere               wafer-threads/ beside it, or the installed package
 *
 * A bundler of a program that uses the package cannot know of these files: it sees no path to them.
 * docs/bundlers.md says what to do.
 */
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { WaferError } from '@wafer/core';
import { repositoryBundle } from './repository-bundle.ts';

/** Entries, relative to this file, without extension. */
export type WorkerEntry =
  | './tile/worker'
  | './engine/worker'
  | './chat/worker'
  | './chat/encode-worker'
  | './chat/grammar-worker'
  | './chip/process'
  | './chip/relay/worker';

/** What threads and their starter have in common; in the manifest of every bundle. */
export const THREADS_VERSION = '0.1.0';

/** The folder of a bundle that this file itself is a part of. */
const BUNDLE = /^.*\/(bundle(-[\w-]+)?|wafer-threads)\//;

/** What the bundle of threads is called beside a program that was bundled. */
const COPIED = 'wafer-threads';

/** A bundler that makes CommonJS leaves nothing of it. */
const here: string | undefined = import.meta.url;

/** URL that a worker of this process is started from. Throws: HOST_REFUSED. */
export function workerEntry(entry: WorkerEntry): URL {
  // Only what was bundled ends so; an install may lie in a folder of any name.
  const own = here?.endsWith('.mjs') === true ? BUNDLE.exec(here)?.[0] : undefined;
  if (own !== undefined && existsSync(new URL(`${entry}.mjs`, own))) {
    return new URL(`${entry}.mjs`, own);
  }
  if (here?.endsWith('.ts') === true && existsSync(new URL(here))) {
    const bundle = repositoryBundle();
    return bundle ? new URL(`${entry}.mjs`, bundle) : new URL(`${entry}.ts`, here);
  }
  return packedEntry(entry);
}

function packedEntry(entry: WorkerEntry): URL {
  for (const folder of threadFolders()) {
    const found = new URL(`${entry}.mjs`, folder);
    if (!existsSync(found)) continue;
    checkVersion(folder);
    return found;
  }
  const built = here === undefined ? undefined : new URL(`${entry}.js`, here);
  if (built !== undefined && existsSync(built)) return built;
  throw refusal('it lies beside no bundle of @wafer/runtime');
}

/** Where bundles of threads may lie, nearest first. */
function* threadFolders(): Generator<URL, void, undefined> {
  const [, started] = process.argv;
  const places = [here, ...(started === undefined ? [] : [pathToFileURL(started).href])];
  const bases = places.filter((place) => place?.startsWith('file:') === true) as string[];
  if (here?.endsWith('/worker-entry.js') === true) yield new URL('./bundle/', here);
  for (const base of bases) yield new URL(`./${COPIED}/`, base);
  for (const base of bases) {
    const found = tryResolve('@wafer/runtime/threads/tile/worker.mjs', base);
    if (found !== undefined) yield new URL('../', pathToFileURL(found));
  }
}

function tryResolve(file: string, base: string): string | undefined {
  try {
    // Imported, it would be followed by bundlers.
    return process.getBuiltinModule('node:module').createRequire(base).resolve(file);
  } catch {
    return undefined;
  }
}

/** Threads of another release would not understand this one. Throws: HOST_REFUSED. */
function checkVersion(folder: URL): void {
  const { version } = JSON.parse(readFileSync(new URL('version.json', folder), 'utf8')) as {
    version: unknown;
  };
  if (version === THREADS_VERSION) return;
  throw refusal(`it is of release ${THREADS_VERSION}, its threads of ${String(version)}`);
}

function refusal(reason: string): WaferError {
  const what = 'start threads from a bundled program';
  const copy = `copy node_modules/@wafer/runtime/dist/bundle beside it as ${COPIED}`;
  const hint = `leave @wafer/runtime out of the bundle, or ${copy} (docs/bundlers.md)`;
  return new WaferError('HOST_REFUSED', { what, reason, hint });
}
