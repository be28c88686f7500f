/**
 * The words of every command, for tests that hold all of them to something.
 */
import { Writable } from 'node:stream';
import { Command } from 'commander';
import { addCommands } from '../src/commands.ts';
import { Terminal } from '../src/terminal.ts';

export interface CommandPath {
  /** As `bench speed`. */
  path: string;
  /** Whether it does something by itself, and is not only a name before others. */
  isWhole: boolean;
}

/** All commands, in the order of the help. */
export async function commandPaths(): Promise<CommandPath[]> {
  const program = new Command('wafer');
  const nowhere = new Writable();
  await addCommands(program, [], new Terminal({ out: nowhere, errors: nowhere }));
  const below = (command: Command, path: readonly string[]): CommandPath[] =>
    command.commands.flatMap((each) => {
      const words = [...path, each.name()];
      const isWhole = each.commands.length === 0 || each.registeredArguments.length > 0;
      return [{ path: words.join(' '), isWhole }, ...below(each, words)];
    });
  return below(program, []);
}
