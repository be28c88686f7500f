/**
 * What a server keeps: one SQLite file, or memory that ends with the process.
 *
 *     Store ─ documents   JSON by tenant, kind, id
 *           ├ blobs       contents of files
 *           └ lines       the journal of batches
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { WaferError } from '@wafer/core';
import { makeFolder } from '@wafer/runtime/internal';
import { Blobs } from './blobs.ts';
import { Database } from './database.ts';
import { Documents } from './documents.ts';
import { BatchLines } from './batch-lines.ts';
import { rekeyDatabase } from './rekey.ts';
import { KEY_BYTES, keySealer, PLAIN_SEALER } from './sealer.ts';
import type { Sealer } from './sealer.ts';

export interface StoreOptions {
  /** Folder of the file; undefined: memory. */
  folder?: string | undefined;
  /** 32 bytes that contents are encrypted with. */
  dataKey?: Uint8Array | undefined;
  /** Whether to work beside a server that has the folder, as an operator's command does. */
  isShared?: boolean | undefined;
}

export const STORE_FILE = 'wafer.db';
/** For its owner alone. */
export const FOLDER_MODE = 0o700;
const SECRET = 'secret';
const SEAL_TEXT = Buffer.from('wafer store');

export class Store implements Disposable {
  readonly db: Database;
  readonly documents: Documents;
  readonly blobs: Blobs;
  readonly lines: BatchLines;
  /** Whether it outlives the process. */
  readonly isDurable: boolean;
  readonly isSealed: boolean;
  readonly #sealer: Sealer;

  /** Opens, or makes, a store. Throws: STORE_INVALID, STORE_IN_USE, STORE_KEY. */
  constructor({ folder, dataKey, isShared = false }: StoreOptions = {}) {
    const sealer = dataKey === undefined ? PLAIN_SEALER : keySealer(dataKey);
    if (folder !== undefined) makeFolder(folder, FOLDER_MODE);
    const path = folder === undefined ? undefined : join(folder, STORE_FILE);
    this.db = new Database(path, { isExclusive: !isShared });
    this.isDurable = folder !== undefined;
    this.isSealed = sealer.isSealing;
    this.#sealer = sealer;
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

  /** A secret of this store: made with it, the same after a start. */
  get secret(): Uint8Array {
    const row = this.db.get('SELECT value FROM facts WHERE name = ?', SECRET);
    if (row !== undefined) return this.#sealer.open(row['value'] as Uint8Array, SECRET);
    const secret = randomBytes(KEY_BYTES);
    const sealed = this.#sealer.seal(secret, SECRET);
    this.db.run('INSERT INTO facts (name, value) VALUES (?, ?)', SECRET, sealed);
    return secret;
  }

  /** Whether a fact was ever noted. */
  hasFact(name: string): boolean {
    return this.db.get('SELECT 1 FROM facts WHERE name = ?', name) !== undefined;
  }

  /** Notes a fact about the file, for good. */
  noteFact(name: string): void {
    const sql = 'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING';
    this.db.run(sql, name, new Uint8Array(0));
  }

  /** Deletes the oldest documents but that many. */
  trim(countMax: number): void {
    const sql = `DELETE FROM documents WHERE position <=
      (SELECT COALESCE(MAX(position), 0) FROM documents) - ?`;
    this.db.run(sql, countMax);
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

  /** Seals all anew with another key, or none; how many rows. Then this store is to be closed. */
  rekey(dataKey: Uint8Array | undefined): number {
    const sealer = dataKey === undefined ? PLAIN_SEALER : keySealer(dataKey);
    const count = rekeyDatabase(this.db, this.#sealer, sealer);
    this.db.settle();
    return count;
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
