/**
 * Where a worker thread or a chip's process starts: in a bundle, whoever started this program.
 *
 *     packed package    dist/worker-entry.js   dist/bundle/tile/worker.mjs, made before packing
 *     repository        src/worker-entry.ts    node_modules/.cache/wafer/bundle-…/tile/worker.mjs
 *
 * Reading two hundred sources and stripping their types costs a thread 60 ms and 10 MB, a bundle
 * a quarter of it. In the repository it is made by a process of its own when a source is newer
 * than the last one. Where that cannot be, threads start from the files as they are.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';

/** Entries, relative to this file, without extension. */
export type WorkerEntry =
  | './tile/worker'
  | './engine/worker'
  | './chat/worker'
  | './chat/encode-worker'
  | './chat/grammar-worker'
  | './chip/process'
  | './chip/relay/worker';

/** The folder of a bundle that this file itself is a part of. */
const BUNDLE = /^.*\/bundle(-[\w-]+)?\//;

/** URL that a worker of this process is started from. */
export function workerEntry(entry: WorkerEntry): URL {
  const url = import.meta.url;
  // Only what was bundled ends so; an install may lie in a folder of any name.
  const own = url.endsWith('.mjs') ? BUNDLE.exec(url)?.[0] : undefined;
  if (own !== undefined) return new URL(`${entry}.mjs`, own);
  if (url.endsWith('.ts')) {
    const bundle = repositoryBundle();
    return bundle ? new URL(`${entry}.mjs`, bundle) : new URL(`${entry}.ts`, url);
  }
  const packed = new URL(`./bundle/${entry}.mjs`, url);
  return existsSync(packed) ? packed : new URL(`${entry}.js`, url);
}

/** What a bundle was made from: [path, time of change] of each source. */
interface Manifest {
  folder: string;
  sources: [string, number][];
}

/**
 * URL that a program of the workspace is started from as a process of its own: if it is TypeScript,
 * a bundle, so that what stripping types takes, some 45 MB, is not the program's.
 */
export function programEntry(program: URL): URL {
  if (!program.href.endsWith('.ts') || !import.meta.url.endsWith('.ts')) return program;
  const folder = repositoryBundle(fileURLToPath(program));
  return folder ? new URL('program.mjs', folder) : program;
}

const known = new Map<string | undefined, URL | undefined>();

/** Folder of the bundle of threads, or of a program, made if need be; undefined if it cannot be. */
function repositoryBundle(program?: string): URL | undefined {
  if (!known.has(program)) {
    known.set(program, findBundle(CACHE, nameOf(program)) ?? makeBundle(program));
  }
  return known.get(program);
}

const CACHE = new URL('../node_modules/.cache/wafer/', import.meta.url);
const BUNDLES_KEPT = 32;

/** The newest bundle is written down in `<name>.json`. */
function nameOf(program: string | undefined): string {
  return program === undefined ? 'threads' : program.replace(/\W+/g, '-');
}

function readManifest(path: URL): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

/** Folder of the newest bundle, if it is there and no source has changed. */
export function findBundle(cache: URL, name: string): URL | undefined {
  try {
    const manifest = readManifest(new URL(`${name}.json`, cache));
    if (manifest === undefined) return undefined;
    const { folder, sources } = manifest;
    const isFresh = sources.every(([path, changedMs]) => statSync(path).mtimeMs === changedMs);
    const bundle = new URL(`${folder}/`, cache);
    return isFresh && existsSync(bundle) ? bundle : undefined;
  } catch {
    return undefined;
  }
}

/** Removes old bundles; the last few, and those that a manifest names, stay. */
export function removeOldBundles(cache: URL): void {
  const names = readdirSync(cache);
  const manifests = names.filter((name) => name.endsWith('.json'));
  const named = new Set(manifests.map((name) => readManifest(new URL(name, cache))?.folder));
  const folders = names.filter((name) => /^bundle-[\w-]+$/.test(name));
  for (const old of folders.toSorted().slice(0, -BUNDLES_KEPT)) {
    if (!named.has(old)) rmSync(new URL(`${old}/`, cache), { recursive: true, force: true });
  }
}

/** Threads that run may load more of their bundle, so each has a folder, and the last few stay. */
function makeBundle(program: string | undefined): URL | undefined {
  const folder = `bundle-${Date.now().toString(36)}-${process.pid}-${threadId}`;
  const script = fileURLToPath(new URL('../scripts/bundle-workers.ts', import.meta.url));
  const target = new URL(`${folder}/`, CACHE);
  const words = [script, fileURLToPath(target), ...(program === undefined ? [] : [program])];
  try {
    const { status, stdout } = spawnSync(process.execPath, words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (status !== 0) return undefined;
    // What made it may change, too.
    const sources = [script, ...(JSON.parse(stdout) as string[])].map((path): [string, number] => [
      path,
      statSync(path).mtimeMs,
    ]);
    mkdirSync(CACHE, { recursive: true });
    // Other processes may do the same: a manifest appears whole or not at all.
    const partial = new URL(`${folder}.json`, CACHE);
    writeFileSync(partial, JSON.stringify({ folder, sources } satisfies Manifest));
    renameSync(partial, new URL(`${nameOf(program)}.json`, CACHE));
    removeOldBundles(CACHE);
    return target;
  } catch {
    return undefined;
  }
}
