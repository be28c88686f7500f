/**
 * Makes the cells of `logit-hashes.json` that are not there yet; those that are stay as they are.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { hashCells, hashOf } from './logit-hashes.ts';

const path = new URL('logit-hashes.json', import.meta.url);
const known = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
const table: Record<string, string> = {};
for (const cell of hashCells()) table[cell.name] = known[cell.name] ?? (await hashOf(cell));
const dropped = Object.keys(known).filter((name) => table[name] === undefined);
if (dropped.length > 0) {
  const [first] = dropped;
  throw new Error(`${dropped.length} known cells would go, as ${first}: append rows, insert none`);
}
writeFileSync(path, `${JSON.stringify(table, undefined, 2)}\n`);
process.stdout.write(`${Object.keys(table).length} hashes\n`);
