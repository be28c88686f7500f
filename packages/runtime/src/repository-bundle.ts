/**
 * Bundles of threads and programs in the repository, made when a source is newer than the last one.
 *
 * Reading two hundred sources and stripping their types costs a thread 60 ms and 10 MB, a bundle
 * a quarter of it. It is made by a process of its own, and lies in
 * `node_modules/.cache/wafer/bundle-…`. Packed packages bring theirs along.
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
  if (!program.href.endsWith('.ts') || !here.endsWith('.ts')) return program;
  const folder = repositoryBundle(fileURLToPath(program));
  return folder ? new URL('program.mjs', folder) : program;
}

const known = new Map<string | undefined, URL | undefined>();

/** Folder of the bundle of threads, or of a program, made if need be; undefined if it cannot be. */
export function repositoryBundle(program?: string): URL | undefined {
  if (!known.has(program)) {
    known.set(program, findBundle(cacheFolder(), nameOf(program)) ?? makeBundle(program));
  }
  return known.get(program);
}

const BUNDLES_KEPT = 32;

/** Both lie beside sources only. No `new URL(…, import.meta.url)`: bundlers would look for them. */
const here: string = import.meta.url;
const cacheFolder = (): URL => new URL('../node_modules/.cache/wafer/', here);
const scriptPath = (): string => fileURLToPath(new URL('../scripts/bundle-workers.ts', here));

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
  const script = scriptPath();
  const cache = cacheFolder();
  const target = new URL(`${folder}/`, cache);
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
    mkdirSync(cache, { recursive: true });
    // Other processes may do the same: a manifest appears whole or not at all.
    const partial = new URL(`${folder}.json`, cache);
    writeFileSync(partial, JSON.stringify({ folder, sources } satisfies Manifest));
    renameSync(partial, new URL(`${nameOf(program)}.json`, cache));
    removeOldBundles(cache);
    return target;
  } catch {
    return undefined;
  }
}
