/**
 * `wafer completion SHELL`: what bash, zsh or fish need to complete commands and options.
 */
import { Argument } from 'commander';
import type { Command } from 'commander';
import type { Terminal } from '../terminal/terminal.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const EXAMPLES = `
Examples:
  source <(wafer completion bash)                           in ~/.bashrc
  source <(wafer completion zsh)                            in ~/.zshrc
  wafer completion fish > ~/.config/fish/completions/wafer.fish`;

export function addCompletion(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .summary('completion for a shell')
    .description('Prints a script that completes commands and options.')
    .addArgument(new Argument('<shell>', 'whose script').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => terminal.write(completionScript(shell, program)));
}

/** The script of one shell. */
export function completionScript(shell: Shell, program: Command): string {
  const entries = entriesOf(program, []);
  if (shell === 'fish') return fishScript(entries);
  const cases = entries
    .map(({ path, words }) => `    '${path.join(' ')}') words='${words.join(' ')}' ;;`)
    .join('\n');
  // A value that is called as a command is one only where that command may stand.
  const paths = entries
    .flatMap(({ path }) => (path.length === 0 ? [] : [`'${path.join(' ')}'`]))
    .join('|');
  const body = `_wafer() {
  local path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${paths}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _wafer wafer
`;
  return shell === 'bash' ? body : `autoload -U +X bashcompinit && bashcompinit\n${body}`;
}

interface Entry {
  /** Names of the command, after `wafer`. */
  path: string[];
  words: string[];
}

function entriesOf(command: Command, path: string[]): Entry[] {
  const options = command.options.flatMap(({ long }) => long ?? []);
  const words = [...command.commands.map((each) => each.name()), ...options, '--help'];
  const below = command.commands.flatMap((each) => entriesOf(each, [...path, each.name()]));
  return [{ path, words }, ...below];
}

function fishScript(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ path, words }) => {
    const isAt =
      path.length === 0 ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.at(-1)}`;
    return words.map((word) =>
      word.startsWith('--')
        ? `complete -c wafer -n '${isAt}' -l ${word.slice(2)}`
        : `complete -c wafer -n '${isAt}' -a ${word}`,
    );
  });
  return `${lines.join('\n')}\n`;
}
