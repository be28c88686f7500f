/**
 * `wafer bench`: what a cut through the wafer costs, in one run that leaves a report.
 *
 * A whole wafer and the same one diced by each real link are measured on the wall clock. Described
 * interconnects, waterfalls, scaling and sweeps stand beside them, each with its own clock. A short
 * traced pass feeds the picture of the fabric. All of it goes to `runs/<id>/`.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import {
  activationErrorOf,
  createRunFolder,
  describeAll,
  kvErrorOf,
  MEASURED_LINKS,
  measureWall,
  metaOf,
  REPETITIONS_MAX,
  REPETITIONS_MIN,
  reportPage,
  rowLine,
  rowTable,
  runBefore,
  runOf,
  TABLE_HEAD,
  tablesOf,
  tracePass,
  virtualRows,
  waterfallPicture,
} from '@wafer/bench';
import type { BenchResults, RunFolder, StartWafer, TracedPart, VirtualUse } from '@wafer/bench';
import type { Line } from '@wafer/bench/common';
import type { Quantization } from '@wafer/runtime';
import { STORIES_NAME } from '@wafer/stories';
import { openBench } from '../bench-setup.ts';
import type { BenchFlags, BenchSetup } from '../bench-setup.ts';
import { describedLines, headerText, summaryLines } from '../texts/bench-text.ts';
import { compareRuns } from './bench-compare.ts';
import { UsageError } from '../failures/failures.ts';
import { nearestOf } from '../flags/nearest-word.ts';
import { readCount } from '../flags/option-values.ts';
import { writeRunFiles } from '../run-files.ts';
import { isShrunk } from '../shrunk.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addFileOptions, addWaferOptions } from '../wafer-options.ts';
import { startWafer } from '../terminal/session.ts';
import { addBenchAdapters } from './bench-adapters.ts';
import { addBenchGrammar } from './bench-grammar.ts';
import { addBenchHost } from './bench-host.ts';
import { addBenchMicro } from './bench-micro.ts';
import { addBenchServe } from './bench-serve.ts';
import { addBenchSpeculation } from './bench-speculation.ts';
import { addBenchTrain } from './bench-train.ts';
import { addBenchSpeed } from './bench-speed.ts';
import { addInterconnect } from './interconnect.ts';
import { addScaling } from './scaling.ts';
import { addSweep } from './sweep.ts';

/** Of what a noisy row ends in. */
const NOISY_LENGTH = 7;
/** Tokens of an answer on the virtual clock. */
const VIRTUAL_TOKENS_MAX = 32;

const EXAMPLES = `
Examples:
  wafer bench
  wafer bench ./model --grid 4x1 --dice 2x1
  wafer bench synthetic:15m:q8_0 --activations int8
  wafer bench --quick --json --out ./runs
  wafer bench --compare runs/A runs/B`;

export function addBench(program: Command, terminal: Terminal): void {
  const command = program
    .command('bench')
    .summary('measure what a cut through the wafer costs')
    .description('Measures a whole wafer and a diced one, and writes a report to a folder.')
    .argument('[model]', 'folder, .gguf file, name or synthetic:15m; without one: stories')
    .option('--prompt-tokens <n>', 'of the question (default: 64)', readCount)
    .option('--max-tokens <n>', 'of the answer (default: 64)', readCount)
    .option(
      '--repetitions <n>',
      `per row (default: ${REPETITIONS_MIN} to ${REPETITIONS_MAX})`,
      readCount,
    )
    .option('--quick', 'tiny model and short answers: shows that it works, not how fast')
    .option('--out <folder>', 'where the folder of the run is made', 'runs')
    .option('--compare <run...>', 'two folders of runs, side by side; measures nothing')
    .option('--json', 'print one JSON object');
  addFileOptions(addWaferOptions(command))
    .addHelpText('after', EXAMPLES)
    .action((model: string | undefined, flags: BenchFlags) => {
      if (flags.compare) return compareRuns(flags.compare, flags.json === true, terminal);
      refuseSlip(command, model);
      return bench(model, flags, terminal);
    });
  // Options after the name of a subcommand are the subcommand's.
  command.enablePositionalOptions();
  const described = [addInterconnect, addSweep, addScaling];
  const served = [addBenchServe, addBenchGrammar, addBenchSpeculation, addBenchAdapters];
  const ours = [addBenchSpeed, ...served, addBenchMicro, addBenchHost, addBenchTrain];
  for (const add of [...ours, ...described]) add(command, terminal);
}

/** A plain word that is no model is to be a command of `bench`. Throws: UsageError. */
function refuseSlip(command: Command, word: string | undefined): void {
  if (word === undefined || !/^[a-z]+$/.test(word) || word === STORIES_NAME) return;
  if (existsSync(word)) return;
  if (word === 'compare') throw new UsageError('did you mean wafer bench --compare RUN RUN?');
  const known = command.commands.map((each) => each.name());
  const meant = nearestOf([STORIES_NAME, ...known], word);
  const hint =
    meant === undefined
      ? `Commands are ${known.join(', ')}.`
      : `Did you mean wafer bench ${meant}?`;
  throw new UsageError(`no model and no command ${word}. ${hint}`);
}

async function bench(
  named: string | undefined,
  given: BenchFlags,
  terminal: Terminal,
): Promise<void> {
  using watch = watchSignals();
  const flags: BenchFlags = isShrunk() ? { ...given, quick: true } : given;
  const { signal } = watch;
  const setup = await openBench(named, flags);
  using folder = createRunFolder(flags.out, setup.header.id);
  const print = (lines: readonly Line[]): Promise<void> =>
    flags.json ? Promise.resolve() : terminal.writeLines(lines);
  // Rows come minutes apart; where a line holds one, it is printed when it comes.
  const isWide = terminal.columns >= TABLE_HEAD.length + NOISY_LENGTH;
  await print([...headerText(setup.header).split('\n'), '', ...(isWide ? [TABLE_HEAD] : [])]);
  let quantization: Quantization | undefined;
  const start: StartWafer = (options) => startWafer(options, { terminal, signal });
  const rows = await measureWall(
    { ...setup, links: MEASURED_LINKS, task: { ...setup.task, signal } },
    {
      start,
      say: (text) => terminal.say(`wafer: ${text}`),
      onRow: (row) => (isWide ? print([rowLine(row)]) : Promise.resolve()),
      onWhole: (wafer) => {
        quantization = wafer.quantization;
        writeRunFiles(flags, wafer, setup.name);
      },
    },
  );
  const { name, model, header } = setup;
  const { spec, source } = model;
  const described = await describeAll(
    { name, spec, tensors: source.tensors },
    { isQuick: flags.quick ?? false, source: virtualRows(virtualUse(setup, { signal, terminal })) },
  );
  const results: BenchResults = {
    ...header,
    rows,
    tokensHash: rows[0]!.tokensHash,
    activationError: await activationErrorOf(setup.whole, setup.task.prompt, signal),
    kvError: await kvErrorOf(setup.whole, setup.task.prompt, signal),
    quantization,
    described,
    folder: folder.path,
  };
  if (!isWide) await print([rowTable(rows)]);
  await print(['', ...summaryLines(results), '', ...describedLines(described)]);
  const traced = await tracePass(setup.traced, {
    task: { ...setup.tracedTask, signal },
    link: MEASURED_LINKS[0]!.name,
    start,
  });
  signal.throwIfAborted();
  writeRun(folder, { results, traced, setup });
  if (flags.json) await terminal.writeJson(results);
  else await print(['', `Report: ${folder.path}/report.html`]);
  folder.keep();
}

/** A short answer is enough: on the virtual clock nothing spreads. */
function virtualUse(
  { model, task, whole }: BenchSetup,
  { signal, terminal }: { signal: AbortSignal; terminal: Terminal },
): VirtualUse {
  const { rounding, revectorize } = whole.options;
  const maxTokens = Math.max(2, Math.min(task.maxTokens, VIRTUAL_TOKENS_MAX));
  const say = (text: string): void => terminal.say(`wafer: virtual clock, ${text}`);
  return { model, prompt: task.prompt, maxTokens, signal, say, options: { rounding, revectorize } };
}

function writeRun(
  folder: RunFolder,
  run: { results: BenchResults; traced: TracedPart; setup: BenchSetup },
): void {
  const { results, traced, setup } = run;
  const { model, whole: settings, version } = setup;
  const meta = metaOf(results, { model, settings, version, traced });
  const tables = tablesOf(results, traced);
  const now = runOf(folder.path, JSON.parse(JSON.stringify(meta)), tables['wall.csv']!);
  const before = runBefore(dirname(folder.path), now);
  const files = {
    ...tables,
    'trace.json': JSON.stringify(traced.trace),
    'waterfall.svg': waterfallPicture(results.described),
    'report.html': reportPage({ results, traced, now, before }),
    'meta.json': `${JSON.stringify(meta, undefined, 2)}\n`,
  };
  for (const [file, text] of Object.entries(files)) folder.write(file, text);
}
