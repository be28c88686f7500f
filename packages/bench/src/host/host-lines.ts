/**
 * What `wafer bench host` found, as lines of text: each row, and the errors of all.
 */
import { maxOf, plural } from '@wafer/core';
import { settingLines } from '../machine.ts';
import { isNoisy, medianOf } from '../statistics.ts';
import { Table } from '../table.ts';
import type { Column, Line } from '../table.ts';
import { MEDIAN } from './quantiles.ts';
import type { HostJudgment, HostReport } from './run-host.ts';

/** Errors of told against measured: half of the rows are within `median`, all within `largest`. */
export interface HostErrors {
  work: HostJudgment['work'];
  rows: number;
  median: number;
  largest: number;
}

/** Errors by work, of those that have rows. */
export function hostErrors(rows: readonly HostJudgment[]): HostErrors[] {
  return (['decode', 'prefill'] as const).flatMap((work) => {
    const errors = rows.filter((row) => row.work === work).map(({ ratio }) => Math.abs(ratio - 1));
    if (errors.length === 0) return [];
    return { work, rows: errors.length, median: medianOf(errors), largest: maxOf(errors, 0) };
  });
}

/** The report as lines. */
export function hostLines({ setting, rounds, quantile, rows }: HostReport): Line[] {
  const errors = hostErrors(rows).map(
    ({ work, rows: count, median, largest }) =>
      `${work}: ${plural(count, 'row')}, ` +
      `error ${percent(median)} at the median, ${percent(largest)} at most`,
  );
  const what = quantile === MEDIAN ? 'medians' : `the fastest ${percent(quantile)}`;
  return [
    ...settingLines(setting),
    `${what} of ${plural(rounds, 'round')}, figures and rows in turns; ` +
      'ms of a token, or of a prompt',
    '',
    new Table(COLUMNS, rows.map(cellsOf), { keyCount: 4 }),
    '',
    ...errors,
    'Gate: 10 % at the median, 25 % at most, on a machine that does nothing else.',
  ];
}

const right = (title: string): Column => ({ title, align: 'right' });
const detail = (title: string): Column => ({ ...right(title), isDetail: true });

const COLUMNS: readonly Column[] = [
  { title: 'model' },
  right('tiles'),
  { title: 'link' },
  { title: 'work' },
  right('measured ms'),
  right('range'),
  right('told ms'),
  right('told/measured'),
  { title: 'note' },
  detail('of rounds'),
  detail('ops ms'),
  detail('messages ms'),
  detail('turn ms'),
];

function cellsOf(row: HostJudgment): string[] {
  const { measuredMs, toldMs, ratio, ratioByRound, parts } = row;
  const ms = (ns: number): string => (ns / 1e6).toFixed(2);
  return [
    row.model,
    String(row.tiles),
    row.link,
    row.work,
    (toldMs / ratio).toFixed(2),
    `${measuredMs.min.toFixed(2)}-${measuredMs.max.toFixed(2)}`,
    toldMs.toFixed(2),
    ratio.toFixed(2),
    isNoisy(measuredMs) ? 'noisy' : '',
    `${ratioByRound.min.toFixed(2)}-${ratioByRound.max.toFixed(2)}`,
    ms(parts.opsNs + parts.callsNs),
    ms(parts.messagesNs),
    ms(parts.turnNs),
  ];
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
