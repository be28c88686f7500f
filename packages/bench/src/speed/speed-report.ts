/**
 * A speed report as text: one table of rows per model and type, and the bars at the end.
 */
import { formatFigure, plural } from '@wafer/core';
import { settingLines } from '../machine.ts';
import { isNoisy } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { table } from '../table.ts';
import type { Line, Table } from '../table.ts';
import type { BarRow } from './bars.ts';
import { barsOf } from './bars.ts';
import { engineName } from './contenders.ts';
import type { SpeedReport } from './run-speed.ts';
import type { MeasuredCeiling, SpeedGroup, SpeedRow } from './speed-row.ts';
import type { TimeShares } from '../task/speed-task.ts';

const TITLES = [
  ...['task', 'engine', '>threads', '>bits', '>median', '>range', 'unit', 'note', '(>compute)'],
  ...['(>send)', '(>wait)', '(>idle)', '(>GB/s)', '(>of read)', '(>GFLOP/s)', '(>of peak)'],
  '(tokens)',
];

/** The whole report. */
export function speedLines(report: SpeedReport): Line[] {
  const bars = barsOf(report.groups);
  return [
    ...settingLines(report.setting),
    `medians of ${plural(report.rounds, 'interleaved round')}, ranges beside them; ` +
      "bits are of V8's vectors",
    'bytes: packed weights and KV read per token; shares of ceilings measured in the same run',
    ...report.groups.flatMap((group) => ['', ...groupLines(group)]),
    ...(bars.length > 0 ? ['', barLines(bars)] : []),
    '',
    `tokens of all wafers: hash ${report.tokensHash}`,
  ];
}

function groupLines(group: SpeedGroup): Line[] {
  const differences = Object.entries(group.logitsDifferences).flatMap(([engine, difference]) =>
    engine === 'wafer' ? [] : [`${engine}: ${difference.toExponential(1)}`],
  );
  return [
    `${group.model}, ${(group.readBytesPerToken / 1e6).toFixed(1)} MB of weights read per token`,
    'ceilings of this machine:',
    ceilingTable(group.ceilings),
    ...(differences.length > 0 ? [`logits differ by at most ${differences.join(', ')}`] : []),
    '',
    table(TITLES, group.rows.map(cellsOf), { keyCount: 4 }),
  ];
}

/** What the machine can do at most, a row for each number of threads and width of vectors. */
function ceilingTable(ceilings: readonly MeasuredCeiling[]): Table {
  const rows = new Map<string, string[]>();
  for (const { task, isRevectorized, value } of ceilings) {
    const key = [String(task.threadCount), isRevectorized ? '256' : '128'];
    const row = rows.getOrInsert(key.join(' '), [...key, '', '']);
    row[task.quantity === 'read' ? 2 : 3] = number(value.median);
  }
  const titles = ['>threads', '>bits', '>read GB/s', '>multiply-add GFLOP/s'];
  return table(titles, [...rows.values()], { keyCount: 2 });
}

function cellsOf(row: SpeedRow): string[] {
  const { isRevectorized, value, shares } = row;
  const bits = isRevectorized === undefined ? '' : isRevectorized ? '256' : '128';
  return [
    ...[row.name, engineName(row), String(row.threads), bits, number(value.median)],
    ...[range(value), row.unit, isNoisy(value) ? 'noisy' : ''],
    ...(['compute', 'send', 'wait', 'idle'] as const).map((part) => tiles(shares, part)),
    ...[number(row.gigabytesPerSecond), percent(row.readShare)],
    ...[number(row.gigaflopsPerSecond), percent(row.fmaShare)],
    row.tokensHash.slice(0, 8),
  ];
}

/** `what | wafer | peer | ratio | bar | met?`, where met has a mark for a reader's eye. */
export function barLines(bars: readonly BarRow[]): Table {
  return table(
    ['what', '>wafer', '>other', 'unit', 'against', '>ratio', '>bar', 'met?'],
    bars.map(({ what, wafer, other, unit, against, ratio, bar, isAtMost, isMet }) => [
      ...[what, number(wafer), number(other), unit, against, ratio.toFixed(2)],
      ...[`${isAtMost ? '<=' : '>='} ${bar.toFixed(2)}`, isMet ? 'yes' : 'no'],
    ]),
  );
}

/** Shares of each tile, as `93/91%`. */
function tiles(shares: readonly TimeShares[] | undefined, part: keyof TimeShares): string {
  if (shares === undefined) return '';
  return `${shares.map((share) => (share[part] * 100).toFixed(0)).join('/')}%`;
}

function range({ min, max }: Spread): string {
  return `${number(min)}-${number(max)}`;
}

function number(value: number | undefined): string {
  return value === undefined ? '' : formatFigure(value);
}

function percent(share: number | undefined): string {
  return share === undefined ? '' : `${(share * 100).toFixed(0)}%`;
}
