/**
 * Microseconds of a token cause by cause, each bar where the one before it ends: they add up.
 */
import { maxOf, minOf } from '@wafer/core';
import { waterfallBetween } from '@wafer/timing';
import type { ProjectedTime } from '@wafer/timing';
import { drawing, element, svgText } from '../report/markup.ts';

/** A cause and what it adds; below 0 where it takes away. */
export interface CauseStep {
  readonly name: string;
  readonly us: number;
  readonly note: string;
}

export interface CauseChart {
  readonly width: number;
  readonly title: string;
  /** Where the first bar begins, with the name of that time; absent begins at 0. */
  readonly from?: { readonly name: string; readonly us: number };
  /** Name of the sum. */
  readonly to: string;
  /** Microseconds at the end of the scale, where charts share one. Default: the longest bar's. */
  readonly mostUs?: number;
}

const ROW_HEIGHT = 24;
const NAME_WIDTH = 158;
const NOTE_WIDTH = 156;
/** Below this, names and notes stand above their bars. */
const NARROW_WIDTH = 500;

/** The chart: causes that add nothing are left out, the whole stands below. */
export function causeChart(steps: readonly CauseStep[], options: CauseChart): string {
  const { width, title, from, to, mostUs = 1 } = options;
  const shown = steps.filter(({ us }) => us !== 0);
  let at = from?.us ?? 0;
  const bars = shown.map(({ us }) => {
    const bar = { start: at, end: at + us };
    at += us;
    return bar;
  });
  const ends = [from?.us ?? 0, at, ...bars.flatMap(({ start, end }) => [start, end])];
  const [least, most] = [minOf(ends, 0), maxOf(ends, mostUs)];
  const isNarrow = width < NARROW_WIDTH;
  const first = isNarrow ? 0 : NAME_WIDTH;
  const room = isNarrow ? width : width - NAME_WIDTH - NOTE_WIDTH;
  const scale = (us: number): number => first + ((us - least) / (most - least)) * room;
  const lines: [name: string, start: number, end: number, note: string, color: string][] = [];
  if (from) lines.push([from.name, 0, from.us, microseconds(from.us), 'c0']);
  for (const [i, { name, us, note }] of shown.entries()) {
    const color = from === undefined ? 'c1' : us > 0 ? 'c2' : 'c3';
    lines.push([name, bars[i]!.start, bars[i]!.end, note, color]);
  }
  lines.push([to, 0, at, microseconds(at), 'c0']);
  const rowHeight = rowHeightAt(width);
  const rows = lines.map(([name, start, end, note, color], row) => {
    const y = row * rowHeight + 4;
    const [left, right] = [scale(Math.min(start, end)), scale(Math.max(start, end))];
    const bar = { x: left, width: Math.max(1, right - left), height: 16, rx: 2 };
    if (isNarrow) {
      return [
        svgText({ x: 0, y: y + 12, class: 't' }, name),
        svgText({ x: width, y: y + 12, class: 't m', anchor: 'end' }, note),
        element('rect', { class: `mark ${color}`, ...bar, y: y + 17 }),
      ].join('');
    }
    return [
      svgText({ x: NAME_WIDTH - 8, y: y + 12, class: 't', anchor: 'end' }, name),
      element('rect', { class: `mark ${color}`, ...bar, y }),
      svgText({ x: right + 6, y: y + 12, class: 't m' }, note),
    ].join('');
  });
  const height = causeChartHeight(steps, options);
  return drawing({ width, height, class: 'chart causes' }, title, ...rows);
}

/** Where the longest bar of all waterfalls ends, microseconds: the scale that they share. */
export function waterfallScaleUs(from: ProjectedTime, others: readonly ProjectedTime[]): number {
  return maxOf(
    others.flatMap((to) => {
      let at = from.tokenUs;
      return waterfallBetween(from, to).map(({ changeUs }) => (at += changeUs));
    }),
    from.tokenUs,
  );
}

/** How high it is. */
export function causeChartHeight(
  steps: readonly CauseStep[],
  { width, from }: Pick<CauseChart, 'width' | 'from'>,
): number {
  const causes = steps.filter(({ us }) => us !== 0).length;
  return (causes + (from ? 2 : 1)) * rowHeightAt(width) + 6;
}

function rowHeightAt(width: number): number {
  return width < NARROW_WIDTH ? 2 * ROW_HEIGHT - 8 : ROW_HEIGHT;
}

/** Microseconds to three digits, thousands whole. */
export function microseconds(us: number): string {
  const text = Math.abs(us) >= 1000 ? Math.round(us).toLocaleString('en') : us.toPrecision(3);
  return `${text} us`;
}
