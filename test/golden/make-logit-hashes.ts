/**
 * Makes the cells of `logit-hashes.json` that are not there yet; those that are stay as they are.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { hashCells, hashOf } from './logit-hashes.ts';

const path = new URL('logit-hashes.json', import.meta.url);
const known = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
const table: Record<string, string> = {};
for (const cell of hashCells()) table[cell.name] = known[cell.name] ?? (await hashOf(cell));
writeFileSync(path, `${JSON.stringify(table, undefined, 2)}\n`);
process.stdout.write(`${Object.keys(table).length} hashes\n`);
