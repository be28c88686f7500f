/**
 * One waterfall: tokens per second kept, one cause of delay after the other.
 *
 *   cut                ████████████████████████████ 100%
 *   link bandwidth     ███████████████████████████▒  98%     ▒ lost by this cause
 *   wire latency       █████████████████████▒▒▒▒▒▒   83%
 */
import type { Fall } from '../described/waterfalls.ts';
import { percent, rate, shorten } from './figures.ts';
import { drawing, element, stripes, svgText } from './markup.ts';

export const FALL_WIDTH = 340;
const LABELS_WIDTH = 132;
const VALUES_WIDTH = 60;
const ROW_HEIGHT = 27;
const HEAD_HEIGHT = 46;

/** What most is lost to, by its factor; undefined if nothing is lost. */
export function worstCause(fall: Fall): string | undefined {
  const causes = fall.rows.slice(1).toSorted((a, b) => a.factor - b.factor);
  const [worst] = causes;
  return worst && worst.factor < 0.995 ? worst.name : undefined;
}

/** One sentence that the waterfall shows. */
export function fallFinding(fall: Fall): string {
  const last = fall.rows.at(-1)!;
  const cause = worstCause(fall);
  return `${percent(last.kept)} left${cause === undefined ? '' : `, most lost to ${cause}`}`;
}

/** Height of the drawing of a waterfall. */
export function fallHeight(fall: Fall): number {
  return HEAD_HEIGHT + fall.rows.length * ROW_HEIGHT + 24;
}

/** The parts of the drawing, to be placed on a sheet. `id` is unique on the page. */
export function fallMarks(fall: Fall, id: string): string {
  const name = shorten(fall.model, 22);
  const kind = fall.collective === 'messages' ? 'gathers' : `${fall.collective} all-reduce`;
  const scale = FALL_WIDTH - LABELS_WIDTH - VALUES_WIDTH;
  let before = 1;
  const rows = fall.rows.map((row, i) => {
    const y = HEAD_HEIGHT + i * ROW_HEIGHT;
    const isFirst = i === 0;
    const lost = Math.max(0, before - row.kept);
    const x = LABELS_WIDTH;
    const marks = [
      svgText(
        { x: x - 8, y: y + 16, class: 't', anchor: 'end' },
        isFirst ? 'uncut wafer' : `${i === 1 ? '' : '+ '}${row.name}`,
      ),
      element('rect', {
        class: 'mark c1',
        x,
        y: y + 3,
        width: Math.max(1, row.kept * scale),
        height: ROW_HEIGHT - 9,
        rx: 2,
      }),
    ];
    if (lost > 0.0005) {
      const width = lost * scale;
      const place = { x: x + row.kept * scale, y: y + 3, height: ROW_HEIGHT - 9, width };
      marks.push(element('rect', { class: 'mark lost', ...place, fill: `url(#${id})` }));
    }
    const value = isFirst ? `${rate(row.tokensPerS)}/s` : percent(row.kept);
    marks.push(svgText({ x: FALL_WIDTH, y: y + 16, class: 't v', anchor: 'end' }, value));
    before = row.kept;
    return marks.join('');
  });
  return [
    element('defs', {}, stripes(id, 'c2')),
    svgText({ x: 0, y: 15, class: 't h' }, `${name} · ${kind}`),
    svgText({ x: 0, y: 33, class: 't m' }, `${fall.clock} · ${fallFinding(fall)}`),
    ...rows,
    svgText(
      { x: LABELS_WIDTH, y: fallHeight(fall) - 8, class: 't s' },
      'share of the uncut wafer’s tokens/s',
    ),
  ].join('');
}

/** The waterfall as a drawing of its own. */
export function waterfallChart(fall: Fall, id: string): string {
  const size = { width: FALL_WIDTH, height: fallHeight(fall), class: 'chart fall' };
  const title = `Waterfall of ${fall.model}, ${fall.collective}: ${fallFinding(fall)}`;
  return drawing(size, title, fallMarks(fall, id));
}
