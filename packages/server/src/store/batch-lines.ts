/**
 * The journal of batches: what became of each line, written once, when it is done.
 *
 * The line's number is part of the key, so that a line that is answered twice is stored once, and a
 * server that starts again knows what is left to do.
 */
import type { Database } from './database.ts';
import type { Sealer } from './sealer.ts';

export interface BatchKey {
  tenant: string;
  batch: string;
}

/** How many lines are done. */
export interface LineCounts {
  completed: number;
  failed: number;
}

export class BatchLines {
  readonly #db: Database;
  readonly #sealer: Sealer;

  constructor(db: Database, sealer: Sealer) {
    this.#db = db;
    this.#sealer = sealer;
  }

  /** Writes what became of a line, unless that was done before; whether it was new. */
  add(
    { tenant, batch }: BatchKey,
    { line, isError, body }: { line: number; isError: boolean; body: unknown },
  ): boolean {
    const name = nameOf(tenant, batch, line);
    const sealed = this.#sealer.seal(Buffer.from(JSON.stringify(body)), name);
    const sql = `INSERT INTO lines (tenant, batch, line, is_error, body) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING`;
    return this.#db.run(sql, tenant, batch, line, isError ? 1 : 0, sealed) > 0;
  }

  /** Numbers of the lines that are done. */
  done({ tenant, batch }: BatchKey): Set<number> {
    const sql = 'SELECT line FROM lines WHERE tenant = ? AND batch = ?';
    return new Set(this.#db.all(sql, tenant, batch).map((row) => Number(row['line'])));
  }

  counts({ tenant, batch }: BatchKey): LineCounts {
    const sql = `SELECT COUNT(*) AS total, COALESCE(SUM(is_error), 0) AS failed FROM lines
      WHERE tenant = ? AND batch = ?`;
    const row = this.#db.get(sql, tenant, batch)!;
    const failed = Number(row['failed']);
    return { completed: Number(row['total']) - failed, failed };
  }

  /** The good lines, or those with errors, in the order of the input. */
  *read(
    { tenant, batch }: BatchKey,
    { isError }: { isError: boolean },
  ): Generator<string, void, undefined> {
    const sql = `SELECT line, body FROM lines
      WHERE tenant = ? AND batch = ? AND is_error = ? AND line > ? ORDER BY line LIMIT 1`;
    for (let last = -1; ;) {
      const row = this.#db.get(sql, tenant, batch, isError ? 1 : 0, last);
      if (row === undefined) return;
      last = Number(row['line']);
      const name = nameOf(tenant, batch, last);
      yield Buffer.from(this.#sealer.open(row['body'] as Uint8Array, name)).toString('utf8');
    }
  }

  delete({ tenant, batch }: BatchKey): void {
    this.#db.run('DELETE FROM lines WHERE tenant = ? AND batch = ?', tenant, batch);
  }
}

function nameOf(tenant: string, batch: string, line: number): string {
  return JSON.stringify(['line', tenant, batch, line]);
}
