/**
 * Commands on what a server stores: `wafer audit` reads and verifies its log, `wafer backup` and
 * `wafer restore` copy it, `wafer rekey` gives it another key.
 */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { Table } from '@wafer/bench/common';
import { formatCount, isObject, plural, WaferError } from '@wafer/core';
import { appendAudit, backupStore, findBreak, readAudit, restoreStore, Store } from '@wafer/server';
import { UsageError } from '../failures/failures.ts';
import { readCount } from '../flags/option-values.ts';
import { addStoreOptions, dataKeyAt, nowSeconds, openStore } from '../flags/store-flags.ts';
import type { StoreFlags } from '../flags/store-flags.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface AuditFlags extends StoreFlags {
  json?: true;
  from?: number;
}

const ENTRIES_MAX = 1000;

export function addAudit(program: Command, terminal: Terminal): void {
  const audit = program
    .command('audit')
    .summary('the log of what administrators did')
    .description("Reads and verifies the log in a server's store.");
  addStoreOptions(
    audit
      .command('verify')
      .summary('follow the chain of hashes')
      .description('Follows the chain of hashes; fails where it breaks.'),
  )
    .option('--json', 'print one JSON object')
    .action((flags: AuditFlags) => verify(flags, terminal));
  addStoreOptions(
    audit
      .command('show')
      .summary('print entries')
      .description(`Prints entries, ${ENTRIES_MAX} at most.`),
  )
    .option('--from <n>', 'number of the first', readCount, 1)
    .option('--json', 'print one JSON object')
    .action((flags: AuditFlags) => show(flags, terminal));
}

async function verify(flags: AuditFlags, terminal: Terminal): Promise<void> {
  using store = openStore(flags);
  const broken = findBreak(store.db);
  if (broken !== undefined) {
    throw new WaferError('AUDIT_BROKEN', { path: store.db.path, number: broken });
  }
  const last = lastOf(store);
  const [count, hash] = [last?.number ?? 0, last?.hash ?? null];
  if (flags.json) return terminal.writeJson({ count, hash });
  const end = hash === null ? '' : `, the last of hash ${hash}`;
  const entries = count === 1 ? '1 entry' : `${formatCount(count)} entries`;
  await terminal.writeLines([`${entries}, the chain is whole${end}`]);
}

function lastOf(store: Store): { number: number; hash: string } | undefined {
  const row = store.db.get('SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1');
  return row as { number: number; hash: string } | undefined;
}

async function show(flags: AuditFlags, terminal: Terminal): Promise<void> {
  using store = openStore(flags);
  const entries = readAudit(store.db, flags.from ?? 1, ENTRIES_MAX);
  if (flags.json) return terminal.writeJson({ entries });
  const rows = entries.map(({ number, at, what }) => {
    const { action, by, ...rest } = factsOf(what);
    const facts = Object.entries(rest).map(([name, value]) => `${name} ${textOf(value)}`);
    const time = new Date(at * 1000).toISOString().replace('.000', '');
    return [String(number), time, textOf(action), textOf(by), facts.join(', ')];
  });
  const titles = ['time', 'action', 'by', 'of'].map((title) => ({ title }));
  await terminal.writeLines([new Table([{ title: 'number', align: 'right' }, ...titles], rows)]);
}

/** The fields of an entry; one that somebody broke is its own text. */
function factsOf(what: string): Record<string, unknown> {
  try {
    const facts: unknown = JSON.parse(what);
    if (isObject(facts)) return facts;
  } catch {
    // As below.
  }
  return { action: what };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

export function addBackup(program: Command, terminal: Terminal): void {
  addStoreOptions(
    program
      .command('backup')
      .summary('copy what a server stores')
      .description("Writes a whole copy of a server's store to a file, while the server runs."),
  )
    .argument('<file>', 'what to write')
    .option('--force', 'replace the file if it is there')
    .action(async (file: string, flags: StoreFlags & { force?: true }) => {
      backupStore(flags.data, file, flags.force === true);
      await terminal.writeLines([`wrote ${file}`]);
    });
}

export function addRestore(program: Command, terminal: Terminal): void {
  program
    .command('restore')
    .summary('put a copy of a store back')
    .description('Puts a file that wafer backup wrote into a folder, where no server runs.')
    .argument('<file>', 'what wafer backup wrote')
    .requiredOption('--data <folder>', 'folder of the store')
    .option('--force', 'replace the store if one is there')
    .action(async (file: string, flags: { data: string; force?: true }) => {
      if (!existsSync(file)) throw new UsageError(`no file ${file}; give one of wafer backup`);
      restoreStore(file, flags.data, flags.force === true);
      await terminal.writeLines([`restored ${flags.data}`]);
    });
}

interface RekeyFlags extends StoreFlags {
  newKeyFile?: string;
  plain?: true;
}

export function addRekey(program: Command, terminal: Terminal): void {
  addStoreOptions(
    program
      .command('rekey')
      .summary('encrypt a store with another key')
      .description('Encrypts all of a store with another key, where no server runs.'),
  )
    .option('--new-key-file <file>', 'the key from now on: 32 bytes, or 64 hex digits')
    .option('--plain', 'encrypt nothing from now on')
    .action((flags: RekeyFlags) => rekey(flags, terminal));
}

async function rekey(flags: RekeyFlags, terminal: Terminal): Promise<void> {
  const isPlain = flags.plain === true;
  if (isPlain === (flags.newKeyFile !== undefined)) {
    throw new UsageError('give --new-key-file, or --plain');
  }
  openStore(flags)[Symbol.dispose](); // there, and of this key
  const dataKey = dataKeyAt(flags.dataKeyFile, '--data-key-file');
  using store = new Store({ folder: flags.data, dataKey });
  appendAudit(store.db, nowSeconds(), { action: 'store.rekey', by: 'operator', isPlain });
  const count = store.rekey(dataKeyAt(flags.newKeyFile, '--new-key-file'));
  const rows = plural(count, 'row');
  await terminal.writeLines([
    isPlain ? `opened ${rows}; nothing is encrypted now` : `sealed ${rows} anew`,
  ]);
}
