/**
 * Lines over numbers of chips (or sizes of batch), both axes by factors of two.
 *
 * Every line has a marker and a dash of its own, and its name at its end.
 */
import { maxOf } from '@wafer/core';
import { percent } from './figures.ts';
import { drawing, element, svgText } from './markup.ts';

export interface Line {
  name: string;
  style: LineStyle;
  points: readonly { x: number; y: number }[];
}

export type LineStyle = 'wafer' | 'custom' | 'nccl' | 'pipeline' | 'ideal';

export interface LinesOptions {
  title: string;
  note: string;
  axis: string;
  /** `factor`: by powers of two from 1; `share`: from 0 to 100 %. */
  scale: 'factor' | 'share';
}

const WIDTH = 340;
const PLOT = { left: 40, right: 238, top: 50, bottom: 212 };
const LABEL_GAP = 15;

/** One panel of lines. */
export function linesChart(lines: readonly Line[], options: LinesOptions): string {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].toSorted(
    (a, b) => a - b,
  );
  const [first = 1, last = 1] = [xs[0], xs.at(-1)];
  const span = Math.max(Math.log2(last / first), 1e-9);
  const xOf = (x: number): number =>
    PLOT.left + (Math.log2(x / first) / span) * (PLOT.right - PLOT.left);
  const axis = yAxis(lines, options.scale);
  const grid = axis.ticks.map(({ value, label }) => {
    const y = axis.yOf(value);
    return (
      element('line', { class: 'grid', x1: PLOT.left, x2: PLOT.right, y1: y, y2: y }) +
      svgText({ x: PLOT.left - 6, y: y + 4, class: 't m', anchor: 'end' }, label)
    );
  });
  const columns = xs.map((x) =>
    svgText({ x: xOf(x), y: PLOT.bottom + 18, class: 't m', anchor: 'middle' }, String(x)),
  );
  const ends = spreadLabels(
    lines.map(({ points }) => axis.yOf(points.at(-1)?.y ?? 0)),
    PLOT.bottom - 2,
  );
  const drawn = lines.map((line, i) => {
    const places = line.points.map(({ x, y }) => ({ x: xOf(x), y: axis.yOf(y) }));
    const d = places.map(({ x, y }, k) => `${k === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`);
    const markers = line.style === 'ideal' ? [] : places.map((place) => marker(place, line.style));
    const label = { x: PLOT.right + 10, y: ends[i]! + 4, class: `t on-${line.style}` };
    return [
      element('path', { class: `mark line ${line.style}`, d: d.join('') }),
      ...markers,
      svgText(label, line.name),
    ].join('');
  });
  return drawing(
    { width: WIDTH, height: PLOT.bottom + 48, class: 'chart lines' },
    `${options.title}: ${options.note}`,
    svgText({ x: 0, y: 15, class: 't h' }, options.title),
    svgText({ x: 0, y: 33, class: 't m' }, options.note),
    ...grid,
    ...columns,
    ...drawn,
    svgText({ x: PLOT.left, y: PLOT.bottom + 40, class: 't m' }, options.axis),
  );
}

interface Axis {
  ticks: { value: number; label: string }[];
  yOf: (value: number) => number;
}

function yAxis(lines: readonly Line[], scale: LinesOptions['scale']): Axis {
  const height = PLOT.bottom - PLOT.top;
  if (scale === 'share') {
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((value) => ({ value, label: percent(value) }));
    return { ticks, yOf: (value) => PLOT.bottom - value * height };
  }
  const most = maxOf(
    lines.flatMap(({ points }) => points.map(({ y }) => y)),
    2,
  );
  const octaves = Math.ceil(Math.log2(most));
  const ticks = Array.from({ length: octaves + 1 }, (_, i) => ({
    value: 2 ** i,
    label: `${2 ** i}×`,
  }));
  // Slightly below 1 still has a place.
  const yOf = (value: number): number =>
    PLOT.bottom - (Math.log2(Math.max(value, 0.9)) / octaves) * height;
  return { ticks, yOf };
}

/** Moves labels apart, none out of its order nor below `bottom`, where the axis begins. */
export function spreadLabels(places: readonly number[], bottom: number = Infinity): number[] {
  const order = places.map((y, i) => ({ y, i })).toSorted((a, b) => a.y - b.y);
  for (let turn = 0; turn < 40; turn++) {
    for (let k = 1; k < order.length; k++) {
      const [above, below] = [order[k - 1]!, order[k]!];
      const lack = LABEL_GAP - (below.y - above.y);
      if (lack <= 0) continue;
      above.y -= lack / 2;
      below.y += lack / 2;
    }
  }
  for (const [k, label] of order.entries()) {
    label.y = Math.min(label.y, bottom - (order.length - 1 - k) * LABEL_GAP);
  }
  const spread = [...places];
  for (const { y, i } of order) spread[i] = y;
  return spread;
}

function marker({ x, y }: { x: number; y: number }, style: LineStyle): string {
  const shapes: Record<LineStyle, string> = {
    wafer: 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0',
    custom: 'M-3.5-3.5h7v7h-7z',
    nccl: 'M0-4.5l4.5 8h-9z',
    pipeline: 'M0-5l5 5-5 5-5-5z',
    ideal: '',
  };
  const transform = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
  return element('path', { class: `mark point ${style}`, d: shapes[style], transform });
}
