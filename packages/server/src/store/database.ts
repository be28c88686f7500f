/**
 * One SQLite file: opened, brought to the newest tables, written in transactions.
 *
 * Write-ahead log, synced at each commit: what was committed survives a process that is killed and
 * a machine that stops. Deleted contents are overwritten. A lock beside the file keeps a second
 * server out; the system drops it with the process.
 *
 * Source: sqlite.org, "Write-Ahead Logging", "PRAGMA secure_delete".
 */
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { WaferError } from '@wafer/core';
import { MIGRATIONS } from './migrations.ts';

/** A row as SQLite gives it. */
export type Row = Record<string, unknown>;

const MEMORY = ':memory:';
const BUSY_MS = 5000;
/** SQLite's code of a full disk. */
const SQLITE_FULL = 13;

export class Database implements Disposable {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #lock: DatabaseSync | undefined;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  /**
   * Opens a file, or memory without one. Throws: STORE_INVALID, STORE_IN_USE.
   */
  constructor(path: string = MEMORY, { isExclusive = true }: { isExclusive?: boolean } = {}) {
    this.path = path;
    this.#lock = path === MEMORY || !isExclusive ? undefined : lockFile(path);
    try {
      this.#db = new DatabaseSync(path, { timeout: BUSY_MS });
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      this.#db.exec('PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY');
      this.#migrate();
    } catch (cause) {
      this.#lock?.close();
      throw cause instanceof WaferError ? cause : invalid(path, (cause as Error).message, cause);
    }
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  /** Does all of it or nothing; a transaction within one is part of it. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#db.exec('BEGIN IMMEDIATE');
    this.#depth++;
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth--;
    }
  }

  /**
   * Writes a whole copy to a new file while others read and write.
   * Throws: OUTPUT_FAILED where the disk is full, STORE_INVALID.
   */
  copyTo(path: string): void {
    try {
      this.#db.prepare('VACUUM INTO ?').run(path);
    } catch (cause) {
      const { message, errcode } = cause as Error & { errcode?: number };
      if (errcode !== SQLITE_FULL) throw invalid(path, message, cause);
      this.checkWhole(); // a damaged store asks for room without end
      throw new WaferError('OUTPUT_FAILED', { path, reason: 'no space is left' }, { cause });
    }
  }

  /** Reads all of the file. Throws: STORE_INVALID if a part of it is damaged. */
  checkWhole(): void {
    const found = this.all('PRAGMA integrity_check').map((row) => String(row['integrity_check']));
    if (found.length !== 1 || found[0] !== 'ok') throw invalid(this.path, found[0] ?? 'no answer');
  }

  /** Brings what the log holds into the file, and empties the log. */
  settle(): void {
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** Keeps every server out of a file until disposed. Throws: STORE_IN_USE. */
  static lock(path: string): Disposable {
    const lock = lockFile(path);
    return { [Symbol.dispose]: () => lock.close() };
  }

  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close();
    if (this.#lock?.isOpen === true) this.#lock.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #migrate(): void {
    const version = Number((this.get('PRAGMA user_version') ?? {})['user_version']);
    if (version > MIGRATIONS.length) {
      const reason = `it is of version ${version}, this Wafer knows ${MIGRATIONS.length}`;
      throw invalid(this.path, reason);
    }
    for (let step = version; step < MIGRATIONS.length; step++) {
      this.transaction(() => {
        this.#db.exec(MIGRATIONS[step]!);
        this.#db.exec(`PRAGMA user_version = ${step + 1}`);
      });
    }
  }
}

/** Holds an empty database beside the file in a transaction that no other process can begin. */
function lockFile(path: string): DatabaseSync {
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    throw new WaferError('STORE_IN_USE', { path }, { cause });
  }
}

function invalid(path: string, reason: string, cause?: unknown): WaferError {
  return new WaferError('STORE_INVALID', { path, reason }, { cause });
}
