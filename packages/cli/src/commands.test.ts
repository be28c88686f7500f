import { readdirSync } from 'node:fs';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addCommands, commandNames } from './commands.ts';
import { Terminal } from './terminal.ts';

const terminal = new Terminal({ out: process.stdout, errors: process.stderr });

async function namesFor(words: readonly string[]): Promise<string[]> {
  const program = new Command('wafer');
  await addCommands(program, words, terminal);
  return program.commands.map((command) => command.name());
}

test('a command is loaded alone, and the table has its name', async () => {
  for (const name of commandNames().filter((each) => each !== 'completion')) {
    expect(await namesFor([name, '--help'])).toEqual([name]);
  }
});

test.each([[[]], [['--help']], [['rnu']], [['show', 'x']], [['constructor']], [['completion']]])(
  'all commands are there for %j, in the order of the table',
  async (words) => {
    expect(await namesFor(words)).toEqual(commandNames());
  },
);

const SCHEMAS = new URL('../../../docs/schemas/', import.meta.url);
/** Printed by an option of `bench`. */
const MORE = ['bench-compare'];

test('every command with --json has a schema in docs/schemas, and none is idle', async () => {
  const program = new Command('wafer');
  await addCommands(program, [], terminal);
  const named = (command: Command, path: string[]): string[] => [
    ...(command.options.some(({ long }) => long === '--json') ? [path.join('-')] : []),
    ...command.commands.flatMap((each) => named(each, [...path, each.name()])),
  ];
  const files = readdirSync(SCHEMAS).map((file) => file.replace(/\.json$/, ''));
  const commands = [...named(program, []), ...MORE];
  expect(commands.toSorted()).toEqual(files.toSorted());
});
