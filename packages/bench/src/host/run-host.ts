/**
 * `wafer bench host`: this host as a machine, against what its wafers really take.
 *
 * Figures and rows are measured in turns, round by round, so that whoever else uses the machine
 * slows both. Each round is judged by its own figures; a row tells the median of its rounds, and
 * how far they were apart.
 */
import { append, assert, plural } from '@wafer/core';
import type { Model } from '@wafer/runtime';
import type { HostFigures, HostTime, KernelTime } from '@wafer/timing';
import { describeSetting } from '../machine.ts';
import type { Setting } from '../machine.ts';
import { spreadOf, turnsOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { gridOptions, linksOf, openKernels, taskOf } from './asked.ts';
import type { HostBench } from './asked.ts';
import { HostRow } from './host-row.ts';
import type { HostRowName, HostTimes } from './host-row.ts';
import { quantilesOf, timeAt } from './quantiles.ts';
import { SmallBench } from './small-bench.ts';
import type { SmallTimes } from './small-bench.ts';

/** A row: what was told over what was measured, and what the told time is made of. */
export interface HostJudgment extends HostRowName {
  work: 'prefill' | 'decode';
  measuredMs: Spread;
  /** By the figures of all rounds. */
  toldMs: number;
  /** Told over what was measured in all rounds. */
  ratio: number;
  /** Told by each round's own figures over what was measured in it. */
  ratioByRound: Spread;
  parts: Omit<HostTime, 'stepNs'>;
}

export interface HostReport {
  setting: Setting;
  rounds: number;
  quantile: number;
  rows: HostJudgment[];
  /** Of all rounds, by row. */
  figures: (HostRowName & { figures: HostFigures })[];
}

/** Measures figures and rows, and judges. Throws: what starting and generating throw. */
export async function runHost(options: HostBench): Promise<HostReport> {
  const { rounds, quantile, maxTokens } = options;
  assert(maxTokens >= 2, 'an answer has a token after its first', { maxTokens });
  const setting = describeSetting();
  const report: HostReport = { setting, rounds, quantile, rows: [], figures: [] };
  await using stack = new AsyncDisposableStack();
  const small = await SmallBench.open(options, stack);
  for (const one of options.models) {
    for (const tiles of options.tiles) {
      options.say(`${one.name} on ${plural(tiles, 'tile')}`);
      await judgeGrid(report, { ...options, ...one, tiles, small });
    }
  }
  return report;
}

interface GridUse extends Omit<HostBench, 'tiles'> {
  name: string;
  model: Model;
  tiles: number;
  small: SmallBench;
}

async function judgeGrid(report: HostReport, use: GridUse): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const rows: HostRow[] = [];
  for (const link of linksOf(use.tiles, use.links)) {
    const name = { model: use.name, tiles: use.tiles, link: link.name };
    const given = { ...gridOptions(use.tiles), ...link.options };
    const row = await HostRow.open(name, { ...use, task: taskOf(use, use.model), options: given });
    stack.use(row.wafer);
    rows.push(row);
  }
  const kernels = stack.use(await openKernels(use, [{ model: use.model, tiles: use.tiles }]));
  const rounds: Round[] = [];
  for (let i = 0; i < use.rounds; i++) {
    use.signal.throwIfAborted();
    const small = await use.small.measure();
    const own = await kernels.sample();
    const times = new Map<HostRow, HostTimes>();
    for (const row of turnsOf(rows, i)) times.set(row, await row.measure(use.quantile));
    rounds.push({ small, kernels: own, times: rows.map((row) => times.get(row)!) });
  }
  const told = figuresOf(use.small, quantilesOf(rounds, use.quantile));
  const byRound = rounds.map((round) => figuresOf(use.small, round));
  for (const [i, row] of rows.entries()) {
    const { link } = row.name;
    report.figures.push({ ...row.name, figures: told[link]! });
    const judged = rounds.map(({ times }, round) => ({
      measured: times[i]!,
      figures: byRound[round]![link]!,
    }));
    append(report.rows, judgmentsOf(row, judged, { figures: told[link]!, quantile: use.quantile }));
  }
}

/** What one round found; of rows in their order. */
interface Round {
  small: SmallTimes;
  kernels: KernelTime[];
  times: HostTimes[];
}

/** By link. */
function figuresOf(
  small: SmallBench,
  { small: times, kernels }: Round,
): Readonly<Record<string, HostFigures>> {
  const found = Object.entries(small.figures(times));
  return Object.fromEntries(found.map(([link, figures]) => [link, { ...figures, kernels }]));
}

interface JudgedRound {
  figures: HostFigures;
  measured: HostTimes;
}

function judgmentsOf(
  row: HostRow,
  rounds: readonly JudgedRound[],
  { figures, quantile }: { figures: HostFigures; quantile: number },
): HostJudgment[] {
  const works = [
    { work: 'decode', tell: (by: HostFigures) => row.told.decode(by), of: 'decodeMs' },
    { work: 'prefill', tell: (by: HostFigures) => row.told.prefill(by), of: 'prefillMs' },
  ] as const;
  return works.map(({ work, tell, of }) => {
    const { stepNs, ...parts } = tell(figures);
    const measured = rounds.map((round) => round.measured[of]);
    const ratios = rounds.map((round, i) => tell(round.figures).stepNs / 1e6 / measured[i]!);
    const toldMs = stepNs / 1e6;
    return {
      ...row.name,
      work,
      measuredMs: spreadOf(measured),
      toldMs,
      ratio: toldMs / timeAt(measured, quantile),
      ratioByRound: spreadOf(ratios),
      parts,
    };
  });
}
