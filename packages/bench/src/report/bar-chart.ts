/**
 * Horizontal bars with their names above or beside them, whiskers from the least to the most.
 */
import { maxOf } from '@wafer/core';
import { rate, shorten, ticksTo } from './figures.ts';
import { drawing, element, stripes, svgText } from './markup.ts';

export interface Bar {
  name: string;
  value: number;
  /** Drawn as a whisker. */
  range?: { min: number; max: number };
  /** After the value, as `82% kept`. */
  note?: string;
  color: 'c1' | 'c2' | 'c3' | 'c4' | 'c0';
  isStriped?: boolean;
}

export interface BarChartOptions {
  width: number;
  /** Of the page, for stripes. */
  id: string;
  title: string;
  /** Of the axis, with its unit. */
  axis: string;
  format?: (value: number) => string;
}

/** A row per bar; on narrow drawings names stand above their bars. */
export function barChart(bars: readonly Bar[], options: BarChartOptions): string {
  const { width, id, title, axis, format = rate } = options;
  const isNarrow = width < 560;
  const left = isNarrow ? 2 : 210;
  const right = isNarrow ? 92 : 120;
  const rowHeight = isNarrow ? 40 : 27;
  const most = maxOf(bars.map(({ value, range }) => range?.max ?? value));
  const ticks = ticksTo(most, isNarrow ? 3 : 5);
  const scale = (width - left - right) / ticks.at(-1)!;
  const bottom = 8 + bars.length * rowHeight;
  const grid = ticks.map((tick) => {
    const x = left + tick * scale;
    return (
      element('line', { class: 'grid', x1: x, x2: x, y1: 6, y2: bottom }) +
      svgText({ x, y: bottom + 16, class: 't m', anchor: 'middle' }, tick === 0 ? '' : format(tick))
    );
  });
  const rows = bars.map((bar, i) => {
    const y = 8 + i * rowHeight;
    const barY = isNarrow ? y + 18 : y + 4;
    const end = left + Math.max(bar.range?.max ?? 0, bar.value) * scale;
    const length = isNarrow ? 44 : 30;
    const name = isNarrow
      ? svgText({ x: left, y: y + 13, class: 't' }, shorten(bar.name, length))
      : svgText({ x: left - 10, y: y + 18, class: 't', anchor: 'end' }, shorten(bar.name, length));
    const fill = bar.isStriped ? `url(#${id}-${bar.color})` : undefined;
    const rect = { x: left, y: barY, width: Math.max(1, bar.value * scale), height: 17, rx: 2 };
    const color = fill === undefined ? `mark ${bar.color}` : 'mark';
    const value = svgText({ x: end + 6, y: barY + 13, class: 't v' }, format(bar.value));
    const offset = format(bar.value).length * 7.4 + 14;
    const note = svgText({ x: end + offset, y: barY + 13, class: 't m' }, bar.note ?? '');
    return [name, element('rect', { class: color, ...rect, fill }), whisker(bar, barY, left, scale)]
      .concat(value, note)
      .join('');
  });
  const colors = [...new Set(bars.filter(({ isStriped }) => isStriped).map(({ color }) => color))];
  return drawing(
    { width, height: bottom + 42, class: 'chart bars' },
    title,
    element('defs', {}, ...colors.map((color) => stripes(`${id}-${color}`, color))),
    ...grid,
    ...rows,
    svgText({ x: left, y: bottom + 36, class: 't m' }, axis),
  );
}

function whisker(bar: Bar, y: number, left: number, scale: number): string {
  if (!bar.range) return '';
  const [from, to] = [left + bar.range.min * scale, left + bar.range.max * scale];
  const middle = y + 8.5;
  const path = `M${from} ${middle - 5}v10M${to} ${middle - 5}v10M${from} ${middle}H${to}`;
  return element('path', { class: 'whisker', d: path.replaceAll(/\d+\.\d+/g, short) });
}

function short(number: string): string {
  return Number(number).toFixed(2);
}
