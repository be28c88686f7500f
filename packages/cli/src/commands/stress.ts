/**
 * `wafer stress`: whether windows and links lose, repeat or harm anything, with many threads and
 * many faults. A run that finds something prints where everything stands, and the seed.
 */
import type { Command } from 'commander';
import { STRESS_WIRES, stressAllLinks, stressThreads } from '@wafer/bench';
import { Table, untilAborted } from '@wafer/bench/common';
import type { Line } from '@wafer/bench/common';
import type { FabricStressReport, LinkStressRow, StressWire } from '@wafer/bench';
import { formatCount, plural, WaferError } from '@wafer/core';
import { UsageError } from '../failures/failures.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { readCount, readWhole, readWords } from '../flags/option-values.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface FabricFlags {
  threads: number;
  messages?: number;
  seconds?: number;
  seed: number;
  stallMs: number;
  deaf?: number;
  quick?: true;
  json?: true;
}

interface LinkFlags {
  faults?: number;
  over?: readonly StressWire[];
  socketLinks?: number;
  seed: number;
  quick?: true;
  json?: true;
}

const FABRIC = { messages: 1_000_000, quickMessages: 2000, threads: 4, stallMs: 10_000 };
const LINKS = { faults: 100_000, quickFaults: 100, socketLinks: 20, quickSocketLinks: 1 };
const THREADS_MAX = 64;

const EXAMPLES = `
Examples:
  wafer stress fabric --threads 16 --seconds 60
  wafer stress links --faults 1000000
  wafer stress links --over unix,tcp --socket-links 100 --json`;

export function addStress(program: Command, terminal: Terminal): void {
  const stress = program
    .command('stress')
    .summary('look for lost or harmed messages')
    .description('Stresses what tiles and chips talk through, and checks every message.')
    .addHelpText('after', EXAMPLES);
  stress
    .command('fabric')
    .summary('threads over windows in shared memory')
    .description('Random traffic and stalls between threads; counters begin before they wrap.')
    .option('--threads <n>', 'that talk to each other', readCount, FABRIC.threads)
    .option('--messages <n>', `to pass (default: ${FABRIC.messages})`, readCount)
    .option('--seconds <n>', 'ends sooner, once these are over', readCount)
    .option('--seed <n>', 'of the traffic', readWhole, 1)
    .option('--stall-ms <n>', 'without a message: stuck', readCount, FABRIC.stallMs)
    .option('--deaf <thread>', 'nobody wakes it: shows what a stuck run prints', readWhole)
    .option('--quick', 'few messages: shows that it works')
    .option('--json', 'print one JSON object')
    .action((flags: FabricFlags) => fabric(flags, terminal));
  stress
    .command('links')
    .summary('links between chips, with faults')
    .description('Drops, repeats, reorders, harms, delays and cuts frames on purpose.')
    .option('--faults <n>', `of each kind at least (default: ${LINKS.faults})`, readCount)
    .option('--over <wires>', `of ${STRESS_WIRES.join()} (default: all)`, readWords(STRESS_WIRES))
    .option('--socket-links <n>', `over sockets (default: ${LINKS.socketLinks})`, readCount)
    .option('--seed <n>', 'replays virtual links', readWhole, 1)
    .option('--quick', 'few faults: shows that it works')
    .option('--json', 'print one JSON object')
    .action((flags: LinkFlags) => links(flags, terminal));
}

// ---- fabric

async function fabric(flags: FabricFlags, terminal: Terminal): Promise<void> {
  const { threads, seed, seconds, stallMs, deaf: deafThread } = flags;
  if (threads < 2 || threads > THREADS_MAX) {
    throw new UsageError(`--threads is ${threads}; expected 2 to ${THREADS_MAX}`);
  }
  using watch = watchSignals();
  const { signal } = watch;
  const usual = flags.quick ? FABRIC.quickMessages : FABRIC.messages;
  // Seconds alone ask for as many messages as pass in them.
  const messages = flags.messages ?? (seconds === undefined ? usual : Number.MAX_SAFE_INTEGER);
  const startMs = performance.now();
  const line = new ProgressLine(terminal, 'stressing windows', () => performance.now());
  const progress = (passed: number): void => {
    const elapsedS = Math.floor((performance.now() - startMs) / 1000);
    if (messages === Number.MAX_SAFE_INTEGER) line.reportCount(elapsedS, seconds!, 'second');
    else line.reportCount(passed, messages, 'message');
  };
  const run = { threads, messages, seconds, seed, stallMs, deafThread, signal, report: progress };
  let report: FabricStressReport;
  try {
    report = await untilAborted(stressThreads(run), signal);
  } finally {
    line.close();
  }
  if (flags.json) await terminal.writeJson(report);
  else await terminal.writeLines(fabricLines(report));
  if (report.failure === undefined) return;
  if (!flags.json) terminal.say(report.failure);
  const reason = report.failure.split('\n')[0];
  throw new WaferError('STRESS_FAILED', { what: 'the fabric', reason, seed });
}

function fabricLines(report: FabricStressReport): string[] {
  const { threads, runs, channels, messages, sleeps, seconds, seed, failure } = report;
  const passed = failure === undefined ? 'none lost, none harmed' : 'then it failed';
  return [
    `wafer stress fabric · ${plural(threads, 'thread')} · seed ${seed} · wall clock`,
    '',
    `${plural(messages, 'message')} over ${plural(channels, 'channel')} in ` +
      `${plural(runs, 'run')}: ${passed}`,
    `${plural(sleeps, 'sleep')}, each ended by a doorbell · ${seconds.toFixed(1)} s`,
  ];
}

// ---- links

async function links(flags: LinkFlags, terminal: Terminal): Promise<void> {
  using watch = watchSignals();
  const { signal } = watch;
  const { seed, over: wires = STRESS_WIRES, quick } = flags;
  const faultsMin = flags.faults ?? (quick ? LINKS.quickFaults : LINKS.faults);
  const socketLinks = flags.socketLinks ?? (quick ? LINKS.quickSocketLinks : LINKS.socketLinks);
  let line: ProgressLine | undefined;
  let action = '';
  const report = (done: number, total: number, what: string): void => {
    if (what !== action) {
      line?.close();
      line = new ProgressLine(terminal, `stressing ${what}`, () => performance.now());
      action = what;
    }
    line?.reportCount(done, total, what.includes('sockets') ? 'link' : 'fault');
  };
  let rows: LinkStressRow[];
  try {
    const run = stressAllLinks({ seed, wires, faultsMin, socketLinks, signal, report });
    rows = await untilAborted(run, signal);
  } finally {
    line?.close();
  }
  if (flags.json) await terminal.writeJson({ seed, faultsMin, socketLinks, rows });
  else await terminal.writeLines(linkLines(rows, seed));
  const wrong = rows.find((row) => row.wrong > 0);
  if (wrong === undefined) return;
  const what = `${wrong.wire} links with ${wrong.kind}`;
  throw new WaferError('STRESS_FAILED', { what, reason: wrong.reason, seed });
}

const COLUMNS = [
  'links',
  'delivered',
  'injected',
  'detected',
  'recovered',
  'ended with a code',
  'delivered wrong',
];

function linkLines(rows: readonly LinkStressRow[], seed: number): Line[] {
  const cells = rows.map((row) => {
    const counts = [row.links, row.delivered, row.injected, row.detected, row.recoveries];
    const last = [row.coded, row.wrong];
    return [row.wire, row.kind, ...[...counts, ...last].map(formatCount)];
  });
  const right = COLUMNS.map((title) => ({ title, align: 'right' as const }));
  return [
    `wafer stress links · seed ${seed} · virtual links on a virtual clock, ` +
      'sockets on the wall clock',
    '',
    new Table([{ title: 'over' }, { title: 'fault' }, ...right], cells, { keyCount: 2 }),
    '',
    'detected: damages, gaps, repeats and silences; one fault may show as several, or as none.',
    'recovered: frames asked for again and sent again. A delay may end before anyone misses it.',
  ];
}
