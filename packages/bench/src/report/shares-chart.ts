/**
 * Where the time of the tiles went: one bar per row, cut into shares that add up to 1.
 */
import { percent, shorten } from './figures.ts';
import { drawing, element, stripes, svgText } from './markup.ts';

export interface SharesRow {
  name: string;
  shares: readonly { name: string; share: number }[];
}

const FILLS = ['c1', 'c2', 'c0', 'none'] as const;
const ROW_HEIGHT = 42;

/** Stacked bars; a share is named where there is room for it, and in the legend. */
export function sharesChart(
  rows: readonly SharesRow[],
  options: { width: number; id: string; title: string; of?: string },
): string {
  const { width, id, title, of = 'the tiles’ time' } = options;
  const names = rows[0]?.shares.map(({ name }) => name) ?? [];
  const legend = names.map((name, i) => {
    const x = i * 86 + 1;
    return swatch({ x, y: 4, width: 12, height: 12 }, i, id) + legendText(x + 18, name);
  });
  const bottom = 32 + rows.length * ROW_HEIGHT;
  const bars = rows.map((row, index) => {
    const y = 30 + index * ROW_HEIGHT;
    let x = 1;
    const parts = row.shares.map(({ share }, i) => {
      const size = { x, y: y + 18, width: Math.max(0, share * (width - 2)), height: 17 };
      x += size.width;
      const label = { x: size.x + size.width / 2, y: size.y + 13, class: 't chip' } as const;
      const isRoomy = size.width > 40;
      const text = isRoomy ? svgText({ ...label, anchor: 'middle' }, percent(share)) : '';
      return swatch(size, i, id) + text;
    });
    return svgText({ x: 1, y: y + 12, class: 't' }, shorten(row.name, 44)) + parts.join('');
  });
  return drawing(
    { width, height: bottom + 24, class: 'chart shares' },
    title,
    element('defs', {}, stripes(`${id}-c2`, 'c2'), stripes(`${id}-c0`, 'c0')),
    ...legend,
    ...bars,
    svgText({ x: 1, y: bottom + 14, class: 't m' }, `0 to 100 % of ${of}`),
  );
}

function legendText(x: number, name: string): string {
  return svgText({ x, y: 14, class: 't m' }, name);
}

function swatch(
  size: { x: number; y: number; width: number; height: number },
  index: number,
  id: string,
): string {
  const fill = FILLS[index] ?? 'none';
  if (fill === 'c1') return element('rect', { class: 'mark c1', ...size });
  if (fill === 'none') return element('rect', { class: 'mark hollow', ...size });
  return element('rect', { class: 'mark', ...size, fill: `url(#${id}-${fill})` });
}
