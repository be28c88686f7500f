/**
 * What the bench found, as plain data and as a table that grows row by row.
 */
import { spreadOf } from '@wafer/bench';
import type { Spread } from '@wafer/bench';
import { createHash } from 'node:crypto';
import { availableParallelism, cpus } from 'node:os';
import { formatCount, formatRate } from '../format.ts';
import type { BenchRow, TimeShares } from './bench-row.ts';

export interface RowReport {
  row: string;
  repetitions: number;
  prefillTokensPerSecond: Spread;
  decodeTokensPerSecond: Spread;
  /** Of the median repetition by decoding speed. */
  shares: TimeShares;
  kerfBytesPerToken: number;
  tokensHash: string;
}

/** The machine a bench ran on. */
export interface Machine {
  cpu: string;
  cores: number;
  node: string;
  platform: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

export function reportRow(row: BenchRow): RowReport {
  const { name, repetitions, tokens } = row;
  const byDecode = repetitions.toSorted((a, b) => a.decodeRate - b.decodeRate);
  const middle = byDecode[Math.floor(byDecode.length / 2)]!;
  return {
    row: name,
    repetitions: repetitions.length,
    prefillTokensPerSecond: spreadOf(repetitions.map(({ prefillRate }) => prefillRate)),
    decodeTokensPerSecond: spreadOf(repetitions.map(({ decodeRate }) => decodeRate)),
    shares: middle.shares,
    kerfBytesPerToken: middle.kerfBytesPerToken,
    tokensHash: hashTokens(tokens),
  };
}

/** First 16 hexadecimal digits of the SHA-256 of the ids as little-endian 32-bit words. */
export function hashTokens(tokens: readonly number[]): string {
  const bytes = new DataView(new ArrayBuffer(tokens.length * 4));
  tokens.forEach((token, i) => bytes.setUint32(i * 4, token, true));
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

export const TABLE_HEAD: string = line([
  'row',
  'prefill tok/s',
  '(min-max)',
  'decode tok/s',
  '(min-max)',
  'compute',
  'send',
  'wait',
  'idle',
  'B/token over kerf',
]);

/** One line under `TABLE_HEAD`. */
export function rowLine(report: RowReport): string {
  const { prefillTokensPerSecond: prefill, decodeTokensPerSecond: decode, shares } = report;
  const range = ({ min, max }: Spread): string => `(${formatRate(min)}-${formatRate(max)})`;
  const share = (part: number): string => `${(part * 100).toFixed(1)}%`;
  return line([
    report.row,
    formatRate(prefill.median),
    range(prefill),
    formatRate(decode.median),
    range(decode),
    share(shares.compute),
    share(shares.send),
    share(shares.wait),
    share(shares.idle),
    formatCount(report.kerfBytesPerToken),
  ]);
}

function line(cells: readonly string[]): string {
  const widths = [20, 13, 15, 12, 15, 7, 6, 6, 6, 17];
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
    .join(' ');
}
