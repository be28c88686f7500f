/**
 * Bundles the programs of threads and chips: one file each, and a few that they share.
 *
 *     node scripts/bundle-workers.ts FOLDER       prints the source files that went in, as JSON
 *
 * A thread that starts from a bundle reads five files instead of two hundred and strips no types.
 * Run before packing, and by `worker-entry.ts` in the repository when sources have changed.
 */
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
const ENTRIES = [
  'tile/worker',
  'engine/worker',
  'chat/worker',
  'chip/process',
  'chip/relay/worker',
];

/** Found where the bundle lies, in this package's own dependencies; the last is never there. */
const EXTERNAL = [
  /^node:/,
  'piscina',
  '@huggingface/jinja',
  '@huggingface/tokenizers',
  'msgpackr-extract',
];

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: bundle-workers.ts FOLDER');
const bundle = await rolldown({
  input: Object.fromEntries(ENTRIES.map((entry) => [entry, `${SOURCES}${entry}.ts`])),
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
const files = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
process.stdout.write(JSON.stringify([...new Set(files)].filter((file) => file.endsWith('.ts'))));
