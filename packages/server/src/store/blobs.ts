/**
 * Bytes that belong to a document: contents of files and of parts of uploads, in pieces of 1 MiB,
 * each sealed by itself.
 */
import type { Database } from './database.ts';
import type { Sealer } from './sealer.ts';

/** Whose bytes, and which. */
export interface BlobKey {
  tenant: string;
  owner: string;
}

const CHUNK_BYTES = 2 ** 20;

export class Blobs {
  readonly #db: Database;
  readonly #sealer: Sealer;

  constructor(db: Database, sealer: Sealer) {
    this.#db = db;
    this.#sealer = sealer;
  }

  /** Writes bytes behind those that are there. */
  append({ tenant, owner }: BlobKey, bytes: Uint8Array): void {
    this.#db.transaction(() => {
      const sql = 'SELECT COUNT(*) AS count FROM chunks WHERE tenant = ? AND owner = ?';
      let at = Number(this.#db.get(sql, tenant, owner)!['count']);
      for (let from = 0; from < bytes.length; from += CHUNK_BYTES, at++) {
        const chunk = bytes.subarray(from, from + CHUNK_BYTES);
        const sealed = this.#sealer.seal(chunk, nameOf(tenant, owner, at));
        const insert = 'INSERT INTO chunks (tenant, owner, at, bytes) VALUES (?, ?, ?, ?)';
        this.#db.run(insert, tenant, owner, at, sealed);
      }
    });
  }

  /** The pieces, in order; each is read when it is asked for. */
  *chunks({ tenant, owner }: BlobKey): Generator<Uint8Array, void, undefined> {
    const sql = 'SELECT bytes FROM chunks WHERE tenant = ? AND owner = ? AND at = ?';
    for (let at = 0; ; at++) {
      const row = this.#db.get(sql, tenant, owner, at);
      if (row === undefined) return;
      yield this.#sealer.open(row['bytes'] as Uint8Array, nameOf(tenant, owner, at));
    }
  }

  read(key: BlobKey): Buffer {
    return Buffer.concat([...this.chunks(key)]);
  }

  delete({ tenant, owner }: BlobKey): void {
    this.#db.run('DELETE FROM chunks WHERE tenant = ? AND owner = ?', tenant, owner);
  }
}

function nameOf(tenant: string, owner: string, at: number): string {
  return JSON.stringify(['chunk', tenant, owner, at]);
}
