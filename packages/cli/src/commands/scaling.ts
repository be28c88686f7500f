/**
 * `wafer bench scaling`: the same work on more chips, by tensor shares and by stages. The clock is
 * simulated; tokens are not computed here.
 */
import type { Command } from 'commander';
import { painlessLines, scalingRows, scalingTable, weakFigures } from '@wafer/bench';
import type { DescribedFlags } from '@wafer/bench';
import { addDescribedOptions, describedRun, SHAPE_NAMES } from '../described/described-options.ts';
import type { Terminal } from '../terminal/terminal.ts';

const MODEL_DEFAULT = 'llama-3-8b';
const BATCHES = [1, 8, 32];
const PROMPT_TOKENS = 512;

const EXAMPLES = `
Examples:
  wafer bench scaling
  wafer bench scaling llama-3-70b --as b200 --chips 4`;

export function addScaling(bench: Command, terminal: Terminal): void {
  const command = bench
    .command('scaling')
    .summary('the same work on more described chips')
    .description('Walks plans on 1, 2, 4 … chips. No tokens are computed.')
    .argument('[model]', `a model, or ${SHAPE_NAMES} (default: ${MODEL_DEFAULT})`);
  addDescribedOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((model: string | undefined, flags: DescribedFlags) =>
      print(model ?? MODEL_DEFAULT, flags, terminal),
    );
}

async function print(name: string, flags: DescribedFlags, terminal: Terminal): Promise<void> {
  const run = await describedRun(name, flags, 'own');
  const { machine, links, type } = run;
  const link = links[0]!;
  const contextTokens = flags.context;
  const rows = scalingRows(run, {
    chips: flags.chips,
    batches: flags.batch === 1 ? BATCHES : [flags.batch],
    contextTokens,
    promptTokens: flags.prompt ?? PROMPT_TOKENS,
  });
  if (flags.json) {
    const header = { model: name, machine, link, contextTokens, tokensComputed: false };
    return terminal.writeJson({ ...header, clock: 'simulated', rows, weak: weakFigures(run) });
  }
  const lines = [
    'wafer bench scaling · simulated clock: plans walked, no tokens computed',
    `${name} (${type}) on ${machine.title}, ${link.title}, context ${contextTokens}`,
    '',
    scalingTable(rows),
    '',
    ...painlessLines(rows),
    '',
    'kept: of the same chips with free links; one step is under way at a time.',
    'tiles: the same arithmetic on a wafer that stays whole, with its mesh and SRAM',
  ];
  return terminal.writeLines(lines);
}
