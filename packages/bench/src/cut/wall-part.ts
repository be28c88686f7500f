/**
 * The part of the bench that really runs: a whole wafer, and the same one diced by each real link.
 *
 * Rows take turns, the first one changing from repetition to repetition, so that a busy machine
 * slows all of them. They must answer with the same tokens, and their traffic must equal the plan
 * to the byte; otherwise the bench fails.
 */
import { assert, gridName } from '@wafer/core';
import type { Wafer, WaferOptions } from '@wafer/runtime';
import { turnsOf } from '../statistics.ts';
import type { WaferSettings } from './wafer-settings.ts';
import { reportRow } from './bench-report.ts';
import type { RowReport } from './bench-report.ts';
import { BenchRow } from './bench-row.ts';
import type { BenchTask } from './bench-row.ts';
import type { MeasuredLink } from './measured-links.ts';

/** Unless they were asked for: fewer where the machine is slow. */
export const REPETITIONS_MIN = 3;
export const REPETITIONS_MAX = 5;
const MEASURE_MS = 12_000;

export interface WallInput {
  whole: WaferSettings;
  /** The same, cut; started once per link. */
  diced: WaferSettings;
  links: readonly MeasuredLink[];
  task: BenchTask;
  repetitions: number | undefined;
}

/** Starts a wafer, however its caller shows it. */
export type StartWafer = (options: WaferOptions) => Promise<Wafer>;

export interface WallUse {
  /** Starts a wafer. */
  start: StartWafer;
  /** Told what is done next. */
  say: (text: string) => void;
  /** Called with each row as soon as it is summed up. */
  onRow: (report: RowReport) => Promise<void>;
  /** Called with the whole wafer before it is closed. */
  onWhole: (wafer: Wafer) => void;
}

/** Measures all rows. Throws: the signal's reason, and what starting and generating throw. */
export async function measureWall(input: WallInput, use: WallUse): Promise<RowReport[]> {
  const { whole, diced } = input;
  const grid = gridName(whole.resolved.plan.grid);
  const { chips, chipOf } = diced.resolved.dice;
  const name = `${grid} diced ${gridName(chips)}`;
  await using wafers = new AsyncDisposableStack();
  const wholeWafer = wafers.use(await use.start(whole.options));
  const first = { name: `${grid} whole`, link: undefined, wafer: wholeWafer };
  const rows = [new BenchRow({ ...first, chipOf: whole.resolved.dice.chipOf })];
  for (const { name: link, options } of input.links) {
    const given = { ...diced.options, ...options };
    const wafer = wafers.use(await use.start(given));
    rows.push(new BenchRow({ name: `${name} ${link}`, link, wafer, chipOf }));
  }
  await repeatAll(rows, input, use.say);
  const reports: RowReport[] = [];
  for (const row of rows) {
    await row.audit();
    const report = reportRow(row, rows[0]!);
    reports.push(report);
    await use.onRow(report);
  }
  use.onWhole(wholeWafer);
  return reports;
}

async function repeatAll(
  rows: readonly BenchRow[],
  { task, repetitions }: WallInput,
  say: (text: string) => void,
): Promise<void> {
  for (const row of rows) {
    say(`warming up ${row.name}`);
    await row.warmUp(task);
  }
  const wanted = rows[0]?.tokens.join();
  const startMs = performance.now();
  const isEnough = (done: number): boolean => {
    if (repetitions !== undefined) return done === repetitions;
    const isLong = performance.now() - startMs > MEASURE_MS;
    return done >= (isLong ? REPETITIONS_MIN : REPETITIONS_MAX);
  };
  for (let repetition = 0; !isEnough(repetition); repetition++) {
    say(`repetition ${repetition + 1}`);
    for (const row of turnsOf(rows, repetition)) await row.repeat(task);
  }
  for (const row of rows) {
    const tokens = row.tokens.join();
    assert(tokens === wanted, 'rows give the same tokens', { row: row.name, tokens, wanted });
  }
}
