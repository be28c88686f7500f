/**
 * `wafer keys create|list|rotate|revoke`: API keys in a server's store, which may be running: what
 * is done here holds from the next request on.
 */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { Table } from '@wafer/bench/common';
import { LIMIT_NAMES, ROLES, SCOPES, StoredKeys } from '@wafer/server';
import type { KeyRecord, Limits, NewKey, KeyScope } from '@wafer/server';
import { UsageError } from '../failures/failures.ts';
import { readCount } from '../flags/option-values.ts';
import { addStoreOptions, nowSeconds, openStore } from '../flags/store-flags.ts';
import type { StoreFlags } from '../flags/store-flags.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface KeyFlags extends StoreFlags {
  json?: true;
}

interface CreateFlags extends KeyFlags {
  tenant: string;
  name?: string;
  role: NewKey['role'];
  scope?: KeyScope[];
  limit?: Limits;
  days?: number;
}

/** Who the log of audits says did it. */
const OPERATOR = 'operator';
const DAY_SECONDS = 24 * 3600;

const EXAMPLES = `
Examples:
  wafer keys create --data state --tenant acme --name laptop --days 90
  wafer keys create --data state --tenant ops --role admin
  wafer keys list --data state
  wafer keys rotate key_0123456789abcdef01234567 --data state
  wafer keys revoke key_0123456789abcdef01234567 --data state

A key is printed once, and kept as a digest. The first key closes the door: from then on nobody is
let in without one.`;

export function addKeys(program: Command, terminal: Terminal): void {
  const keys = program
    .command('keys')
    .summary('API keys of a server')
    .description("Makes, lists, rotates and revokes the API keys in a server's store.")
    .addHelpText('after', EXAMPLES);
  addStoreOptions(
    keys
      .command('create')
      .summary('make a key, shown once')
      .description('Makes a key, and prints it this once.'),
  )
    .requiredOption('--tenant <name>', 'whose it is', readTenant)
    .option('--name <text>', 'what it is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('user'))
    .addOption(
      new Option('--scope <scope...>', 'what it is bound to (default: all)').choices(SCOPES),
    )
    .option('--limit <name=n>', 'as requests_per_minute=60; more than one may be given', readLimit)
    .option('--days <n>', 'when it ends (default: never)', readCount)
    .option('--json', 'print one JSON object')
    .action((flags: CreateFlags) => create(flags, terminal));
  addStoreOptions(
    keys
      .command('list')
      .summary('keys, without their secrets')
      .description('Lists keys, without their secrets.'),
  )
    .option('--json', 'print one JSON object')
    .action((flags: KeyFlags) => list(flags, terminal));
  addStoreOptions(
    keys
      .command('rotate')
      .summary('a successor for a key')
      .description('Makes a successor; the key works a day longer.'),
  )
    .argument('<id>', 'as wafer keys list has it')
    .option('--json', 'print one JSON object')
    .action((id: string, flags: KeyFlags) => rotate(id, flags, terminal));
  addStoreOptions(
    keys.command('revoke').summary('end a key at once').description('Ends a key at once.'),
  )
    .argument('<id>', 'as wafer keys list has it')
    .action((id: string, flags: KeyFlags) => revoke(id, flags, terminal));
}

async function create(flags: CreateFlags, terminal: Terminal): Promise<void> {
  using store = openStore(flags, { isNew: true });
  const { tenant, name = '', role, scope: scopes, limit: limits, days } = flags;
  const expires_at = days === undefined ? null : nowSeconds() + days * DAY_SECONDS;
  const made = new StoredKeys(store, nowSeconds).create(
    { tenant, name, role, ...(scopes && { scopes }), ...(limits && { limits }), expires_at },
    OPERATOR,
  );
  await tell(made, flags, terminal);
}

async function list(flags: KeyFlags, terminal: Terminal): Promise<void> {
  using store = openStore(flags);
  const keys = new StoredKeys(store, nowSeconds).list();
  if (flags.json) return terminal.writeJson({ keys });
  if (keys.length === 0) return terminal.say('wafer: no keys; wafer keys create makes one');
  const columns = ['id', 'tenant', 'role', 'name', 'ends', 'made'].map((title) => ({ title }));
  const rows = keys.map((key) => [
    ...[key.id, key.tenant, key.role, key.name, dayOf(key.expires_at), dayOf(key.created_at)],
  ]);
  await terminal.writeLines([new Table(columns, rows)]);
}

async function rotate(id: string, flags: KeyFlags, terminal: Terminal): Promise<void> {
  using store = openStore(flags);
  const made = new StoredKeys(store, nowSeconds).rotate(id, OPERATOR);
  if (made === undefined) throw unknownKey(id);
  await tell(made, flags, terminal);
}

async function revoke(id: string, flags: KeyFlags, terminal: Terminal): Promise<void> {
  using store = openStore(flags);
  if (!new StoredKeys(store, nowSeconds).revoke(id, OPERATOR)) throw unknownKey(id);
  await terminal.writeLines([`revoked ${id}`]);
}

/** The secret goes to standard output, alone, so that a script can take it. */
async function tell(
  made: KeyRecord & { key: string },
  flags: KeyFlags,
  terminal: Terminal,
): Promise<void> {
  if (flags.json) return terminal.writeJson(made);
  terminal.say(`wafer: ${made.id} of ${made.tenant}; keep the key, it is not shown again`);
  await terminal.write(`${made.key}\n`);
}

function unknownKey(id: string): UsageError {
  return new UsageError(`no key has the id ${id}; wafer keys list tells them`);
}

/** The day of a time in seconds, in UTC. */
function dayOf(seconds: number | null): string {
  return seconds === null ? 'never' : new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** Limits so far, and one more. */
function readLimit(text: string, before: Limits | undefined): Limits {
  const [, word, count] = /^(\w+)=([1-9]\d{0,14})$/.exec(text) ?? [];
  const name = LIMIT_NAMES.find((one) => one === word);
  if (name !== undefined) return { ...before, [name]: Number(count) };
  throw new InvalidArgumentError(`Expected NAME=COUNT, NAME one of ${LIMIT_NAMES.join(', ')}.`);
}

function readTenant(text: string): string {
  if (/^[A-Za-z0-9_.-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected at most 64 letters, digits, dots, _ and -.');
}
