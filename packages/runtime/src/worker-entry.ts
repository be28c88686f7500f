/**
 * Where a worker thread starts: JavaScript, whether the caller runs built files or sources.
 *
 * Node strips types in every thread anew, which costs each worker 10 MB and 20 ms. In the
 * repository, where the entry is TypeScript, its imports are therefore stripped once, into a mirror
 * in each package's `node_modules`, where its dependencies are found, and threads start from there:
 *
 *   packages/core/src/ops/exp.ts → packages/core/node_modules/.cache/wafer/src/ops/exp.mjs
 *
 * A mirrored file is made anew when its source is newer. Where the mirror cannot be written,
 * threads start from the sources as they are.
 */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { threadId } from 'node:worker_threads';

/** Entries, relative to this file, without extension. */
export type WorkerEntry =
  | './tile/worker'
  | './engine/worker'
  | './chat/worker'
  | './chip/process'
  | './chip/relay/worker';

/** URL that a worker of this process is started from. */
export function workerEntry(entry: WorkerEntry): URL {
  // In a mirror, whoever started this process has mirrored the entry too.
  if (import.meta.url.endsWith('.mjs')) return new URL(`${entry}.mjs`, import.meta.url);
  if (!import.meta.url.endsWith('.ts')) return new URL(`${entry}.js`, import.meta.url);
  const source = new URL(`${entry}.ts`, import.meta.url);
  try {
    return pathToFileURL(new Mirror().add(fileURLToPath(source)));
  } catch {
    return source;
  }
}

const IMPORT = /(\bfrom\s+|\bimport\s+|\bimport\()'((?:\.{1,2}\/|@wafer\/)[^']+)'/g;

/** The stripped copies of an entry and all it imports from the workspace. */
class Mirror {
  readonly #added = new Set<string>();

  /** Mirrors a source file and its imports; returns the copy's path. */
  add(source: string): string {
    const target = targetOf(source);
    if (this.#added.has(source)) return target;
    this.#added.add(source);
    const imports: string[] = [];
    const code = stripOnce(source, target, (text) =>
      text.replace(IMPORT, (_, keyword: string, specifier: string) => {
        const path = targetOf(resolveImport(specifier, source));
        const link = relative(dirname(target), path).split(sep).join('/');
        return `${keyword}'${link.startsWith('.') ? link : `./${link}`}'`;
      }),
    );
    for (const [, , specifier = ''] of code.matchAll(IMPORT)) imports.push(specifier);
    for (const specifier of imports) this.add(sourceOf(join(dirname(target), specifier)));
    return target;
  }
}

const SOURCES = `${sep}src${sep}`;
const COPIES = `${sep}${join('node_modules', '.cache', 'wafer', 'src')}${sep}`;

/** Where the copy of a source is. */
function targetOf(source: string): string {
  const at = source.lastIndexOf(SOURCES);
  return `${source.slice(0, at)}${COPIES}${source.slice(at + SOURCES.length)}`.replace(
    /\.ts$/,
    '.mjs',
  );
}

/** What a copy was made from. */
function sourceOf(target: string): string {
  return target.replace(COPIES, SOURCES).replace(/\.mjs$/, '.ts');
}

function resolveImport(specifier: string, source: string): string {
  if (specifier.startsWith('@wafer/')) return fileURLToPath(import.meta.resolve(specifier));
  return join(dirname(source), specifier);
}

/** The stripped text of a source, from its copy where that is new enough. */
function stripOnce(source: string, target: string, link: (text: string) => string): string {
  const copyMs = statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (copyMs > statSync(source).mtimeMs) return readFileSync(target, 'utf8');
  const code = link(stripQuietly(readFileSync(source, 'utf8')));
  mkdirSync(dirname(target), { recursive: true });
  // Other processes may do the same: a copy appears whole or not at all.
  const partial = `${target}.${process.pid}-${threadId}`;
  writeFileSync(partial, code);
  renameSync(partial, target);
  return code;
}

/** Strips types; Node's remark that the function is experimental is of no use to the caller. */
function stripQuietly(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}
