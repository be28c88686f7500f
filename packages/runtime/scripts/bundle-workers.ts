/**
 * Bundles the programs of threads and chips: one file each, and a few that they share.
 *
 *     node scripts/bundle-workers.ts FOLDER             threads and chips
 *     node scripts/bundle-workers.ts FOLDER PROGRAM     FOLDER/program.mjs, from a source file
 *
 * Prints the source files that went in, as JSON. Files of a program know themselves as sources, and
 * start threads as sources do.
 *
 * A thread that starts from a bundle reads a few files instead of two hundred and strips no types.
 * Each entry is bundled by itself, so that no thread reads what only another needs; modules apart
 * from programs do nothing when they are imported, so what nobody calls is left out.
 * Run before packing, and by `worker-entry.ts` in the repository when sources have changed.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import type { Plugin } from 'rolldown';
import manifest from '../package.json' with { type: 'json' };

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
const ENTRIES = [
  'tile/worker',
  'engine/worker',
  'chat/worker',
  'chat/encode-worker',
  'chat/grammar-worker',
  'chip/process',
  'chip/relay/worker',
];

/** The last is native, and never there. */
const EXTERNAL = [/^node:/, 'msgpackr-extract'];

const OWN_URLS: Plugin = {
  name: 'urls of sources',
  transform: (code, path) =>
    code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
};

/** A program leaves what others wrote where it lies: some of it finds files beside itself. */
const OTHERS_APART: Plugin = {
  name: 'packages of others',
  async resolveId(name, importer) {
    if (importer === undefined || /^(\.|\/|node:|@wafer\/)/.test(name)) return null;
    const found = await this.resolve(name, importer, { skipSelf: true });
    if (found === null || found.external !== false) return found;
    return { id: pathToFileURL(found.id).href, external: true };
  },
};

/** Whether importing a module may do something: it is a program, or not ours. */
const hasEffects = (path: string): boolean =>
  /\/((?:\w+-)?worker|process)\.ts$|\/node_modules\//.test(path);

const [folder, program] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: bundle-workers.ts FOLDER [PROGRAM]');
const inputs =
  program === undefined
    ? ENTRIES.map((entry) => ({ [entry]: `${SOURCES}${entry}.ts` }))
    : [{ program }];
const files = new Set<string>();
for (const input of inputs) {
  const bundle = await rolldown({
    input,
    plugins: program === undefined ? [] : [OWN_URLS, OTHERS_APART],
    treeshake: program === undefined ? { moduleSideEffects: hasEffects } : true,
    platform: 'node',
    external: EXTERNAL,
    logLevel: 'silent',
  });
  const { output } = await bundle.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].mjs',
    // Chunks of one entry never take the place of another's.
    chunkFileNames: `shared/${Object.keys(input)[0]!.replaceAll('/', '-')}-[name].mjs`,
  });
  await bundle.close();
  for (const chunk of output) {
    if (chunk.type === 'chunk') for (const file of chunk.moduleIds) files.add(file);
  }
}
// Whoever starts threads from here compares it with its own.
writeFileSync(join(folder, 'version.json'), JSON.stringify({ version: manifest.version }));
process.stdout.write(JSON.stringify([...files].filter((file) => file.endsWith('.ts'))));
