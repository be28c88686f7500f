/**
 * `wafer bench interconnect`: what each described interconnect would leave of the tokens.
 *
 * The clock is simulated: the plan is walked with the figures of a machine and its links. Tokens
 * are not computed here. Closed forms of 8B and 70B stand beside, as a small model inflates
 * communication.
 */
import { append } from '@wafer/core';
import type { Command } from 'commander';
import {
  describeRun,
  fallLines,
  interconnectTable,
  waferLimit,
  waterfalls,
  weakFigures,
  wireRange,
} from '@wafer/bench';
import type { DescribedFlags } from '@wafer/bench';
import type { Line } from '@wafer/bench/common';
import { compareInterconnects } from '@wafer/timing';
import { addDescribedOptions, describedRun, SHAPE_NAMES } from '../described/described-options.ts';
import type { Terminal } from '../terminal/terminal.ts';

const MODEL_DEFAULT = 'synthetic:15m:bf16';

const EXAMPLES = `
Examples:
  wafer bench interconnect
  wafer bench interconnect llama-3-70b --as b200 --link nvlink5 --chips 4
  wafer bench interconnect llama-3-8b --link infiniband-ndr --link 2us,25GB/s,5us --json`;

export function addInterconnect(bench: Command, terminal: Terminal): void {
  const command = bench
    .command('interconnect')
    .summary('what described interconnects leave of the tokens')
    .description('Walks the plan on a described machine, link by link. No tokens are computed.')
    .argument('[model]', `a model, or ${SHAPE_NAMES} (default: ${MODEL_DEFAULT})`);
  addDescribedOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((model: string | undefined, flags: DescribedFlags) =>
      interconnect(model ?? MODEL_DEFAULT, flags, terminal),
    );
}

async function interconnect(
  name: string,
  flags: DescribedFlags,
  terminal: Terminal,
): Promise<void> {
  const run = await describedRun(name, flags, 'all');
  const rows = compareInterconnects(run);
  const own = flags.link?.[0] ?? (await describedRun(name, flags, 'own')).links[0]!;
  const falls = flags.chips > 1 ? waterfalls(run, own) : [];
  const weak = weakFigures(run);
  if (flags.json) {
    const { machine, links } = run;
    const header = { model: name, machine, links, step: run.step, tokensComputed: false };
    return terminal.writeJson({ ...header, clock: 'simulated', rows, waterfalls: falls, weak });
  }
  const lines: Line[] = [
    `wafer bench interconnect · simulated clock: a plan walked, no tokens computed`,
    describeRun(run, flags),
    '',
    interconnectTable(rows),
    '',
    'kept: of the same chips and memory with links that cost nothing',
  ];
  const limits = [waferLimit(run), ...run.links.map((link) => wireRange(link))];
  append(
    lines,
    limits.filter((line) => line !== ''),
  );
  if (falls.length > 0) append(lines, ['', ...fallLines(falls, own)]);
  if (weak.length > 0)
    append(lines, ['', 'Not published, remembered or assumed:', ...indent(weak)]);
  return terminal.writeLines(lines);
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
