/**
 * `pnpm size`: lines per package, so that growth is seen in the change that causes it.
 *
 * Counts every line of TypeScript; generated files are left out, assembly is AssemblyScript.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SKIPPED = new Set(['node_modules', 'dist', 'generated']);
const COLUMNS = ['source', 'tests', 'assembly'] as const;
type Column = (typeof COLUMNS)[number];

function listFiles(folder: string): string[] {
  return readdirSync(ROOT + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : listFiles(path);
    return entry.isFile() && /\.(ts|mjs)$/.test(entry.name) ? [path] : [];
  });
}

function columnOf(path: string): Column {
  if (path.includes('/assembly/')) return 'assembly';
  return path.endsWith('.test.ts') || path.startsWith('test/') ? 'tests' : 'source';
}

function countLines(folder: string): Record<Column, number> {
  const counts = { source: 0, tests: 0, assembly: 0 };
  for (const path of listFiles(folder)) {
    counts[columnOf(path)] += readFileSync(ROOT + path, 'utf8').split('\n').length - 1;
  }
  return counts;
}

const folders = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    name === 'packages' ? readdirSync(`${ROOT}packages`).map((child) => `packages/${child}`) : name,
  )
  .filter((name) => /^(?:packages\/|test$|scripts$|bench$|examples$)/.test(name));

const rows = folders.map((folder) => ({ folder, ...countLines(folder) }));
const total = rows.reduce(
  (sum, row) => ({
    folder: 'total',
    source: sum.source + row.source,
    tests: sum.tests + row.tests,
    assembly: sum.assembly + row.assembly,
  }),
  { folder: 'total', source: 0, tests: 0, assembly: 0 },
);

const width = Math.max(...folders.map(({ length }) => length));
process.stdout.write(
  `${'lines'.padEnd(width)}${COLUMNS.map((name) => name.padStart(10)).join('')}\n`,
);
for (const row of [...rows, total]) {
  const cells = COLUMNS.map((name) => String(row[name]).padStart(10)).join('');
  process.stdout.write(`${row.folder.padEnd(width)}${cells}\n`);
}
