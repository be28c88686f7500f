/**
 * `wafer bench micro`: kernels and channels alone.
 */
import type { Command } from 'commander';
import { microLines, runMicro } from '@wafer/bench';
import { UsageError } from '../failures/failures.ts';
import { readCount, readVectors } from '../flags/option-values.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface MicroFlags {
  filter?: string;
  rounds?: number;
  revectorize?: boolean[];
  quick?: true;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer bench micro
  wafer bench micro --filter q8_0 --revectorize on
  wafer bench micro --quick --json`;

export function addBenchMicro(bench: Command, terminal: Terminal): void {
  bench
    .command('micro')
    .summary('kernels and channels alone')
    .description('Measures single kernels and channels, with 256-bit vectors and without.')
    .option('--filter <text>', 'only cases whose name holds this')
    .option('--rounds <n>', 'interleaved rounds (default: 7)', readCount)
    .option('--revectorize <on|off|both>', '256-bit vectors (default: both on x64)', readVectors)
    .option('--quick', 'tiny sizes: shows that it works, not how fast')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((flags: MicroFlags) => run(flags, terminal));
}

async function run(flags: MicroFlags, terminal: Terminal): Promise<void> {
  using watch = watchSignals();
  const { filter, rounds, revectorize, quick } = flags;
  if (filter === '') throw new UsageError('--filter needs some text; without it, all cases run');
  const report = await runMicro({
    ...{ filter, rounds, revectorize, isQuick: quick, signal: watch.signal },
    say: (text) => terminal.say(`wafer: ${text}`),
  });
  if (report.rows.length === 0) throw new UsageError(`--filter ${filter}: no case has it`);
  if (flags.json) return terminal.writeJson(report);
  return terminal.writeLines(microLines(report));
}
