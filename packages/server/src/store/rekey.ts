/**
 * Another key for a store: each row is opened with the old one and sealed with the new one, all of
 * them in one transaction, so that a crash leaves the file wholly with the one or the other.
 */
import type { Database, Row } from './database.ts';
import type { Sealer } from './sealer.ts';

/** A table with sealed rows: its columns that make a row's name, and that which is sealed. */
interface SealedTable {
  table: string;
  keys: readonly string[];
  sealed: string;
  name: (row: Row) => string;
}

const named = (...parts: readonly unknown[]): string => JSON.stringify(parts);

/** The names are those that `Documents`, `Blobs`, `BatchLines` and `Store` seal rows with. */
const TABLES: readonly SealedTable[] = [
  {
    table: 'documents',
    keys: ['tenant', 'kind', 'id'],
    sealed: 'body',
    name: ({ tenant, kind, id }) => named(kind, tenant, id),
  },
  {
    table: 'chunks',
    keys: ['tenant', 'owner', 'at'],
    sealed: 'bytes',
    name: ({ tenant, owner, at }) => named('chunk', tenant, owner, at),
  },
  {
    table: 'lines',
    keys: ['tenant', 'batch', 'line'],
    sealed: 'body',
    name: ({ tenant, batch, line }) => named('line', tenant, batch, line),
  },
  { table: 'facts', keys: ['name'], sealed: 'value', name: ({ name }) => String(name) },
];

/** Seals all rows anew; how many. Facts without a value hold nothing. Throws: STORE_KEY. */
export function rekeyDatabase(db: Database, before: Sealer, after: Sealer): number {
  return db.transaction(() => {
    let count = 0;
    for (const { table, keys, sealed, name } of TABLES) {
      const rows = db.all(`SELECT rowid AS row, ${keys.join(', ')} FROM ${table}`);
      for (const row of rows) {
        const at = Number(row['row']);
        const { bytes } = db.get(`SELECT ${sealed} AS bytes FROM ${table} WHERE rowid = ?`, at)!;
        if ((bytes as Uint8Array).length === 0 && table === 'facts') continue;
        const plain = before.open(bytes as Uint8Array, name(row));
        const again = after.seal(plain, name(row));
        db.run(`UPDATE ${table} SET ${sealed} = ? WHERE rowid = ?`, again, at);
        count++;
      }
    }
    return count;
  });
}
