/**
 * `wafer calibrate`: how fast this machine reads, copies, multiplies and wakes a thread.
 */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { calibrate, calibrationLines } from '@wafer/bench';
import { UsageError } from '../failures/failures.ts';
import { readCount, readVectors } from '../flags/option-values.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface CalibrateFlags {
  threads?: number;
  rounds?: number;
  mib?: number;
  revectorize?: boolean[];
  quick?: true;
  json?: true;
}

const MIB = 2 ** 20;
/** More wait for each other, and measure that alone. */
const THREADS_PER_CORE_MAX = 4;

const EXAMPLES = `
Examples:
  wafer calibrate
  wafer calibrate --threads 1 --revectorize off --json`;

export function addCalibrate(program: Command, terminal: Terminal): void {
  program
    .command('calibrate')
    .summary("measure this machine's ceilings")
    .description('Measures memory bandwidth, multiply-adds and wake-ups in worker threads.')
    .option('--threads <n>', 'measure 1 to n threads (default: one per core)', readCount)
    .option('--rounds <n>', 'interleaved rounds (default: 9)', readCount)
    .option('--mib <n>', 'MiB of memory to read (default: 256)', readCount)
    .option('--revectorize <on|off|both>', '256-bit vectors (default: both on x64)', readVectors)
    .option('--quick', 'tiny sizes: shows that it works, not how fast')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((flags: CalibrateFlags) => run(flags, terminal));
}

async function run(flags: CalibrateFlags, terminal: Terminal): Promise<void> {
  using watch = watchSignals();
  const { threads, rounds, mib, revectorize, quick } = flags;
  const threadsMax = THREADS_PER_CORE_MAX * availableParallelism();
  if (threads !== undefined && threads > threadsMax) {
    const most = `at most ${threadsMax} say something on these cores`;
    throw new UsageError(`--threads ${threads}: ${most}`);
  }
  const calibration = await calibrate({
    ...(threads === undefined ? {} : { threadsMax: threads }),
    ...(rounds === undefined ? {} : { rounds }),
    ...(mib === undefined ? {} : { bytes: mib * MIB }),
    ...(revectorize === undefined ? {} : { revectorize }),
    isQuick: quick ?? false,
    signal: watch.signal,
    say: (text) => terminal.say(`wafer: ${text}`),
  });
  if (flags.json) return terminal.writeJson(calibration);
  return terminal.writeLines(calibrationLines(calibration));
}
