/**
 * The tables of a store, as the steps that made them. A step that was released is never changed;
 * the file's `user_version` counts those that were taken.
 *
 *     documents   JSON by tenant, kind and id; `position` is the order of arrival
 *     chunks      bytes of a document, in pieces
 *     lines       what became of each line of a batch: the journal
 *     facts       about the file itself
 *     audit       what administrators did, in a chain of hashes
 *     usage       tokens and cost by minute, and by whom; no texts
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
   CREATE TABLE documents (
     position INTEGER PRIMARY KEY AUTOINCREMENT,
     tenant TEXT NOT NULL,
     kind TEXT NOT NULL,
     id TEXT NOT NULL,
     expires_at INTEGER,
     body BLOB NOT NULL,
     UNIQUE (tenant, kind, id)
   ) STRICT;
   CREATE INDEX documents_by_order ON documents (tenant, kind, position);
   CREATE INDEX documents_by_expiry ON documents (expires_at) WHERE expires_at IS NOT NULL;
   CREATE TABLE chunks (
     tenant TEXT NOT NULL,
     owner TEXT NOT NULL,
     at INTEGER NOT NULL,
     bytes BLOB NOT NULL,
     PRIMARY KEY (tenant, owner, at)
   ) STRICT;
   CREATE TABLE lines (
     tenant TEXT NOT NULL,
     batch TEXT NOT NULL,
     line INTEGER NOT NULL,
     is_error INTEGER NOT NULL,
     body BLOB NOT NULL,
     PRIMARY KEY (tenant, batch, line)
   ) STRICT;`,
  `CREATE TABLE audit (
     number INTEGER PRIMARY KEY,
     at INTEGER NOT NULL,
     what TEXT NOT NULL,
     hash TEXT NOT NULL
   ) STRICT;`,
  `CREATE TABLE usage (
     minute INTEGER NOT NULL,
     organization TEXT NOT NULL,
     project TEXT NOT NULL,
     key TEXT NOT NULL,
     model TEXT NOT NULL,
     kind TEXT NOT NULL,
     is_batch INTEGER NOT NULL,
     requests INTEGER NOT NULL,
     input_tokens INTEGER NOT NULL,
     cached_tokens INTEGER NOT NULL,
     output_tokens INTEGER NOT NULL,
     cost_nanos INTEGER NOT NULL,
     PRIMARY KEY (minute, organization, project, key, model, kind, is_batch)
   ) STRICT;`,
];
