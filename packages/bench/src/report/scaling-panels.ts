/**
 * Rows of scaling as panels of lines: speed over chips for some works, and what is kept over batch.
 */
import { maxOf, minOf } from '@wafer/core';
import type { ScaledRow } from '../described/scaling-rows.ts';
import { percent } from './figures.ts';
import type { Line, LinesOptions, LineStyle } from './scaling-chart.ts';

export interface Panel {
  lines: Line[];
  options: LinesOptions;
}

/** Batches that have a panel of their own. */
const BATCHES_SHOWN = [1, 8, 32];

const NAMES: readonly (readonly [LineStyle, string])[] = [
  ['wafer', 'wafer tiles'],
  ['custom', 'chips, custom'],
  ['nccl', 'chips, NCCL'],
  ['pipeline', 'pipeline'],
];

/** One panel per shown work. */
export function panelsOf(rows: readonly ScaledRow[]): Panel[] {
  const shown = rows.filter(({ batch }) => batch === undefined || BATCHES_SHOWN.includes(batch));
  return [...new Set(shown.map(({ work }) => work))].map((work) => {
    const own = rows.filter((row) => row.work === work);
    const one = own.find(({ cut, chipCount }) => cut === 'tensor' && chipCount === 1)!.tokensPerS;
    const counts = [...new Set(own.map(({ chipCount }) => chipCount))].toSorted((a, b) => a - b);
    const lines = NAMES.flatMap(([style, name]): Line[] => {
      const points = own
        .filter((row) => styleOf(row) === style)
        .map(({ chipCount: x, tokensPerS }) => ({ x, y: tokensPerS / one }));
      // One chip has no stages; its speed is where they begin.
      const start = style === 'pipeline' ? [{ x: 1, y: 1 }] : [];
      return points.length === 0 ? [] : [{ style, name, points: [...start, ...points] }];
    });
    const ideal: Line = {
      style: 'ideal',
      name: 'linear in chips',
      points: counts.map((count) => ({ x: count, y: count })),
    };
    const most = counts.at(-1) ?? 1;
    const speedOf = (style: LineStyle): string | undefined => {
      const last = own.find((row) => styleOf(row) === style && row.chipCount === most);
      return last && (last.tokensPerS / one).toFixed(1);
    };
    const fast = ['custom', 'nccl'].flatMap((style) => speedOf(style as LineStyle) ?? []);
    const note = `${most} chips ${fast.join('× or ')}×, wafer ${speedOf('wafer') ?? '?'}×`;
    const axis = 'chips, or tiles of a whole wafer; one chip = 1×';
    return { lines: [...lines, ideal], options: { title: work, note, axis, scale: 'factor' } };
  });
}

/** What the interconnect leaves at the largest number of chips, over the size of the batch. */
export function batchLines(rows: readonly ScaledRow[]): Panel | undefined {
  const most = maxOf(rows.map(({ chipCount }) => chipCount));
  const decodes = rows
    .filter(({ chipCount, cut }) => chipCount === most && cut !== 'tiles')
    .flatMap((row) => (row.batch === undefined ? [] : [{ row, batch: row.batch }]));
  const lines = NAMES.flatMap(([style, name]): Line[] => {
    const points = decodes
      .filter(({ row }) => styleOf(row) === style)
      .map(({ row, batch }) => ({ x: batch, y: row.kept }));
    return points.length === 0 ? [] : [{ style, name, points }];
  });
  if (lines.every(({ points }) => points.length < 2)) return undefined;
  const kept = decodes.filter(({ row }) => row.cut === 'tensor').map(({ row }) => row.kept);
  const note = `tensor shares keep ${percent(minOf(kept))} to ${percent(maxOf(kept))}`;
  const title = `Kept of free links, by batch, ${most} chips`;
  return { lines, options: { title, note, axis: 'sequences that decode at once', scale: 'share' } };
}

function styleOf({ cut, collective }: ScaledRow): LineStyle {
  if (cut === 'tiles') return 'wafer';
  if (cut === 'pipeline') return 'pipeline';
  return collective === 'nccl' ? 'nccl' : 'custom';
}
