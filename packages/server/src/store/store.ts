/**
 * What a server keeps: one SQLite file, or memory that ends with the process.
 *
 *     Store ─ documents   JSON by tenant, kind, id
 *           ├ blobs       contents of files
 *           └ lines       the journal of batches
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { WaferError } from '@wafer/core';
import { Blobs } from './blobs.ts';
import { Database } from './database.ts';
import { Documents } from './documents.ts';
import { BatchLines } from './batch-lines.ts';
import { keySealer, PLAIN_SEALER } from './sealer.ts';
import type { Sealer } from './sealer.ts';

export interface StoreOptions {
  /** Folder of the file; undefined: memory. */
  folder?: string | undefined;
  /** 32 bytes that contents are encrypted with. */
  dataKey?: Uint8Array | undefined;
}

export const STORE_FILE = 'wafer.db';
const SEAL_TEXT = Buffer.from('wafer store');

export class Store implements Disposable {
  readonly db: Database;
  readonly documents: Documents;
  readonly blobs: Blobs;
  readonly lines: BatchLines;
  /** Whether it outlives the process. */
  readonly isDurable: boolean;
  readonly isSealed: boolean;

  /** Opens, or makes, a store. Throws: STORE_INVALID, STORE_IN_USE, STORE_KEY. */
  constructor({ folder, dataKey }: StoreOptions = {}) {
    const sealer = dataKey === undefined ? PLAIN_SEALER : keySealer(dataKey);
    if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.db = new Database(folder === undefined ? undefined : join(folder, STORE_FILE));
    this.isDurable = folder !== undefined;
    this.isSealed = sealer.isSealing;
    try {
      checkSeal(this.db, sealer);
    } catch (error) {
      this.db[Symbol.dispose]();
      throw error;
    }
    this.documents = new Documents(this.db, sealer);
    this.blobs = new Blobs(this.db, sealer);
    this.lines = new BatchLines(this.db, sealer);
  }

  transaction<T>(work: () => T): T {
    return this.db.transaction(work);
  }

  /** Deletes what has expired, contents of files with it; how many documents those were. */
  purge(nowSeconds: number): number {
    return this.transaction(() => {
      const keys = this.documents.expired(nowSeconds);
      for (const key of keys) {
        this.documents.delete(key);
        this.blobs.delete({ tenant: key.tenant, owner: key.id });
      }
      return keys.length;
    });
  }

  /** Deletes all that a tenant has here; how many documents those were. */
  erase(tenant: string): number {
    return this.transaction(() => {
      this.db.run('DELETE FROM chunks WHERE tenant = ?', tenant);
      this.db.run('DELETE FROM lines WHERE tenant = ?', tenant);
      return this.db.run('DELETE FROM documents WHERE tenant = ?', tenant);
    });
  }

  [Symbol.dispose](): void {
    this.db[Symbol.dispose]();
  }
}

/** A file stays with the key that it was made with, or with none. Throws: STORE_KEY. */
function checkSeal(db: Database, sealer: Sealer): void {
  const row = db.get('SELECT value FROM facts WHERE name = ?', 'seal');
  if (row === undefined) {
    const sealed = sealer.seal(SEAL_TEXT, 'seal');
    db.run('INSERT INTO facts (name, value) VALUES (?, ?)', 'seal', sealed);
    return;
  }
  const text = sealer.open(row['value'] as Uint8Array, 'seal');
  if (!SEAL_TEXT.equals(text)) throw new WaferError('STORE_KEY', { what: db.path });
}
