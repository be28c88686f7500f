/**
 * Where a worker thread starts: JavaScript, whether the caller runs built files or sources.
 *
 * Node strips types in every thread anew, which costs each worker 10 MB and 20 ms. In the
 * repository, where the entry is TypeScript, its imports are therefore stripped once, into a mirror
 * in each package's `node_modules`, where its dependencies are found, and threads start from there:
 *
 *   packages/core/src/ops/exp.ts → packages/core/node_modules/.cache/wafer/src/ops/exp.mjs
 *
 * A mirrored file is made anew when its source is newer. Beside the entry's copy lies a bundle of
 * all it imports (`worker-bundle.ts`), which is what threads start from: `tile/worker.bundle.mjs`.
 * Where an entry cannot be bundled, threads start from the mirror; where that cannot be written,
 * from the sources as they are.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { threadId } from 'node:worker_threads';
import { linkBundle } from './worker-bundle.ts';

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
  if (import.meta.url.endsWith('.mjs')) return bundledOr(`${entry}.mjs`);
  if (!import.meta.url.endsWith('.ts')) return new URL(`${entry}.js`, import.meta.url);
  const source = new URL(`${entry}.ts`, import.meta.url);
  const path = fileURLToPath(source);
  try {
    return pathToFileURL(bundleOf(path) ?? new Mirror().add(path));
  } catch {
    return source;
  }
}

/** The bundle beside a copy, if there is one. */
function bundledOr(copy: string): URL {
  const bundle = new URL(copy.replace(/mjs$/, 'bundle.mjs'), import.meta.url);
  return existsSync(bundle) ? bundle : new URL(copy, import.meta.url);
}

// ---- bundles

/**
 * URL that a program of the workspace is started from as a process of its own: a bundle, without
 * what stripping types takes (45 MB), if it is TypeScript and can be bundled; else itself.
 */
export function programEntry(program: URL): URL {
  if (!program.href.endsWith('.ts') || !import.meta.url.endsWith('.ts')) return program;
  const path = bundleOf(fileURLToPath(program), { isProgram: true });
  return path === undefined ? program : pathToFileURL(path);
}

/**
 * Path of an entry's bundle, made anew after a change; undefined if it cannot be made. A program's
 * files know themselves as sources, and start threads as sources do.
 */
function bundleOf(source: string, { isProgram = false } = {}): string | undefined {
  const path = targetOf(source).replace(/mjs$/, 'bundle.mjs');
  if (isFresh(path)) return path;
  try {
    const { code, sources } = linkBundle(source, {
      resolve: (specifier, from) =>
        /^(?:\.|@wafer\/)/.test(specifier) ? resolveImport(specifier, from) : undefined,
      strip: stripQuietly,
      external: (specifier, from) => pathToFileURL(externalOf(specifier, from)).href,
      urlOf: (file) => pathToFileURL(isProgram ? file : targetOf(file)).href,
    });
    // What made it may change, too.
    const makers = ['./worker-entry.ts', './worker-bundle.ts'].map((maker) =>
      fileURLToPath(new URL(maker, import.meta.url)),
    );
    const head: BundleHead = { path, sources: [...sources, ...makers] };
    writeWhole(path, `// ${JSON.stringify(head)}\n${code}`);
    return path;
  } catch {
    return undefined;
  }
}

/** First line of a bundle. A folder that was copied has the bundle of another place. */
interface BundleHead {
  path: string;
  sources: string[];
}

function isFresh(path: string): boolean {
  try {
    const { mtimeMs } = statSync(path);
    const text = readFileSync(path, 'utf8');
    const head = JSON.parse(text.slice(3, text.indexOf('\n'))) as BundleHead;
    return head.path === path && head.sources.every((file) => statSync(file).mtimeMs < mtimeMs);
  } catch {
    return false;
  }
}

/** A file of the package's mirror that hands on an npm package, which only the package finds. */
function externalOf(specifier: string, from: string): string {
  const name = specifier.replaceAll(/[^\w.-]/g, '-');
  const folder = targetOf(from).split(COPIES)[0] ?? '';
  const path = join(folder, 'node_modules', '.cache', 'wafer', 'npm', `${name}.mjs`);
  if (!existsSync(path)) writeWhole(path, `export * from '${specifier}';\n`);
  return path;
}

// ---- copies

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
  if (specifier.startsWith('@wafer/')) return createRequire(source).resolve(specifier);
  return join(dirname(source), specifier);
}

/** The stripped text of a source, from its copy where that is new enough. */
function stripOnce(source: string, target: string, link: (text: string) => string): string {
  const copyMs = statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (copyMs > statSync(source).mtimeMs) return readFileSync(target, 'utf8');
  const code = link(stripQuietly(readFileSync(source, 'utf8')));
  writeWhole(target, code);
  return code;
}

/** Writes a file. Other processes may do the same: it appears whole or not at all. */
function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}-${threadId}`;
  writeFileSync(partial, text);
  renameSync(partial, path);
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
