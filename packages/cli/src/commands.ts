/**
 * The table of commands, in the order of the help. A command's modules are loaded when a command
 * line names it, or when the names of all are asked for: most of a start is the loading of modules.
 */
import type { Command } from 'commander';
import type { Terminal } from './terminal/terminal.ts';

type Add = (program: Command, terminal: Terminal) => void;

const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  run: async () => (await import('./commands/run.ts')).addRun,
  chat: async () => (await import('./commands/chat.ts')).addChat,
  logits: async () => (await import('./commands/logits.ts')).addLogits,
  tokenize: async () => (await import('./commands/tokenize.ts')).addTokenize,
  detokenize: async () => (await import('./commands/tokenize.ts')).addDetokenize,
  pull: async () => (await import('./commands/pull.ts')).addPull,
  list: async () => (await import('./commands/list.ts')).addList,
  rm: async () => (await import('./commands/list.ts')).addRemove,
  inspect: async () => (await import('./commands/inspect.ts')).addInspect,
  init: async () => (await import('./commands/init.ts')).addInit,
  export: async () => (await import('./commands/export.ts')).addExport,
  quantize: async () => (await import('./commands/quantize.ts')).addQuantize,
  plan: async () => (await import('./commands/plan.ts')).addPlan,
  bench: async () => (await import('./commands/bench.ts')).addBench,
  calibrate: async () => (await import('./commands/calibrate.ts')).addCalibrate,
  stress: async () => (await import('./commands/stress.ts')).addStress,
  chip: async () => (await import('./commands/chip.ts')).addChip,
  project: async () => (await import('./commands/project.ts')).addProject,
  validate: async () => (await import('./commands/validate.ts')).addValidate,
  train: async () => (await import('./commands/train.ts')).addTrain,
  tokenizer: async () => (await import('./commands/tokenizer.ts')).addTokenizer,
  eval: async () => (await import('./commands/eval.ts')).addEval,
  perplexity: async () => (await import('./commands/perplexity.ts')).addPerplexity,
  serve: async () => (await import('./commands/serve.ts')).addServe,
  keys: async () => (await import('./commands/keys.ts')).addKeys,
  audit: async () => (await import('./commands/store.ts')).addAudit,
  backup: async () => (await import('./commands/store.ts')).addBackup,
  restore: async () => (await import('./commands/store.ts')).addRestore,
  rekey: async () => (await import('./commands/store.ts')).addRekey,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  completion: async () => (await import('./commands/completion.ts')).addCompletion,
};

/** Headings of the help, by the first command below each. */
const HEADINGS: Readonly<Record<string, string>> = {
  run: 'Text:',
  pull: 'Models:',
  plan: 'Wafers:',
  project: 'Machines that are described:',
  train: 'Training, and how well a model foretells:',
  serve: 'A server:',
  doctor: 'This machine:',
};

/** Prints what all others offer. */
const NAMES_ALL = 'completion';

/** Adds the command that the first word names; all where it names none; none for the version. */
export async function addCommands(
  program: Command,
  words: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const [word = ''] = words;
  if (word === '--version' || word === '-V') return;
  const isOne = Object.hasOwn(COMMANDS, word) && word !== NAMES_ALL;
  const names = isOne ? [word] : commandNames();
  const adds = await Promise.all(names.map((name) => COMMANDS[name]!()));
  for (const [i, add] of adds.entries()) {
    const heading = HEADINGS[names[i]!];
    if (heading !== undefined) program.commandsGroup(heading);
    add(program, terminal);
  }
  // Below the last heading.
  program.helpCommand(true);
}

/** The names in the table. */
export function commandNames(): string[] {
  return Object.keys(COMMANDS);
}
