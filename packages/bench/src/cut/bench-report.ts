/**
 * What the bench measured on the wall clock, as plain data and as a table that grows row by row.
 */
import { Table } from '../table.ts';
import type { Column } from '../table.ts';
import { formatCount, formatRate } from '@wafer/core';
import { hashTokens } from '../hash.ts';
import { isNoisy, quantileOf, ratioByRound, spreadOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import type { BenchRow, TimeShares } from './bench-row.ts';

export interface RowReport {
  row: string;
  clock: 'wall';
  /** Undefined where nothing is cut. */
  link: string | undefined;
  repetitions: number;
  prefillTokensPerSecond: Spread;
  decodeTokensPerSecond: Spread;
  /** From piece to piece, over all repetitions. */
  tokenMs: { p50: number; p99: number };
  /** Of the median repetition by decoding speed. */
  shares: TimeShares;
  kerfBytesPerToken: number;
  kerfOverheadBytesPerToken: number;
  /** Decoding speed over the whole wafer's, repetition by repetition. */
  ratio: Spread;
  /** Whether repetitions of decoding were further apart than `NOISY_SPREAD`. */
  isNoisy: boolean;
  tokensHash: string;
}

/** Sums a row up, beside the row of the whole wafer. */
export function reportRow(row: BenchRow, whole: BenchRow): RowReport {
  const { name, link, repetitions, tokens } = row;
  const byDecode = repetitions.toSorted((a, b) => a.decodeRate - b.decodeRate);
  const middle = byDecode[Math.floor(byDecode.length / 2)]!;
  const rates = repetitions.map(({ decodeRate }) => decodeRate);
  const gapsMs = repetitions.flatMap((repetition) => repetition.gapsMs);
  const decodeTokensPerSecond = spreadOf(rates);
  const wholeRates = whole.repetitions.map(({ decodeRate }) => decodeRate);
  return {
    row: name,
    clock: 'wall',
    link,
    repetitions: repetitions.length,
    prefillTokensPerSecond: spreadOf(repetitions.map(({ prefillRate }) => prefillRate)),
    decodeTokensPerSecond,
    tokenMs:
      gapsMs.length === 0
        ? { p50: 0, p99: 0 }
        : { p50: quantileOf(gapsMs, 0.5), p99: quantileOf(gapsMs, 0.99) },
    shares: middle.shares,
    kerfBytesPerToken: middle.kerfBytesPerToken,
    kerfOverheadBytesPerToken: middle.kerfOverheadBytesPerToken,
    ratio: ratioByRound(rates, wholeRates),
    isNoisy: isNoisy(decodeTokensPerSecond),
    tokensHash: hashTokens(tokens),
  };
}

const TITLES = [
  'row',
  'prefill tok/s',
  'decode tok/s',
  '(min-max)',
  'of whole',
  'p50 ms',
  'p99 ms',
  'compute',
  'send',
  'wait',
  'idle',
  'B/token over kerf',
];

const DETAILS_FROM = TITLES.indexOf('p50 ms');

export const TABLE_HEAD: string = `${line(TITLES)}  note`;

/** All rows, for a terminal that is narrower than a line. */
export function rowTable(reports: readonly RowReport[]): Table {
  const columns = TITLES.map((title, i): Column => ({
    title,
    align: i === 0 ? 'left' : 'right',
    isDetail: i >= DETAILS_FROM,
  }));
  return new Table([...columns, { title: 'note' }], reports.map(cellsOf));
}

/** One line under `TABLE_HEAD`. */
export function rowLine(report: RowReport): string {
  const cells = cellsOf(report);
  const noisy = cells.pop();
  return noisy === '' ? line(cells) : `${line(cells)}  ${noisy}`;
}

function cellsOf(report: RowReport): string[] {
  const { prefillTokensPerSecond: prefill, decodeTokensPerSecond: decode, shares } = report;
  const share = (part: number): string => `${(part * 100).toFixed(1)}%`;
  return [
    report.row,
    formatRate(prefill.median),
    formatRate(decode.median),
    `(${formatRate(decode.min)}-${formatRate(decode.max)})`,
    `${report.ratio.median.toFixed(2)}x`,
    report.tokenMs.p50.toFixed(2),
    report.tokenMs.p99.toFixed(2),
    share(shares.compute),
    share(shares.send),
    share(shares.wait),
    share(shares.idle),
    formatCount(report.kerfBytesPerToken),
    report.isNoisy ? 'noisy' : '',
  ];
}

function line(cells: readonly string[]): string {
  const widths = [20, 13, 12, 15, 8, 7, 7, 7, 6, 6, 6, 17];
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
    .join(' ');
}
