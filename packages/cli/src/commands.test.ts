import { readdirSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { DEAR, ELSEWHERE, LINES, WIDTHS } from '../../../test/e2e/cli-lines.ts';
import { runLine } from '../scripts/run-line.ts';
import { addCommands, commandNames } from './commands.ts';
import { Terminal } from './terminal/terminal.ts';

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

const SCHEMAS = new URL('../../../docs/schemas', import.meta.url);
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

test('the help lists all by their names, under headings', async () => {
  const { stdout } = await runLine(['--help']);
  const listed = stdout.slice(stdout.indexOf('Text:'), stdout.indexOf('Examples:'));
  const names = [...listed.matchAll(/^  ([a-z]+)(?:, show)?  +\S/gm)].map(([, name]) => name);
  expect(names).toEqual([...commandNames(), 'help']);
  expect(listed.match(/^\S.*:$/gm)).toHaveLength(7);
  expect(listed).not.toContain('Commands:');
});

interface CommandPath {
  /** As `bench speed`. */
  path: string;
  /** Whether it does something by itself, and is not only a name before others. */
  isWhole: boolean;
}

/** All commands, in the order of the help. */
async function commandPaths(): Promise<CommandPath[]> {
  const program = new Command('wafer');
  await addCommands(program, [], terminal);
  const below = (command: Command, path: readonly string[]): CommandPath[] =>
    command.commands.flatMap((each) => {
      const words = [...path, each.name()];
      const isWhole = each.commands.length === 0 || each.registeredArguments.length > 0;
      return [{ path: words.join(' '), isWhole }, ...below(each, words)];
    });
  return below(program, []);
}

test('every command has a line that is held to widths, or a reason for none', async () => {
  const whole = (await commandPaths()).filter(({ isWhole }) => isWhole);
  const held = [...Object.keys(LINES), ...DEAR.map(([name]) => name), ...Object.keys(ELSEWHERE)];
  expect(whole.map(({ path }) => path).toSorted()).toEqual([...new Set(held)].toSorted());
  const lines = Object.entries(LINES).flatMap(([name, own]) => own.map((line) => [name, line]));
  for (const [name, line] of [...lines, ...DEAR]) expect(`${line} `).toMatch(`${name} `);
});

test.each(WIDTHS)(
  'help and errors of every command fit %i columns, defaults as typed',
  async (width) => {
    for (const { path } of await commandPaths()) {
      const words = path.split(' ');
      const help = await runLine([...words, '--help'], width);
      expect(help.code, path).toBe(0);
      expect(help.stdout, path).not.toMatch(/default:\s+["[{]|choices:/);
      expect(help.stdout, path).not.toMatch(/\\$/m);
      const slip = await runLine([...words, '--no-such-option-of-any-command'], width);
      expect(slip.code, path).toBe(2);
      const lines = stripVTControlCharacters(`${help.stdout}\n${slip.stderr}`).split('\n');
      expect(lines.filter((line) => line.length > width)).toEqual([]);
    }
  },
);
