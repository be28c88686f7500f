/**
 * Tables of described machines for people.
 */
import { Table } from '../table.ts';
import type { Column } from '../table.ts';
import { formatBytes, formatDuration } from '@wafer/core';
import type { InterconnectRow, ScalingRow, Sweep, SweepCell, WaterfallRow } from '@wafer/timing';

/** Letters of the heat map, by what most of the longest chain of events is spent on. */
export const LETTERS: Readonly<Record<SweepCell['bottleneck'], string>> = {
  flops: 'a',
  memory: 'm',
  floor: 'k',
  fabric: 'f',
  bandwidth: 'B',
  latency: 'L',
  overhead: 'S',
};

export const LEGEND =
  'B bandwidth, L latency, S software of the link; m memory, a arithmetic, k kernel floors, f mesh';

const right = (title: string): Column => ({ title, align: 'right' });
const detail = (title: string): Column => ({ ...right(title), isDetail: true });

/** One row per interconnect. */
export function interconnectTable(rows: readonly InterconnectRow[]): Table {
  const columns = [
    { title: 'interconnect' },
    { title: 'all-reduce' },
    ...['tokens/s', 'us per step', 'kept'].map(right),
    { title: 'most of it' },
    ...['compute', 'transfer', 'wait', 'kerf bytes'].map(detail),
  ];
  return new Table(
    columns,
    rows.map((row) => [
      row.name,
      row.collective ?? '',
      rate(row.tokensPerS),
      (row.stepNs / 1e3).toFixed(1),
      row.kept === undefined ? '' : percent(row.kept),
      row.bottleneck,
      percent(row.shares.compute),
      percent(row.shares.transfer),
      percent(row.shares.wait),
      row.link === undefined ? '' : formatBytes(row.kerfBytesPerStep),
    ]),
    { keyCount: 2 },
  );
}

/** Waterfalls side by side, a column each. */
export function waterfallTable(
  falls: readonly { title: string; rows: readonly WaterfallRow[] }[],
): Table {
  const names = ['uncut wafer', ...(falls[0]?.rows.slice(1).map(({ name }) => name) ?? [])];
  return new Table(
    [{ title: 'turned on' }, ...falls.map(({ title }) => right(title))],
    names.map((name, i) => [
      name,
      ...falls.map(({ rows }) => `${rate(rows[i]!.tokensPerS)} ${percent(rows[i]!.kept)}`),
    ]),
  );
}

/** Rows of latency, columns of bandwidth; each cell with what is kept and why not more. */
export function sweepTable(sweep: Sweep, style: (cell: SweepCell, text: string) => string): Table {
  const rates = [...new Set(sweep.cells.map((cell) => cell.bandwidthBytesPerS))];
  const latencies = [...new Set(sweep.cells.map((cell) => cell.latencyNs))];
  const rows = latencies.map((latencyNs, row) => {
    const cells = rates.map((_, column) => {
      const cell = sweep.cells[row * rates.length + column]!;
      return style(cell, `${percent(cell.kept)} ${LETTERS[cell.bottleneck]}`);
    });
    return [formatDuration(latencyNs), ...cells];
  });
  return new Table([right('latency'), ...rates.map((each) => right(formatRateUnit(each)))], rows);
}

/** One row per work, cut and number of chips. */
export function scalingTable(rows: readonly (ScalingRow & { collective: string })[]): Table {
  const columns = [{ title: 'work' }, { title: 'cut' }, { title: 'all-reduce' }];
  const figures = ['chips', 'tokens/s', 'speedup', 'kept'].map(right);
  return new Table(
    [...columns, ...figures, { title: 'most of it', isDetail: true }],
    rows.map(({ work, cut, collective, chipCount, tokensPerS, speedup, kept, bottleneck }) => [
      work,
      cut,
      cut === 'tensor' ? collective : '',
      String(chipCount),
      rate(tokensPerS),
      `${speedup.toFixed(2)}x`,
      percent(kept),
      bottleneck,
    ]),
    { keyCount: 4 },
  );
}

function formatRateUnit(bytesPerS: number): string {
  return bytesPerS >= 1e12
    ? `${significant(bytesPerS / 1e12)} TB/s`
    : `${significant(bytesPerS / 1e9)} GB/s`;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}%`;
}

function rate(perSecond: number): string {
  return perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toPrecision(3);
}
