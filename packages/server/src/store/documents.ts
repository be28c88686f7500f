/**
 * JSON documents of tenants, by kind and id. Every question names the tenant, so that none can be
 * answered with another's.
 */
import type { Database, Row } from './database.ts';
import type { Sealer } from './sealer.ts';

/** Whose a document is, and which. */
export interface DocumentKey {
  tenant: string;
  kind: string;
  id: string;
}

/** A page of a list. */
export interface Page<Body> {
  items: Body[];
  hasMore: boolean;
}

export interface ListOptions<Body> {
  /** The id that the page begins behind; a missing one gives an empty page. */
  after?: string | undefined;
  limit: number;
  order: 'asc' | 'desc';
  filter?: ((body: Body) => boolean) | undefined;
}

/** Rows that a filtered list looks at in one go. */
const SCAN_ROWS = 200;

export class Documents {
  readonly #db: Database;
  readonly #sealer: Sealer;

  constructor(db: Database, sealer: Sealer) {
    this.#db = db;
    this.#sealer = sealer;
  }

  /** Writes a document, new or in place of the one of that key. */
  put(key: DocumentKey, body: unknown, expiresAt?: number): void {
    const sealed = this.#sealer.seal(Buffer.from(JSON.stringify(body)), nameOf(key));
    this.#db.run(
      `INSERT INTO documents (tenant, kind, id, expires_at, body) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (tenant, kind, id) DO UPDATE
       SET body = excluded.body, expires_at = excluded.expires_at`,
      ...[key.tenant, key.kind, key.id, expiresAt ?? null],
      sealed,
    );
  }

  get<Body>(key: DocumentKey): Body | undefined {
    const row = this.#db.get(
      'SELECT body FROM documents WHERE tenant = ? AND kind = ? AND id = ?',
      ...[key.tenant, key.kind, key.id],
    );
    return row && this.#open<Body>(key, row);
  }

  /** Replaces a document by what `change` makes of it; undefined if there is none. */
  update<Body>(key: DocumentKey, change: (body: Body) => Body): Body | undefined {
    return this.#db.transaction(() => {
      const body = this.get<Body>(key);
      if (body === undefined) return undefined;
      const changed = change(body);
      const sealed = this.#sealer.seal(Buffer.from(JSON.stringify(changed)), nameOf(key));
      this.#db.run(
        'UPDATE documents SET body = ? WHERE tenant = ? AND kind = ? AND id = ?',
        ...[sealed, key.tenant, key.kind, key.id],
      );
      return changed;
    });
  }

  /** Whether there was one. */
  delete({ tenant, kind, id }: DocumentKey): boolean {
    const sql = 'DELETE FROM documents WHERE tenant = ? AND kind = ? AND id = ?';
    return this.#db.run(sql, tenant, kind, id) > 0;
  }

  /** A tenant's documents of a kind, in order of arrival or against it. */
  list<Body>(of: { tenant: string; kind: string }, options: ListOptions<Body>): Page<Body> {
    const { after, limit, order, filter } = options;
    let from = order === 'asc' ? 0 : Number.MAX_SAFE_INTEGER;
    if (after !== undefined) {
      const sql = 'SELECT position FROM documents WHERE tenant = ? AND kind = ? AND id = ?';
      const row = this.#db.get(sql, of.tenant, of.kind, after);
      if (row === undefined) return { items: [], hasMore: false };
      from = Number(row['position']);
    }
    const [compare, direction] = order === 'asc' ? ['>', 'ASC'] : ['<', 'DESC'];
    const sql = `SELECT position, id, body FROM documents WHERE tenant = ? AND kind = ?
      AND position ${compare} ? ORDER BY position ${direction} LIMIT ?`;
    const items: Body[] = [];
    for (;;) {
      const rows = this.#db.all(sql, of.tenant, of.kind, from, SCAN_ROWS);
      for (const row of rows) {
        const body = this.#open<Body>({ ...of, id: String(row['id']) }, row);
        if (filter !== undefined && !filter(body)) continue;
        if (items.length === limit) return { items, hasMore: true };
        items.push(body);
      }
      if (rows.length < SCAN_ROWS) return { items, hasMore: false };
      from = Number(rows.at(-1)!['position']);
    }
  }

  /** Documents of a kind of all tenants, for work that goes on after a start. */
  all<Body>(kind: string): { tenant: string; body: Body }[] {
    const sql = 'SELECT tenant, id, body FROM documents WHERE kind = ? ORDER BY position';
    return this.#db.all(sql, kind).map((row) => {
      const tenant = String(row['tenant']);
      return { tenant, body: this.#open<Body>({ tenant, kind, id: String(row['id']) }, row) };
    });
  }

  /** Keys of documents whose time has come. */
  expired(nowSeconds: number): DocumentKey[] {
    const sql = 'SELECT tenant, kind, id FROM documents WHERE expires_at <= ?';
    return this.#db.all(sql, nowSeconds) as unknown as DocumentKey[];
  }

  #open<Body>(key: DocumentKey, row: Row): Body {
    const bytes = this.#sealer.open(row['body'] as Uint8Array, nameOf(key));
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Body;
  }
}

function nameOf({ tenant, kind, id }: DocumentKey): string {
  return JSON.stringify([kind, tenant, id]);
}
