/**
 * Curves over the steps of a run: as many points as a picture has columns, each the mean of the
 * steps that fall into it, before a band from the least to the most of them.
 *
 * Steps without a finite value are left out.
 */
import { maxOf, minOf } from '@wafer/core';
import { rate, ticksBetween } from './figures.ts';
import { drawing, element, svgText } from './markup.ts';

export interface Curve {
  name: string;
  points: readonly CurvePoint[];
}

/** Ascending by x. */
export interface CurvePoint {
  x: number;
  y: number;
}

/** Points of one column of a picture. */
interface Bucket extends CurvePoint {
  min: number;
  max: number;
  count: number;
}

const PLOT = { left: 64, top: 10, height: 210, right: 16 };
const KEY_HEIGHT = 18;
/** Points of a curve; more are not told apart. */
const BUCKETS = 240;

/** The chart; at most four curves are told apart. */
export function curveChart(
  curves: readonly Curve[],
  { width, title, axis }: { width: number; title: string; axis: string },
): string {
  const { left, top, height, right } = PLOT;
  const drawn = curves
    .slice(0, 4)
    .map(({ name, points }) => ({ name, buckets: bucketsOf(points) }));
  const all = drawn.flatMap(({ buckets }) => buckets);
  const isEmpty = all.length === 0;
  const [least, most] = isEmpty
    ? [0, 1]
    : [minOf(all.map(({ min }) => min)), maxOf(all.map(({ max }) => max))];
  const rows = ticksBetween(least, most, 5);
  const columns = ticksBetween(
    0,
    maxOf(
      all.map(({ x }) => x),
      1,
    ),
    width < 560 ? 3 : 6,
  );
  const [low = 0, high = 1, end = 1] = [rows[0], rows.at(-1), columns.at(-1)];
  const xOf = (x: number): number => left + (x / end) * (width - left - right);
  const yOf = (y: number): number => top + (1 - (y - low) / (high - low)) * height;
  const bottom = top + height;
  const across = rows.map(
    (tick) =>
      element('line', {
        class: 'grid',
        x1: left,
        x2: width - right,
        y1: yOf(tick),
        y2: yOf(tick),
      }) + svgText({ x: left - 6, y: yOf(tick) + 4, class: 't m', anchor: 'end' }, rate(tick)),
  );
  const along = columns.map((tick) =>
    svgText({ x: xOf(tick), y: bottom + 16, class: 't m', anchor: 'middle' }, rate(tick)),
  );
  const lines = drawn.map(
    ({ buckets }, k) => bandOf(buckets, k, xOf, yOf) + lineOf(buckets, k, xOf, yOf),
  );
  const keys = drawn.map(({ name }, k) => {
    const y = bottom + 54 + KEY_HEIGHT * k;
    const line = element('path', { class: `curve k${k + 1}`, d: `M${left} ${y - 4}h28` });
    return line + svgText({ x: left + 36, y, class: 't' }, name);
  });
  return drawing(
    { width, height: bottom + 54 + KEY_HEIGHT * drawn.length, class: 'chart curves' },
    title,
    ...[...across, ...along, ...lines],
    svgText({ x: left, y: bottom + 34, class: 't m' }, axis),
    ...keys,
  );
}

type Place = (value: number) => number;

/** A line through all columns, and a point where it ends. */
function lineOf(buckets: readonly Bucket[], k: number, xOf: Place, yOf: Place): string {
  const last = buckets.at(-1);
  if (last === undefined) return '';
  const places = buckets.map(({ x, y }) => `${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}`);
  const end = { cx: xOf(last.x), cy: yOf(last.y), r: 3 };
  return (
    element('path', { class: `mark curve k${k + 1}`, d: `M${places.join('L')}` }) +
    element('circle', { class: `mark c${k + 1}`, ...end })
  );
}

/** From the least to the most of each column, where one holds several. */
function bandOf(buckets: readonly Bucket[], k: number, xOf: Place, yOf: Place): string {
  if (!buckets.some(({ count }) => count > 1)) return '';
  const at = (x: number, y: number): string => `${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}`;
  const over = buckets.map(({ x, max }) => at(x, max));
  const under = buckets.toReversed().map(({ x, min }) => at(x, min));
  const d = `M${[...over, ...under].join('L')}Z`;
  return element('path', { class: `c${k + 1} faint`, d });
}

/** Points in columns of equal width. */
function bucketsOf(points: readonly CurvePoint[]): Bucket[] {
  const finite = points.filter(({ y }) => Number.isFinite(y));
  const [first, last] = [finite[0]?.x ?? 0, finite.at(-1)?.x ?? 0];
  const size = Math.max(1, (last - first + 1) / BUCKETS);
  const buckets: (Bucket & { column: number })[] = [];
  for (const { x, y } of finite) {
    const column = Math.floor((x - first) / size);
    const bucket = buckets.at(-1);
    if (bucket?.column !== column) {
      buckets.push({ column, x, y, min: y, max: y, count: 1 });
      continue;
    }
    bucket.count++;
    bucket.x += (x - bucket.x) / bucket.count;
    bucket.y += (y - bucket.y) / bucket.count;
    bucket.min = Math.min(bucket.min, y);
    bucket.max = Math.max(bucket.max, y);
  }
  return buckets;
}
