/**
 * What `wafer bench train` found, as a table.
 */
import { formatBytes } from '@wafer/core';
import { table } from '../table.ts';
import type { Line } from '../table.ts';
import type { TrainBenchReport, TrainBenchRow } from './run-train.ts';
import type { TrainPeerRow } from './train-peers.ts';

const TITLES = [
  ...['shape', 'arrangement', '>rows', '>tokens/s', '>of peak', '>by processor', '>times one'],
  ...['>bar', '(>over the cut)', '(>bubble)', '(>waited)', '(>exchanges)', '(>taken)'],
  ...['(>planned)', '(hash)'],
];

/** A row each, under what one and two threads can multiply and add. */
export function trainLines({ peaks, rows, peers }: TrainBenchReport): Line[] {
  const [one, two] = peaks.map((peak) => peak.toFixed(1));
  return [
    `multiply-adds of one thread ${one} GFLOP/s, of two ${two}`,
    'shares are of that peak, by the wall and by processor time; "times one": of one thread',
    'over the cut: bytes of a step, measured where there is a cut, else computed, as the bubble is',
    table(TITLES, rows.map(cellsOf), { keyCount: 3 }),
    ...(peers.length > 0 ? ['', ...peerLines(peers)] : []),
  ];
}

const PEER_TITLES = ['shape', 'peer', '>threads', '>rows', '>tokens/s', '>two replicas', '>bar'];

function peerLines(peers: readonly TrainPeerRow[]): Line[] {
  const cells = peers.map(({ shape, peer, threads, rows, ...row }) => [
    ...[shape, [`${peer} ${row.version}`, row.blas, row.vectors ?? 'of any width'].join(', ')],
    ...[String(threads), String(rows)],
    ...[String(Math.round(row.tokensPerSecond)), row.ratio.toFixed(2)],
    row.bar === null ? '' : row.bar.toFixed(1),
  ]);
  return [
    'other trainers, in turns with the above; "two replicas": ours over theirs',
    table(PEER_TITLES, cells, { keyCount: 2 }),
  ];
}

function cellsOf(row: TrainBenchRow): string[] {
  const percent = (share: number | null): string =>
    share === null ? '' : `${Math.round(share * 100)}%`;
  const some = (share: number): string => (share > 0 ? percent(share) : '');
  const { shape, arrangement, cut, measured, bar, takenBytes } = row;
  const crossed = measured.bytes > 0 ? measured.bytes : cut.bytes;
  return [
    ...[shape, arrangement, String(row.rows), String(Math.round(row.tokensPerSecond))],
    ...[percent(row.shareOfPeak), percent(row.shareByProcessorTime), row.gain.toFixed(2)],
    ...[bar === undefined ? '' : String(bar), crossed > 0 ? formatBytes(crossed) : ''],
    ...[some(cut.bubble), some(measured.waitShare), some(measured.exchangeShare)],
    ...[takenBytes === null ? '' : formatBytes(takenBytes), formatBytes(row.plannedBytes)],
    row.hash,
  ];
}
