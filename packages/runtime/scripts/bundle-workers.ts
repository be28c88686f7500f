/**
 * Bundles the programs of threads and chips: one file each, and a few that they share.
 *
 *     node scripts/bundle-workers.ts FOLDER             threads and chips
 *     node scripts/bundle-workers.ts FOLDER PROGRAM     FOLDER/program.mjs, from a source file
 *
 * Prints the source files that went in, as JSON. Files of a program know themselves as sources, and
 * start threads as sources do.
 *
 * A thread that starts from a bundle reads five files instead of two hundred and strips no types.
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

const [folder, program] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: bundle-workers.ts FOLDER [PROGRAM]');
const threads = Object.fromEntries(ENTRIES.map((entry) => [entry, `${SOURCES}${entry}.ts`]));
const bundle = await rolldown({
  input: program === undefined ? threads : { program },
  plugins: program === undefined ? [] : [OWN_URLS],
  platform: 'node',
  external: EXTERNAL,
  logLevel: 'silent',
});
const { output } = await bundle.write({
  dir: folder,
  format: 'esm',
  entryFileNames: '[name].mjs',
  chunkFileNames: 'shared/[name].mjs',
});
await bundle.close();
// Whoever starts threads from here compares it with its own.
writeFileSync(join(folder, 'version.json'), JSON.stringify({ version: manifest.version }));
const files = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
process.stdout.write(JSON.stringify([...new Set(files)].filter((file) => file.endsWith('.ts'))));
