/**
 * The wafer as the plan has laid it out: tiles on their grid, each filled from the bottom up by
 * what its SRAM holds, with its layers; where the wafer is cut into chips, a dashed line.
 */
import { maxOf, minOf, plural } from '@wafer/core';
import type { Placement, SramFill } from '../cut/placement.ts';
import { kerfLines } from './fabric-chart.ts';
import { bytes, percent } from './figures.ts';
import { drawing, element, stripes, svgText } from './markup.ts';

const PARTS = [
  { part: 'weights', name: 'weights', color: 'c1' },
  { part: 'kv', name: 'KV cache', color: 'c3' },
  { part: 'activations', name: 'activations', color: 'c2' },
  { part: 'other', name: 'other', color: 'c0' },
] as const;
const TOP = 34;
const PITCH_MAX = 128;
const ROW_HEIGHT = 98;
const BOX_HEIGHT = 84;
/** Tiles narrower than this have no room for their words. */
const WORDS_WIDTH = 62;

/** Bytes that a tile's SRAM holds. */
export function filledBytes(fill: SramFill): number {
  return PARTS.reduce((sum, { part }) => sum + fill[part], 0);
}

/** One sentence on the whole wafer. */
export function placementFinding({ tiles, sramBytesMax }: Placement): string {
  const shares = tiles.map(({ fill }) => filledBytes(fill) / sramBytesMax);
  const weights = tiles.reduce((sum, { fill }) => sum + fill.weights, 0);
  const [least, most] = [percent(minOf(shares)), percent(maxOf(shares))];
  const range = least === most ? least : `${least} to ${most}`;
  const filled = maxOf(shares) < 0.001 ? 'less than 0.1%' : range;
  const place = plural(tiles.length, 'tile');
  return `${bytes(weights)} of weights on ${place} fill ${filled} of their SRAM`;
}

/** A smaller share of the budget could not be seen: then the fullest tile sets the scale. */
const SHARE_SEEN = 0.2;

/** Bytes of a tile that is drawn full: the budget, or what the fullest tile holds. */
function scaleBytes({ tiles, sramBytesMax }: Placement): number {
  const most = maxOf(
    tiles.map(({ fill }) => filledBytes(fill)),
    1,
  );
  return most / sramBytesMax < SHARE_SEEN ? most : sramBytesMax;
}

/** What a full tile of the drawing stands for. */
export function scaleText(placement: Placement): string {
  const full = scaleBytes(placement);
  const budget = bytes(placement.sramBytesMax);
  if (full === placement.sramBytesMax) return `A full tile is the budget of SRAM, ${budget}.`;
  return `A full tile is what the fullest holds, ${bytes(full)} of the ${budget} that it may.`;
}

/** The drawing. */
export function waferPicture(placement: Placement, options: { width: number; id: string }): string {
  const { grid, chipOf, tiles } = placement;
  const pitch = Math.min(PITCH_MAX, (options.width - 16) / grid.width);
  const side = pitch * 0.86;
  const center = (tile: number): { x: number; y: number } => ({
    x: 8 + (tile % grid.width) * pitch + pitch / 2,
    y: TOP + Math.floor(tile / grid.width) * ROW_HEIGHT + ROW_HEIGHT / 2,
  });
  const full = scaleBytes(placement);
  const boxes = tiles.map(({ layers, fill }, tile) => {
    const { x, y } = center(tile);
    const frame = { x: x - side / 2, y: y - BOX_HEIGHT / 2, width: side, height: BOX_HEIGHT };
    let top = frame.y + BOX_HEIGHT;
    const parts = PARTS.map(({ part, color }) => {
      const height = (fill[part] / full) * BOX_HEIGHT;
      top -= height;
      const place = { x: frame.x + 1, y: top, width: side - 2, height };
      if (part === 'other') {
        return element('rect', { class: 'mark', ...place, fill: `url(#${options.id}-c0)` });
      }
      return element('rect', { class: `mark ${color}`, ...place });
    });
    const words = [
      `(${tile % grid.width},${Math.floor(tile / grid.width)})`,
      layers.count === 0 ? 'no layer' : layersText(layers),
      bytes(filledBytes(fill)),
    ];
    const lines = (side < WORDS_WIDTH ? words.slice(0, 1) : words).map((text, i) =>
      svgText({ x, y: frame.y + 17 + i * 15, class: 't s chip', anchor: 'middle' }, text),
    );
    return [element('rect', { class: 'tile', ...frame, rx: 3 }), ...parts, ...lines].join('');
  });
  const rows = grid.height * ROW_HEIGHT;
  const fullWidth = Math.max(Math.min(options.width, 330), grid.width * pitch + 16);
  return drawing(
    { width: fullWidth, height: TOP + rows + 8, class: 'chart placement' },
    `Placement on a ${grid.width} × ${grid.height} wafer: ${placementFinding(placement)}`,
    element('defs', {}, stripes(`${options.id}-c0`, 'c0')),
    ...legend(options.id),
    ...boxes,
    ...kerfLines(grid, chipOf, { center, pitch }),
  );
}

function layersText({ start, count }: { start: number; count: number }): string {
  return count === 1 ? `layer ${start}` : `layers ${start}–${start + count - 1}`;
}

function legend(id: string): string[] {
  let x = 8;
  return PARTS.map(({ name, color, part }) => {
    const at = x;
    x += 24 + name.length * 7;
    const swatch = { x: at, y: 6, width: 12, height: 12 };
    const isStriped = part === 'other';
    const fill = isStriped ? `url(#${id}-c0)` : undefined;
    const box = element('rect', { class: isStriped ? undefined : color, ...swatch, fill });
    return box + svgText({ x: at + 17, y: 16, class: 't m' }, name);
  });
}
