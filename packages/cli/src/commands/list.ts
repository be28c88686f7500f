/**
 * `wafer list` and `wafer rm NAME`: the models that were pulled.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Table } from '@wafer/bench/common';
import { formatBytes } from '@wafer/core';
import { folderOf, PULL_RECORD } from '@wafer/models';
import { UsageError } from '../failures/failures.ts';
import { hubNameOf, pulledModels } from '../models/named-model.ts';
import { askPerson } from '../models/pull-model.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface Pulled {
  name: string;
  path: string;
  bytes: number;
  /** Whether a pull was broken off before its end. */
  isComplete: boolean;
}

export function addList(program: Command, terminal: Terminal): void {
  program
    .command('list')
    .summary('models that were pulled')
    .description('Lists the models that were pulled, by the names that commands know them by.')
    .option('--json', 'print one JSON object')
    .action((flags: { json?: true }) => list(flags, terminal));
}

export function addRemove(program: Command, terminal: Terminal): void {
  program
    .command('rm')
    .summary('remove a model that was pulled')
    .description('Removes the files of a model that was pulled, after asking.')
    .argument('<name>', 'ORG/NAME, or ORG/NAME@REVISION')
    .option('--yes', 'without asking')
    .action((name: string, flags: { yes?: true }) => remove(name, flags, terminal));
}

async function list(flags: { json?: true }, terminal: Terminal): Promise<void> {
  const folder = pulledModels();
  const models = modelsBelow(folder);
  if (flags.json) return terminal.writeJson({ folder, models });
  if (models.length === 0) {
    terminal.say(`wafer: no model in ${folder}; wafer pull ORG/NAME fetches one`);
    return;
  }
  const rows = models.map(({ name, bytes, isComplete }) => [
    name,
    formatBytes(bytes),
    isComplete ? '' : 'not complete: pull it again',
  ]);
  const columns = [
    { title: 'model' },
    { title: 'size', align: 'right' as const },
    { title: 'note' },
  ];
  return terminal.writeLines([new Table(columns, rows)]);
}

async function remove(name: string, flags: { yes?: true }, terminal: Terminal): Promise<void> {
  const path = join(pulledModels(), folderOf(hubNameOf(name)));
  const found = existsSync(path) ? pulledAt(name, path) : undefined;
  if (found === undefined) throw new UsageError(`${name} was not pulled; wafer list names models`);
  if (flags.yes !== true && !(await askPerson(`remove ${name}, ${formatBytes(found.bytes)}?`))) {
    throw new UsageError(`${name} is still there; --yes removes it without asking`);
  }
  rmSync(path, { recursive: true });
  return terminal.writeLines([`removed ${name}, ${formatBytes(found.bytes)}`]);
}

function modelsBelow(folder: string): Pulled[] {
  return foldersIn(folder).flatMap((owner) =>
    foldersIn(join(folder, owner)).map((name) =>
      pulledAt(`${owner}/${name.replaceAll('--', '/')}`, join(folder, owner, name)),
    ),
  );
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function pulledAt(name: string, path: string): Pulled {
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
  const sizes = files.map((file) => statSync(join(path, file), { throwIfNoEntry: false }));
  const bytes = sizes.reduce((sum, stat) => sum + (stat?.isFile() === true ? stat.size : 0), 0);
  return { name, path, bytes, isComplete: existsSync(join(path, PULL_RECORD)) };
}
