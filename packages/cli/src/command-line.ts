/**
 * Reads the words of a command line, runs the command and says how it ended.
 *
 * An error is one line on standard error, `wafer: CODE: message`; WAFER_DEBUG=1 adds the stack.
 */
import { Command, CommanderError } from 'commander';
import { WaferError } from '@wafer/core';
import { addCommands } from './commands.ts';
import { EXIT_CODES, exitCodeOf } from './failures/exit-codes.ts';
import type { ExitCode } from './failures/exit-codes.ts';
import { Interrupted, OutputClosed, UsageError } from './failures/failures.ts';
import { flagMessage } from './flags/flag-names.ts';
import { describeValue, wrapHelp } from './texts/help-text.ts';
import { nearestOf } from './flags/nearest-word.ts';
import { packageVersion } from './package-version.ts';
import { installSignals } from './failures/signals.ts';
import { isSystemError } from './failures/system-error.ts';
import { systemMessage } from './failures/system-message.ts';
import { drawControls } from './terminal/terminal.ts';
import type { Terminal } from './terminal/terminal.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const EXAMPLES = `
Examples:
  wafer run "Once upon a time"           text of the small model that comes along
  wafer init ./tiny                      a small model with random weights
  wafer run ./tiny "Once upon a time"    text, streamed
  wafer pull HuggingFaceTB/SmolLM2-135M  a model from a hub, to run by its name
  wafer chat ./tiny                      talk with a model
  wafer serve ./tiny                     answer clients of OpenAI's interface
  wafer plan synthetic:15m --grid 2x2    which tile owns what
  wafer bench                            what a cut through the wafer costs

A model is a Hugging Face folder with safetensors, a .gguf file, the name of one that was pulled,
stories, which comes along, or synthetic:15m and its like.

Environment:
  WAFER_MODELS             folder of pulled models
  WAFER_SECRET             what chips on other hosts know
  WAFER_DEBUG=1            stacks of errors
  HF_TOKEN, HF_ENDPOINT    the hub
  HTTP_PROXY, HTTPS_PROXY  with ALL_PROXY and NO_PROXY: how to reach it
  XDG_CACHE_HOME           folder of models, without WAFER_MODELS
  XDG_STATE_HOME           folder of what was typed in chats
  NO_COLOR, FORCE_COLOR    styles never, and always

Exit codes:
  0 done, 1 failed, 2 usage, 3 model, 4 does not fit, 5 cannot write
  130 interrupted, 143 terminated`;

/** Of help that goes to no terminal. */
const HELP_COLUMNS = 80;
const HELP_COLUMNS_MAX = 10_000;

/**
 * Runs one command line, without the name of the program; the exit code. Never throws. A signal
 * that the command does not answer in time ends the process.
 */
export async function runCommandLine(
  given: readonly string[],
  terminal: Terminal,
  environment: Environment = {},
): Promise<ExitCode> {
  const help: string[] = [];
  const words = helpWords(given);
  using signals = installSignals((kind) => {
    sayInterrupted(terminal, kind);
    process.exit(EXIT_CODES[kind]);
  });
  const program = createProgram((text) => help.push(text), terminal);
  try {
    await addCommands(program, words, terminal);
    if (given[0] === 'help') refuseUnknownHelp(program, given.slice(1));
    await program.parseAsync(words, { from: 'user' });
    return EXIT_CODES.ok;
  } catch (error) {
    const flags = deepest(program, words).options.map(({ long }) => (long ?? '').slice(2));
    if (!(error instanceof CommanderError)) {
      return await reportError(signals.asked ?? error, { terminal, environment, flags });
    }
    return await reportUsage(error, { terminal, help, program, words });
  }
}

function createProgram(print: (text: string) => void, terminal: Terminal): Command {
  // On a terminal it is laid out when it is written, to the terminal's width.
  const width = (shown: number): number => (shown === Infinity ? HELP_COLUMNS : HELP_COLUMNS_MAX);
  return (
    new Command('wafer')
      .description('Runs language models on an emulated wafer-scale engine.')
      .version(packageVersion())
      // What follows a command's name is the command's: `bench` has commands of its own.
      .enablePositionalOptions()
      .exitOverride()
      .configureHelp({
        optionDescription: describeValue,
        argumentDescription: describeValue,
        // What a command takes is told by its own help.
        subcommandTerm: (command) => [command.name(), ...command.aliases()].join(', '),
      })
      .configureOutput({
        writeOut: print,
        writeErr: print,
        outputError: () => undefined,
        getOutHelpWidth: () => width(terminal.width),
        getErrHelpWidth: () => width(terminal.widthSaid),
      })
      .addHelpText('after', EXAMPLES)
  );
}

/** `help bench speed` asks for what `bench speed --help` does. */
function helpWords(words: readonly string[]): readonly string[] {
  const [first, second = '-', ...rest] = words;
  if (first !== 'help' || second.startsWith('-') || second === 'help') return words;
  return [second, ...rest.filter((word) => !word.startsWith('-')), '--help'];
}

/** Help on a command that is none would be that of all, without a word. Throws: UsageError. */
function refuseUnknownHelp(program: Command, words: readonly string[]): void {
  const names = words.filter((word) => !word.startsWith('-') && word !== 'help');
  let command = program;
  for (const [index, name] of names.entries()) {
    const known = command.commands.flatMap((each) => [each.name(), ...each.aliases()]);
    const next = command.commands.find((each) => [each.name(), ...each.aliases()].includes(name));
    if (next === undefined) {
      const nearest = nearestOf(known, name);
      const all = ['wafer', ...names.slice(0, index), '--help lists all'].join(' ');
      const meant = nearest === undefined ? all : `did you mean ${nearest}?`;
      throw new UsageError(`no command ${names.slice(0, index + 1).join(' ')}; ${meant}`);
    }
    command = next;
  }
}

/** Help and version are results; everything else that commander throws is a slip of the user. */
async function reportUsage(
  error: CommanderError,
  use: { terminal: Terminal; help: readonly string[]; program: Command; words: readonly string[] },
): Promise<ExitCode> {
  const { terminal, help, program, words } = use;
  if (error.exitCode === 0) {
    try {
      await terminal.write(wrapHelp(help.join(''), terminal.width));
      return EXIT_CODES.ok;
    } catch (failure) {
      return await reportError(failure, { terminal, environment: {}, flags: [] });
    }
  }
  if (help.length > 0) terminal.say(wrapHelp(help.join('').trimEnd(), terminal.widthSaid));
  else {
    const path = commandPath(program, words).map((command) => command.name());
    sayError(terminal, plainMessage(error.message));
    terminal.say(`See ${path.join(' ')} --help.`);
  }
  return EXIT_CODES.usage;
}

/** Commander's words for an argument are hard to read. */
function plainMessage(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(
      /^command-argument value '(.*)' is invalid for argument '(.*)'\./s,
      "$2 '$1' is invalid.",
    );
}

/** The commands that the words name, from `wafer` on. */
function commandPath(program: Command, words: readonly string[]): Command[] {
  const path = [program];
  for (const word of words) {
    const next = path.at(-1)!.commands.find((command) => command.name() === word);
    if (next === undefined) break;
    path.push(next);
  }
  return path;
}

function deepest(program: Command, words: readonly string[]): Command {
  return commandPath(program, words).at(-1)!;
}

async function reportError(
  error: unknown,
  use: { terminal: Terminal; environment: Environment; flags: readonly string[] },
): Promise<ExitCode> {
  const { terminal, environment, flags } = use;
  if (error instanceof Interrupted) sayInterrupted(terminal, error.kind);
  else if (!(error instanceof OutputClosed)) {
    const isKnown = error instanceof WaferError || error instanceof UsageError;
    const isBug = !isKnown && !isSystemError(error);
    const known = error instanceof WaferError ? flagMessage(error, flags) : undefined;
    const said = isKnown ? (known ?? error.message) : undefined;
    sayError(terminal, said ?? (isBug ? bugMessage(error) : systemMessage(error)));
    const meant = error instanceof WaferError ? await meantBy(error) : undefined;
    if (meant !== undefined) terminal.say(`(Did you mean ${drawControls(meant)}?)`);
    const stack = Error.isError(error) ? error.stack : undefined;
    if (environment['WAFER_DEBUG'] === '1' && stack !== undefined) terminal.say(stack);
    else if (isBug) terminal.say('WAFER_DEBUG=1 shows where it happened.');
  }
  return exitCodeOf(error);
}

/** Models are looked for where one was named wrongly alone: their modules take long to load. */
async function meantBy(error: WaferError): Promise<string | undefined> {
  const { meantName } = await import('./models/meant-name.ts');
  return meantName(error);
}

function bugMessage(error: unknown): string {
  const message = Error.isError(error) ? error.message : String(error);
  return `a bug, please report it: ${message}`;
}

function sayInterrupted(terminal: Terminal, kind: Interrupted['kind']): void {
  terminal.clearLine();
  sayError(terminal, kind);
}

function sayError(terminal: Terminal, message: string): void {
  // Names of files and words of a command line are others' text.
  terminal.say(`${terminal.styleSaid('failure', 'wafer:')} ${drawControls(message)}`);
}
