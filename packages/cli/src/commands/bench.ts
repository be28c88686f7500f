/**
 * `wafer bench`: the same question to a whole wafer and to one that is cut into chips.
 *
 * The rows take turns, so that a busy machine slows both. They must answer with the same tokens,
 * and their traffic must equal the plan to the byte; otherwise the bench fails.
 */
import type { Command } from 'commander';
import { assert, gridName } from '@wafer/core';
import { openModel } from '@wafer/runtime';
import type { Model } from '@wafer/runtime';
import { activationErrorOf, activationErrorText } from '../bench/activation-error.ts';
import { describeMachine, reportRow, rowLine, TABLE_HEAD } from '../bench/bench-report.ts';
import type { RowReport } from '../bench/bench-report.ts';
import { BenchRow } from '../bench/bench-row.ts';
import type { BenchTask } from '../bench/bench-row.ts';
import { readCount } from '../option-values.ts';
import { writeTrace } from '../run-files.ts';
import { startWafer } from '../session.ts';
import { watchSignals } from '../signals.ts';
import type { Terminal } from '../terminal.ts';
import { addWaferOptions, arithmeticText, vectorBits, waferSettings } from '../wafer-options.ts';
import type { WaferFlags, WaferSettings } from '../wafer-options.ts';
import { addBenchMicro } from './bench-micro.ts';
import { addBenchSpeed } from './bench-speed.ts';
import { addInterconnect } from './interconnect.ts';
import { addScaling } from './scaling.ts';
import { addSweep } from './sweep.ts';

interface BenchFlags extends WaferFlags {
  promptTokens?: number;
  maxTokens?: number;
  repetitions?: number;
  quick?: true;
  json?: true;
}

const MODEL_DEFAULT = 'synthetic:15m';
const MODEL_QUICK = 'synthetic:tiny';
const SIZES = { promptTokens: 64, maxTokens: 64 };
const SIZES_QUICK = { promptTokens: 8, maxTokens: 8 };
/** Unless they were asked for: fewer where the machine is slow. */
const REPETITIONS_MIN = 3;
const REPETITIONS_MAX = 5;
const MEASURE_MS = 12_000;

const EXAMPLES = `
Examples:
  wafer bench
  wafer bench ./model --grid 4x1 --dice 2x1
  wafer bench synthetic:15m:q8_0 --activations int8
  wafer bench --quick --json`;

export function addBench(program: Command, terminal: Terminal): void {
  const command = program
    .command('bench')
    .summary('measure what a cut through the wafer costs')
    .description('Measures tokens per second of a whole wafer and of a diced one.')
    .argument('[model]', `folder, .gguf file or synthetic:15m (default: ${MODEL_DEFAULT})`)
    .option('--prompt-tokens <n>', `of the question (default: ${SIZES.promptTokens})`, readCount)
    .option('--max-tokens <n>', `of the answer (default: ${SIZES.maxTokens})`, readCount)
    .option(
      '--repetitions <n>',
      `per row (default: ${REPETITIONS_MIN} to ${REPETITIONS_MAX})`,
      readCount,
    )
    .option('--quick', 'tiny model and short answers: shows that it works, not how fast')
    .option('--json', 'print one JSON object');
  addWaferOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((model: string | undefined, flags: BenchFlags) => bench(model, flags, terminal));
  // Options after the name of a subcommand are the subcommand's.
  command.enablePositionalOptions();
  const described = [addInterconnect, addSweep, addScaling];
  for (const add of [addBenchSpeed, addBenchMicro, ...described]) add(command, terminal);
}

async function bench(
  named: string | undefined,
  flags: BenchFlags,
  terminal: Terminal,
): Promise<void> {
  using watch = watchSignals();
  const { signal } = watch;
  const isJson = flags.json ?? false;
  const name = named ?? (flags.quick ? MODEL_QUICK : MODEL_DEFAULT);
  const model = await openBenchModel(name);
  const [whole, diced] = rowSettings(model, flags);
  const usual = flags.quick ? SIZES_QUICK : SIZES;
  const sizes = {
    promptTokens: flags.promptTokens ?? usual.promptTokens,
    maxTokens: flags.maxTokens ?? usual.maxTokens,
  };
  const prompt = benchPrompt(model, sizes.promptTokens);
  const task: BenchTask = { prompt, maxTokens: sizes.maxTokens, signal };
  const header = headerOf(name, whole, sizes);
  if (!isJson) await terminal.write(`${headerText(header)}\n\n${TABLE_HEAD}\n`);

  const activationError = await activationErrorOf(whole, prompt, signal);
  const grid = gridName(whole.resolved.plan.grid);
  const chips = gridName(diced.resolved.dice.chips);
  await using wholeWafer = await startWafer(whole.options, { terminal, signal });
  await using dicedWafer = await startWafer(diced.options, { terminal, signal });
  const rows = [
    new BenchRow(`${grid} whole`, wholeWafer, whole.resolved.dice.chipOf),
    new BenchRow(`${grid} diced ${chips} port`, dicedWafer, diced.resolved.dice.chipOf),
  ] as const;
  const say = (text: string): void => terminal.say(`wafer: ${text}`);
  const print = isJson ? undefined : (text: string) => terminal.write(text);
  const { repetitions } = flags;
  const reports = await measure(rows, task, { repetitions, say, print });
  const decode = reports.map(({ decodeTokensPerSecond }) => decodeTokensPerSecond.median);
  const slowdown = decode[0]! / decode[1]!;
  const tokensHash = reports[0]!.tokensHash;
  if (flags.trace !== undefined) writeTrace(flags.trace, wholeWafer);
  if (isJson) {
    const results = { rows: reports, slowdown, tokensHash, activationError };
    return terminal.writeJson({ ...header, ...results });
  }
  return terminal.write(
    `\nMedians of ${reports[0]!.repetitions} interleaved repetitions. ` +
      `The whole wafer decodes ${slowdown.toFixed(2)} times as fast as the diced one.\n` +
      `Same tokens, hash ${tokensHash}; traffic equals the plan to the byte.\n` +
      (activationError ? `${activationErrorText(activationError)}\n` : ''),
  );
}

async function measure(
  rows: readonly BenchRow[],
  task: BenchTask,
  use: {
    repetitions: number | undefined;
    say: (text: string) => void;
    print: ((text: string) => Promise<void>) | undefined;
  },
): Promise<RowReport[]> {
  for (const row of rows) {
    use.say(`warming up ${row.name}`);
    await row.warmUp(task);
  }
  const wanted = rows[0]?.tokens.join();
  const reports: RowReport[] = [];
  const startMs = performance.now();
  const isLast = (repetition: number): boolean => {
    if (use.repetitions !== undefined) return repetition === use.repetitions;
    const isLong = performance.now() - startMs > MEASURE_MS;
    return repetition >= (isLong ? REPETITIONS_MIN : REPETITIONS_MAX);
  };
  for (let repetition = 1; reports.length === 0; repetition++) {
    use.say(`repetition ${repetition}`);
    const isFinal = isLast(repetition);
    for (const row of rows) {
      await row.repeat(task);
      if (!isFinal) continue;
      const tokens = row.tokens.join();
      assert(tokens === wanted, 'rows give the same tokens', { row: row.name, tokens, wanted });
      await row.audit();
      const report = reportRow(row);
      reports.push(report);
      await use.print?.(`${rowLine(report)}\n`);
    }
  }
  return reports;
}

/** The whole wafer and the diced one, alike but for the cut. */
function rowSettings(model: Model, flags: BenchFlags): [WaferSettings, WaferSettings] {
  const more = { recordSteps: true, reusePrefixes: false };
  const given = waferSettings(model, { ...flags, dice: '1x1' }, more);
  const isOneTile = flags.grid === undefined && given.resolved.plan.grid.width === 1;
  const whole = isOneTile
    ? waferSettings(model, { ...flags, dice: '1x1', grid: '2x1' }, more)
    : given;
  const { grid } = whole.resolved.plan;
  const dice = flags.dice ?? (grid.width > 1 ? '2x1' : '1x2');
  const diced = { ...flags, grid: gridName(grid), dice };
  return [whole, waferSettings(model, diced, more)];
}

/** The model, without end tokens, so that every answer has the length that was asked for. */
async function openBenchModel(name: string): Promise<Model> {
  const model = await openModel(name);
  return { ...model, special: { ...model.special, ends: [] } };
}

/** Token ids that are all over the vocabulary, always the same. */
function benchPrompt({ spec }: Model, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919 + 257) % spec.vocabCount);
}

interface Header {
  model: string;
  clock: 'wall';
  date: string;
  machine: ReturnType<typeof describeMachine>;
  grid: string;
  threads: number;
  rounding: string;
  activations: string;
  vectorBits: number;
  promptTokens: number;
  generatedTokens: number;
}

function headerOf(name: string, whole: WaferSettings, sizes: typeof SIZES): Header {
  return {
    model: name,
    clock: 'wall',
    date: new Date().toISOString(),
    machine: describeMachine(),
    grid: gridName(whole.resolved.plan.grid),
    threads: whole.resolved.threadCount,
    rounding: whole.options.rounding,
    activations: whole.resolved.plan.activations,
    vectorBits: vectorBits(whole.options),
    promptTokens: sizes.promptTokens,
    generatedTokens: sizes.maxTokens,
  };
}

function headerText(header: Header): string {
  const { machine } = header;
  return [
    `wafer bench · ${header.model} · ${header.date}`,
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.platform}`,
    `wall clock · prompt of ${header.promptTokens} tokens, ${header.generatedTokens} generated · ` +
      'prefill counts prompt tokens, decode the tokens after the first',
    `grid ${header.grid}, ${header.threads} threads, ${arithmeticText(header)}, ` +
      `${header.vectorBits}-bit vectors`,
  ].join('\n');
}
