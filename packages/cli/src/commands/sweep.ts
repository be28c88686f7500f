/**
 * `wafer bench sweep`: tokens per second kept over latency and bandwidth, the bottleneck in each
 * cell. The clock is simulated; tokens are not computed here.
 */
import { append } from '@wafer/core';
import { Option } from 'commander';
import type { Command } from 'commander';
import { describeRun, LEGEND, spread, sweepTable, weakFigures } from '@wafer/bench';
import type { DescribedFlags, QuantityRange } from '@wafer/bench';
import type { Line } from '@wafer/bench/common';
import { sweepLinks } from '@wafer/timing';
import type { ExchangeKind, Sweep, SweepCell } from '@wafer/timing';
import { addDescribedOptions, describedRun, SHAPE_NAMES } from '../described/described-options.ts';
import { readDurationRange, readRateRange } from '../described/quantities.ts';
import { readCount } from '../flags/option-values.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface SweepFlags extends DescribedFlags {
  latency: QuantityRange;
  bandwidth: QuantityRange;
  cells: number;
}

const MODEL_DEFAULT = 'synthetic:15m:bf16';

const EXAMPLES = `
Examples:
  wafer bench sweep --latency 0..100us --bandwidth 1..900GB/s
  wafer bench sweep llama-3-70b --all-reduce custom --cells 12 --json`;

export function addSweep(bench: Command, terminal: Terminal): void {
  const command = bench
    .command('sweep')
    .summary('tokens kept over latency and bandwidth')
    .description('Walks the plan over a range of wires. No tokens are computed.')
    .argument('[model]', `a model, or ${SHAPE_NAMES} (default: ${MODEL_DEFAULT})`)
    .addOption(rangeOption('--latency <a..b>', 'of the wire', readDurationRange, '0..100us'))
    .addOption(
      rangeOption('--bandwidth <a..b>', 'per chip and direction', readRateRange, '1..900GB/s'),
    )
    .option('--cells <n>', 'values along each side', readCount, 8);
  addDescribedOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((model: string | undefined, flags: SweepFlags) =>
      sweep(model ?? MODEL_DEFAULT, flags, terminal),
    );
}

/** An option whose default is shown as it would be typed. */
function rangeOption(
  flag: string,
  words: string,
  read: (text: string) => QuantityRange,
  text: string,
): Option {
  return new Option(flag, words).argParser(read).default(read(text), text);
}

async function sweep(name: string, flags: SweepFlags, terminal: Terminal): Promise<void> {
  const run = await describedRun(name, flags, 'own');
  const link = run.links[0]!;
  const wires = {
    latenciesNs: spread(flags.latency, flags.cells),
    bandwidthsBytesPerS: spread(flags.bandwidth, flags.cells),
  };
  const { plan, machine, dice, step, elementBytes } = run;
  const isColumn = plan.options.tensor === 'column';
  const kinds = run.collectives.filter((kind) => kind !== 'custom' || link.customKernels);
  const collectives: readonly ExchangeKind[] = isColumn ? ['messages'] : kinds;
  const sweeps = collectives.map((collective) => {
    const options = { machine, dice, step, elementBytes, link, collective };
    return { link: link.name, collective, ...sweepLinks(plan, options, wires) };
  });
  if (flags.json) {
    const header = { model: name, machine, softwareOf: link, step, tokensComputed: false };
    return terminal.writeJson({ ...header, clock: 'simulated', sweeps, weak: weakFigures(run) });
  }
  const lines: Line[] = [
    'wafer bench sweep · simulated clock: a plan walked, no tokens computed',
    describeRun(run, flags),
    `tokens/s kept of the same chips with free links; software of ${link.name}`,
  ];
  for (const one of sweeps) append(lines, ['', ...sweepLines(one, terminal)]);
  lines.push('', LEGEND);
  return terminal.writeLines(lines);
}

function sweepLines(one: Sweep & { collective: ExchangeKind }, terminal: Terminal): Line[] {
  // Half a table in color would be hard to read on a dark ground.
  const style = (cell: SweepCell, text: string): string => {
    if (cell.kept >= 0.9) return terminal.style('strong', text);
    return cell.kept >= 0.5 ? text : terminal.style('aside', text);
  };
  return [
    `${one.collective}: ${one.idealTokensPerS.toFixed(0)} tokens/s with free links`,
    sweepTable(one, style),
  ];
}
