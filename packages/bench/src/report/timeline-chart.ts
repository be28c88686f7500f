/**
 * One token on all tiles: a row per tile with what it did when, and the messages between the rows.
 *
 *   (0,0)  ████▒▒▒░░░░████▒▒      █ compute  ▒ send, receive  ░ wait
 *   (1,0)  ░░░░░░╲███▒▒░░░        ╲ a message: from its send to where it was taken
 */
import { gridName } from '@wafer/core';
import type { TokenTimeline } from '../cut/token-timeline.ts';
import { percent, ticksTo } from './figures.ts';
import { drawing, element, stripes, svgText } from './markup.ts';

const LEFT = 46;
const TOP = 32;
const ROW_HEIGHT = 34;
const BAR_HEIGHT = 16;
/** More lines than this hide what they join: then only those across the kerf are drawn. */
const MESSAGES_MAX = 300;
const KINDS = [
  { kind: 'compute', name: 'compute', color: undefined },
  { kind: 'send', name: 'send, receive', color: 'c2' },
  { kind: 'wait', name: 'wait', color: 'c0' },
] as const;

/** One sentence on the token. */
export function timelineFinding({ lengthUs, spans }: TokenTimeline): string {
  const tiles = new Set(spans.map(({ tile }) => tile)).size;
  const busy = spans
    .filter(({ kind }) => kind === 'compute')
    .reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  const share = percent(busy / Math.max(lengthUs * tiles, 1e-9));
  return `A token of ${microseconds(lengthUs)}: tiles compute ${share} of it`;
}

/** The drawing. */
export function timelineChart(
  timeline: TokenTimeline,
  options: { width: number; id: string; grid: { width: number; height: number } },
): string {
  const { spans, messages, lengthUs } = timeline;
  const { width, id, grid } = options;
  const tileCount = grid.width * grid.height;
  const ticks = ticksTo(lengthUs, width < 560 ? 3 : 7);
  const scale = (width - LEFT - 18) / ticks.at(-1)!;
  const xOf = (us: number): number => LEFT + us * scale;
  const yOf = (tile: number): number => TOP + tile * ROW_HEIGHT + ROW_HEIGHT / 2;
  const bottom = TOP + tileCount * ROW_HEIGHT;
  const grids = ticks.map((us) => {
    const x = xOf(us);
    const line = element('line', { class: 'grid', x1: x, x2: x, y1: TOP, y2: bottom });
    const text = us.toLocaleString('en-US');
    return line + svgText({ x, y: bottom + 16, class: 't m', anchor: 'middle' }, text);
  });
  const names = Array.from({ length: tileCount }, (_, tile) => {
    const name = `(${tile % grid.width},${Math.floor(tile / grid.width)})`;
    return svgText({ x: LEFT - 8, y: yOf(tile) + 4, class: 't s', anchor: 'end' }, name);
  });
  const bars = spans.map(({ tile, kind, startUs, endUs }) => {
    const color = KINDS.find((known) => known.kind === kind)!.color;
    return element('rect', {
      class: color === undefined ? 'mark c1' : 'mark',
      x: xOf(startUs),
      y: yOf(tile) - BAR_HEIGHT / 2,
      width: Math.max(0.3, (endUs - startUs) * scale),
      height: BAR_HEIGHT,
      fill: color && `url(#${id}-${color})`,
    });
  });
  const shown = messages.length > MESSAGES_MAX ? messages.filter(({ isKerf }) => isKerf) : messages;
  const lines = shown.map(({ source, target, sentUs, takenUs, isKerf }) => {
    const down = source < target ? 1 : -1;
    const from = `${xOf(sentUs).toFixed(1)} ${yOf(source) + (down * BAR_HEIGHT) / 2}`;
    const to = `${xOf(takenUs).toFixed(1)} ${yOf(target) - (down * BAR_HEIGHT) / 2}`;
    return element('path', {
      class: `mark wire${isKerf ? ' kerf' : ''} thin`,
      d: `M${from}L${to}`,
    });
  });
  return drawing(
    { width, height: bottom + 42, class: 'chart timeline' },
    `${timelineFinding(timeline)}, ${gridName(grid)} tiles`,
    element('defs', {}, stripes(`${id}-c2`, 'c2'), stripes(`${id}-c0`, 'c0')),
    ...legend(id),
    ...[...grids, ...names, ...bars, ...lines],
    svgText({ x: LEFT, y: bottom + 36, class: 't m' }, 'µs since the first tile began the step'),
  );
}

function legend(id: string): string[] {
  let x = LEFT;
  return KINDS.map(({ name, color }) => {
    const at = x;
    x += 30 + name.length * 6.6;
    const fill = color && `url(#${id}-${color})`;
    const swatch = { x: at, y: 6, width: 12, height: 12, fill };
    const box = element('rect', { class: color === undefined ? 'c1' : undefined, ...swatch });
    return box + svgText({ x: at + 17, y: 16, class: 't m' }, name);
  });
}

function microseconds(us: number): string {
  return us >= 1000 ? `${Number((us / 1000).toPrecision(3))} ms` : `${Math.round(us)} µs`;
}
