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
  | './chip/process'
  | './chip/relay/worker';

/** The folder of a bundle that this file itself is a part of. */
const BUNDLE = /^.*\/bundle(-[\w-]+)?\//;

/** URL that a worker of this process is started from. */
export function workerEntry(entry: WorkerEntry): URL {
  const { url } = import.meta;
  const own = BUNDLE.exec(url)?.[0];
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

let known: URL | undefined;

/** URL of the folder of the present sources' bundle, made if need be; undefined if it cannot be. */
function repositoryBundle(): URL | undefined {
  known ??= findBundle() ?? makeBundle();
  return known;
}

const CACHE = new URL('../node_modules/.cache/wafer/', import.meta.url);
const MANIFEST = new URL('bundle.json', CACHE);
const BUNDLES_KEPT = 16;

function findBundle(): URL | undefined {
  try {
    const { folder, sources } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as Manifest;
    const isFresh = sources.every(([path, changedMs]) => statSync(path).mtimeMs === changedMs);
    return isFresh ? new URL(`${folder}/`, CACHE) : undefined;
  } catch {
    return undefined;
  }
}

/** Threads that run may load more of their bundle, so each has a folder, and the last few stay. */
function makeBundle(): URL | undefined {
  const folder = `bundle-${Date.now().toString(36)}-${process.pid}-${threadId}`;
  const script = fileURLToPath(new URL('../scripts/bundle-workers.ts', import.meta.url));
  const target = new URL(`${folder}/`, CACHE);
  try {
    const { status, stdout } = spawnSync(process.execPath, [script, fileURLToPath(target)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (status !== 0) return undefined;
    const sources = (JSON.parse(stdout) as string[]).map((path): [string, number] => [
      path,
      statSync(path).mtimeMs,
    ]);
    mkdirSync(CACHE, { recursive: true });
    // Other processes may do the same: a manifest appears whole or not at all.
    const partial = new URL(`${folder}.json`, CACHE);
    writeFileSync(partial, JSON.stringify({ folder, sources } satisfies Manifest));
    renameSync(partial, MANIFEST);
    const folders = readdirSync(CACHE).filter((name) => /^bundle-\w+-/.test(name));
    for (const old of folders.toSorted().slice(0, -BUNDLES_KEPT)) {
      rmSync(new URL(`${old}/`, CACHE), { recursive: true, force: true });
    }
    return target;
  } catch {
    return undefined;
  }
}
