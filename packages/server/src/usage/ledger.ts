/**
 * What was used and what it cost, by minute, organization, project, key, model and kind.
 *
 * Rows are gathered in memory and written once a second, before anybody reads and at the end, so
 * that no request waits for a disk; a process that is killed loses the last second of its counts.
 * Texts are nowhere in it.
 */
import type { Database, Row } from '../store/database.ts';

/** Who used what. */
export interface UsageKey {
  /** Seconds since 1970, whole minutes. */
  minute: number;
  organization: string;
  project: string;
  /** Empty where no key was needed. */
  key: string;
  model: string;
  kind: 'completions' | 'embeddings' | 'fine_tuning';
  isBatch: boolean;
}

export interface UsageCounts {
  requests: number;
  /** Cached ones included. */
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  /** Billionths of a dollar. */
  costNanos: number;
}

export type UsageRow = UsageKey & UsageCounts;

const FLUSH_MS = 1000;
const KEYS = 'minute, organization, project, key, model, kind, is_batch';
const COUNTS = ['requests', 'input_tokens', 'cached_tokens', 'output_tokens', 'cost_nanos'];

export class UsageLedger implements Disposable {
  readonly #db: Database;
  readonly #waiting = new Map<string, UsageRow>();
  readonly #timer: NodeJS.Timeout;

  constructor(db: Database) {
    this.#db = db;
    this.#timer = setInterval(() => this.#tryFlush(), FLUSH_MS);
    this.#timer.unref();
  }

  add(row: UsageRow): void {
    const { minute, organization, project, key, model, kind, isBatch } = row;
    const name = JSON.stringify([minute, organization, project, key, model, kind, isBatch]);
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) {
      this.#waiting.set(name, { ...row });
      return;
    }
    waiting.requests += row.requests;
    waiting.inputTokens += row.inputTokens;
    waiting.cachedTokens += row.cachedTokens;
    waiting.outputTokens += row.outputTokens;
    waiting.costNanos += row.costNanos;
  }

  /** Writes what is gathered. Throws: as SQLite does; what is gathered then stays. */
  flush(): void {
    if (this.#waiting.size === 0) return;
    const sets = COUNTS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ');
    const sql = `INSERT INTO usage (${KEYS}, ${COUNTS.join(', ')})
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET ${sets}`;
    this.#db.transaction(() => {
      for (const row of this.#waiting.values()) {
        const { minute, organization, project, key, model, kind, isBatch } = row;
        this.#db.run(
          sql,
          ...[minute, organization, project, key, model, kind, isBatch ? 1 : 0],
          ...[row.requests, row.inputTokens, row.cachedTokens, row.outputTokens, row.costNanos],
        );
      }
    });
    this.#waiting.clear();
  }

  /** What cannot be written now, as on a full disk, is kept for the next time. */
  #tryFlush(): void {
    try {
      this.flush();
    } catch {
      // gathered rows stay
    }
  }

  /** Rows from a time on and before another, in order. Units: seconds since 1970. */
  read(from: number, to: number): UsageRow[] {
    this.flush();
    return readUsage(this.#db, from, to);
  }

  /** What a key, a project or an organization used since a minute. */
  usedSince(kind: 'key' | 'project' | 'organization', id: string, from: number): UsageCounts {
    this.flush();
    // The column is one of three words of ours.
    const sums = COUNTS.map((name) => `COALESCE(SUM(${name}), 0) AS ${name}`).join(', ');
    const sql = `SELECT ${sums} FROM usage WHERE minute >= ? AND ${kind} = ?`;
    return countsOf(this.#db.get(sql, from, id)!);
  }

  /** Deletes what a time has passed over. */
  purge(before: number): void {
    this.#db.run('DELETE FROM usage WHERE minute < ?', before);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#tryFlush();
  }
}

/** As `UsageLedger.read`, of a store that another process may write. */
export function readUsage(db: Database, from: number, to: number): UsageRow[] {
  const sql = `SELECT ${KEYS}, ${COUNTS.join(', ')} FROM usage
    WHERE minute >= ? AND minute < ? ORDER BY ${KEYS}`;
  return db.all(sql, from, to).map((row) => ({
    minute: Number(row['minute']),
    organization: String(row['organization']),
    project: String(row['project']),
    key: String(row['key']),
    model: String(row['model']),
    kind: row['kind'] as UsageRow['kind'],
    isBatch: row['is_batch'] === 1,
    ...countsOf(row),
  }));
}

function countsOf(row: Row): UsageCounts {
  return {
    requests: Number(row['requests']),
    inputTokens: Number(row['input_tokens']),
    cachedTokens: Number(row['cached_tokens']),
    outputTokens: Number(row['output_tokens']),
    costNanos: Number(row['cost_nanos']),
  };
}
