/**
 * What the described machines predict against what was published: a point a row, both axes
 * logarithmic, each row in its own unit. On the line, both are equal.
 */
import { maxOf, minOf, plural } from '@wafer/core';
import type { ValidationRow } from '@wafer/timing';
import { drawing, element, escapeText, svgText } from './markup.ts';

const PLOT = { left: 52, top: 28, right: 8, bottom: 44 };
const RADIUS = 2.6;

/** The drawing; rows that are refused have no point. */
export function trustScatter(rows: readonly ValidationRow[], width: number): string {
  const known = rows.filter(
    (row): row is ValidationRow & { predicted: number } =>
      row.predicted !== undefined && row.predicted > 0 && row.reference > 0,
  );
  const values = known.flatMap(({ predicted, reference }) => [predicted, reference]);
  const [least, most] = [minOf(values, 1), maxOf(values, 10)].map(Math.log10);
  const [from, to] = [Math.floor(least!), Math.ceil(most!)];
  const side = width - PLOT.left - PLOT.right;
  const height = PLOT.top + side + PLOT.bottom;
  const share = (value: number): number => (Math.log10(value) - from) / Math.max(1, to - from);
  const xOf = (value: number): number => PLOT.left + share(value) * side;
  const yOf = (value: number): number => PLOT.top + (1 - share(value)) * side;
  const every = Math.ceil((to - from) / 6);
  const tickCount = Math.floor((to - from) / every) + 1;
  const ticks = Array.from({ length: tickCount }, (_, i) => from + i * every);
  const grid = ticks.flatMap((power) => {
    const [x, y] = [xOf(10 ** power), yOf(10 ** power)];
    const [bottom, right] = [PLOT.top + side, PLOT.left + side];
    return [
      element('path', { class: 'g', d: `M${PLOT.left} ${y}H${right}M${x} ${PLOT.top}V${bottom}` }),
      svgText({ x: PLOT.left - 6, y: y + 4, class: 't m', anchor: 'end' }, powerText(power)),
      svgText({ x, y: bottom + 16, class: 't m', anchor: 'middle' }, powerText(power)),
    ];
  });
  const points = known.map(({ row, unit, predicted, reference, isFitted }) =>
    element(
      'circle',
      {
        class: isFitted ? 'mark hollow' : 'mark on-wafer',
        cx: xOf(reference).toFixed(1),
        cy: yOf(predicted).toFixed(1),
        r: RADIUS,
      },
      element('title', {}, escapeText(`${row}: ${predicted} for ${reference} ${unit}`)),
    ),
  );
  const equal = `M${PLOT.left} ${PLOT.top + side}L${PLOT.left + side} ${PLOT.top}`;
  const title = `Predicted against published: ${plural(known.length, 'row')}`;
  return drawing(
    { width, height, class: 'chart trust-scatter' },
    title,
    svgText({ x: 0, y: 14, class: 't m' }, 'predicted, in the unit of each row'),
    ...grid,
    element('path', { class: 'line ideal', d: equal }),
    ...points,
    svgText(
      { x: PLOT.left + side / 2, y: height - 8, class: 't m', anchor: 'middle' },
      'published, in the unit of each row',
    ),
  );
}

function powerText(power: number): string {
  return Math.abs(power) <= 3 ? String(Number((10 ** power).toPrecision(1))) : `1e${power}`;
}
