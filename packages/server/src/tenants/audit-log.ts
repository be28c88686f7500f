/**
 * What administrators did, in a chain: each entry's hash covers the one before, so that a change,
 * a gap or another order is found. Cutting off the end is found by whoever kept a later hash.
 *
 *     hash[n] = SHA-256(hash[n − 1] | n | time | what)
 */
import { createHash } from 'node:crypto';
import type { Database } from '../store/database.ts';

export interface AuditEntry {
  number: number;
  at: number;
  /** Who did what to whom, as JSON; no secrets and no texts. */
  what: string;
  hash: string;
}

const START = '0'.repeat(64);

/** Appends an entry. */
export function appendAudit(db: Database, at: number, what: object): AuditEntry {
  return db.transaction(() => {
    const last = db.get('SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1');
    const number = Number(last?.['number'] ?? 0) + 1;
    const text = JSON.stringify(what);
    const entry = { number, at, what: text };
    const hash = hashOf(String(last?.['hash'] ?? START), entry);
    const sql = 'INSERT INTO audit (number, at, what, hash) VALUES (?, ?, ?, ?)';
    db.run(sql, number, at, text, hash);
    return { ...entry, hash };
  });
}

/** Entries from a number on. */
export function readAudit(db: Database, from: number, limit: number): AuditEntry[] {
  const sql = 'SELECT number, at, what, hash FROM audit WHERE number >= ? ORDER BY number LIMIT ?';
  return db.all(sql, from, limit) as unknown as AuditEntry[];
}

const PAGE = 1000;

/** The number of the first entry that does not fit the chain; undefined if all do. */
export function findBreak(db: Database): number | undefined {
  let before = START;
  for (let from = 1; ; from += PAGE) {
    const entries = readAudit(db, from, PAGE);
    for (const [i, entry] of entries.entries()) {
      const number = from + i;
      if (entry.number !== number || entry.hash !== hashOf(before, entry)) return number;
      before = entry.hash;
    }
    if (entries.length < PAGE) return undefined;
  }
}

function hashOf(before: string, { number, at, what }: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(`${before}\n${number}\n${at}\n${what}`).digest('hex');
}
