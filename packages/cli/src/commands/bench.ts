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
import { describeMachine, reportRow, rowLine, TABLE_HEAD } from '../bench/bench-report.ts';
import type { RowReport } from '../bench/bench-report.ts';
import { BenchRow } from '../bench/bench-row.ts';
import type { BenchTask } from '../bench/bench-row.ts';
import { readCount } from '../option-values.ts';
import { startWafer } from '../session.ts';
import { watchSignals } from '../signals.ts';
import type { Terminal } from '../terminal.ts';
import { addWaferOptions, waferSettings } from '../wafer-options.ts';
import type { WaferFlags, WaferSettings } from '../wafer-options.ts';

interface BenchFlags extends WaferFlags {
  promptTokens?: number;
  maxTokens?: number;
  repetitions?: number;
  quick?: true;
  json?: true;
}

const MODEL_DEFAULT = 'synthetic:15m';
const MODEL_QUICK = 'synthetic:tiny';
const DICE_DEFAULT = '2x1';
const SIZES = { promptTokens: 64, maxTokens: 64, repetitions: 5 };
const SIZES_QUICK = { promptTokens: 8, maxTokens: 8, repetitions: 3 };

const EXAMPLES = `
Examples:
  wafer bench
  wafer bench ./model --grid 4x1 --dice 2x1
  wafer bench --quick --json`;

export function addBench(program: Command, terminal: Terminal): void {
  const command = program
    .command('bench')
    .summary('measure what a cut through the wafer costs')
    .description('Measures tokens per second of a whole wafer and of a diced one.')
    .argument('[model]', `folder, .gguf file or synthetic:15m (default: ${MODEL_DEFAULT})`)
    .option('--prompt-tokens <n>', `of the question (default: ${SIZES.promptTokens})`, readCount)
    .option('--max-tokens <n>', `of the answer (default: ${SIZES.maxTokens})`, readCount)
    .option('--repetitions <n>', `per row (default: ${SIZES.repetitions})`, readCount)
    .option('--quick', 'tiny model and short answers: shows that it works, not how fast')
    .option('--json', 'print one JSON object');
  addWaferOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((model: string | undefined, flags: BenchFlags) => bench(model, flags, terminal));
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
  const sizes = { ...(flags.quick ? SIZES_QUICK : SIZES), ...definedSizes(flags) };
  const prompt = benchPrompt(model, sizes.promptTokens);
  const task: BenchTask = { prompt, maxTokens: sizes.maxTokens, signal };
  const header = headerOf(name, whole, { ...sizes });
  if (!isJson) await terminal.write(`${headerText(header)}\n\n${TABLE_HEAD}\n`);

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
  const reports = await measure(rows, task, { repetitions: sizes.repetitions, say, print });
  const decode = reports.map(({ decodeTokensPerSecond }) => decodeTokensPerSecond.median);
  const slowdown = decode[0]! / decode[1]!;
  const tokensHash = reports[0]!.tokensHash;
  if (isJson) return terminal.writeJson({ ...header, rows: reports, slowdown, tokensHash });
  return terminal.write(
    `\nThe whole wafer decodes ${slowdown.toFixed(2)} times as fast as the diced one. ` +
      `Same tokens, hash ${tokensHash};\ntraffic equals the plan to the byte.\n`,
  );
}

async function measure(
  rows: readonly BenchRow[],
  task: BenchTask,
  use: {
    repetitions: number;
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
  for (let repetition = 1; repetition <= use.repetitions; repetition++) {
    use.say(`repetition ${repetition} of ${use.repetitions}`);
    for (const row of rows) {
      await row.repeat(task);
      if (repetition < use.repetitions) continue;
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
  const grid = gridName(whole.resolved.plan.grid);
  const diced = { ...flags, grid, dice: flags.dice ?? DICE_DEFAULT };
  return [whole, waferSettings(model, diced, more)];
}

/** The model, without end tokens, so that every answer has the length that was asked for. */
async function openBenchModel(name: string): Promise<Model> {
  const model = await openModel(name);
  return { ...model, special: { ...model.special, ends: [] } };
}

function definedSizes(flags: BenchFlags): Partial<typeof SIZES> {
  const { promptTokens, maxTokens, repetitions } = flags;
  return Object.fromEntries(
    Object.entries({ promptTokens, maxTokens, repetitions }).filter(
      ([, value]) => value !== undefined,
    ),
  );
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
  promptTokens: number;
  generatedTokens: number;
  repetitions: number;
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
    promptTokens: sizes.promptTokens,
    generatedTokens: sizes.maxTokens,
    repetitions: sizes.repetitions,
  };
}

function headerText(header: Header): string {
  const { machine } = header;
  return [
    `wafer bench · ${header.model} · ${header.date}`,
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.platform}`,
    `wall clock · prompt of ${header.promptTokens} tokens, ${header.generatedTokens} generated · ` +
      `medians of ${header.repetitions} interleaved repetitions`,
    `grid ${header.grid}, ${header.threads} threads, ${header.rounding} rounding · ` +
      'prefill counts prompt tokens, decode the tokens after the first',
  ].join('\n');
}
