/**
 * What `wafer bench train` found, as lines of text.
 */
import { formatBytes } from '@wafer/core';
import type { TrainBenchReport, TrainBenchRow } from './run-train.ts';

/** A line a row, under what one and two threads can multiply and add. */
export function trainLines({ peaks, rows }: TrainBenchReport): string[] {
  const [one, two] = peaks.map((peak) => peak.toFixed(1));
  return [
    `multiply-adds of one thread ${one} GFLOP/s, of two ${two}`,
    'over a cut: bytes are measured where there is one, else computed, as the bubble is',
    ...rows.map(lineOf),
  ];
}

function lineOf(row: TrainBenchRow): string {
  const { shape, arrangement, rows, tokensPerSecond, shareOfPeak, gain, bar, cut, measured } = row;
  const { shareByProcessorTime: byTime } = row;
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const wanted = bar === undefined ? '' : ` (bar ${bar})`;
  const bubble = cut.bubble > 0 ? `, bubble ${percent(cut.bubble)}` : '';
  const { bytes, waitShare, exchangeShare } = measured;
  const crossed = bytes > 0 ? bytes : cut.bytes;
  const waits = waitShare > 0 ? `, ${percent(waitShare)} of the rows waited` : '';
  const ends = exchangeShare > 0 ? `, ${percent(exchangeShare)} in exchanges` : '';
  const sent =
    crossed > 0 ? `, ${formatBytes(crossed)} a step over the cut${bubble}${waits}${ends}` : '';
  const memory =
    row.takenBytes === null
      ? ''
      : `, ${formatBytes(row.takenBytes)} taken of ${formatBytes(row.plannedBytes)} planned`;
  return (
    `shape ${shape.padEnd(4)} ${arrangement.padEnd(16)} ${String(rows).padStart(2)} rows: ` +
    `${Math.round(tokensPerSecond)} tokens/s, ${percent(shareOfPeak)} of the peak` +
    `${byTime === null ? '' : ` (${percent(byTime)} by processor time)`}, ` +
    `${gain.toFixed(2)} times one thread${wanted}${sent}${memory} · ${row.hash}`
  );
}
