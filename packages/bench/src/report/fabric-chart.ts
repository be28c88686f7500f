/**
 * The fabric in one slice of time: tiles on their grid with bars of compute, send and wait, mesh
 * links as wide as what crosses them, and the channels as a matrix of bytes from tile to tile.
 *
 * The drawing holds the first slice; the slider of the page puts another in its place by the data
 * attributes of the marks (fabric-slider.ts).
 */
import { routeLinks, maxOf } from '@wafer/core';
import type { FabricSlice, FabricTrace } from '../cut/traced-part.ts';
import { bytes, percent } from './figures.ts';
import { drawing, element, stripes, svgText } from './markup.ts';

/** Beyond so many tiles a matrix of channels could not be read. */
const MATRIX_TILES_MAX = 16;
const KINDS = ['compute', 'send', 'wait'] as const;
export const BAR_HEIGHT = 36;
export const LINK_WIDTH_MAX = 11;

/** What a slice shows, summed up so that the page need not know routes. */
export interface SliceData {
  startMs: number;
  endMs: number;
  /** By tile: compute, send, wait. */
  tiles: number[][];
  /** By `FabricData.links`. */
  links: number[];
  /** By `FabricData.pairs`. */
  pairs: number[];
}

export interface FabricData {
  links: { from: number; to: number; isKerf: boolean }[];
  pairs: { source: number; target: number; isKerf: boolean }[];
  linkBytesMax: number;
  pairBytesMax: number;
  slices: SliceData[];
}

/** Sums channels up by pairs of tiles, and by the mesh links of their routes. */
export function fabricData(trace: FabricTrace): FabricData {
  const { grid, channels, chipOf, slices } = trace;
  const linkIndex = new Map<string, number>();
  const pairIndex = new Map<string, number>();
  const links: FabricData['links'] = [];
  const pairs: FabricData['pairs'] = [];
  const ways = channels.map(({ source, target, isKerf }) => {
    const key = `${source}>${target}`;
    if (!pairIndex.has(key)) pairIndex.set(key, pairs.push({ source, target, isKerf }) - 1);
    const route = routeLinks(grid, source, target).map(({ from, to }) => {
      const link = `${from}>${to}`;
      const crosses = chipOf[from] !== chipOf[to];
      if (!linkIndex.has(link)) {
        linkIndex.set(link, links.push({ from, to, isKerf: crosses }) - 1);
      }
      return linkIndex.get(link)!;
    });
    return { pair: pairIndex.get(key)!, route };
  });
  const summed = slices.map((slice) => sumSlice(slice, ways, { links, pairs }));
  return {
    links,
    pairs,
    linkBytesMax: maxOf(
      summed.flatMap((slice) => slice.links),
      1,
    ),
    pairBytesMax: maxOf(
      summed.flatMap((slice) => slice.pairs),
      1,
    ),
    slices: summed,
  };
}

function sumSlice(
  slice: FabricSlice,
  ways: readonly { pair: number; route: number[] }[],
  sizes: Pick<FabricData, 'links' | 'pairs'>,
): SliceData {
  const linkBytes = sizes.links.map(() => 0);
  const pairBytes = sizes.pairs.map(() => 0);
  for (const [channel, { pair, route }] of ways.entries()) {
    const count = slice.channelBytes[channel]!;
    pairBytes[pair]! += count;
    for (const link of route) linkBytes[link]! += count;
  }
  const short = (share: number): number => Math.round(share * 1000) / 1000;
  return {
    startMs: short(slice.startMs),
    endMs: short(slice.endMs),
    tiles: slice.tiles.map(({ compute, send, wait }) => [compute, send, wait].map(short)),
    links: linkBytes,
    pairs: pairBytes,
  };
}

/** Tiles and mesh links. */
export function fabricChart(
  trace: FabricTrace,
  data: FabricData,
  options: { width: number; id: string },
): string {
  const { grid, chipOf } = trace;
  const { width, id } = options;
  const pitch = Math.min(112, (width - 16) / grid.width);
  const side = pitch * 0.68;
  const height = grid.height * 98 + 10;
  const center = (tile: number): { x: number; y: number } => ({
    x: 8 + (tile % grid.width) * pitch + pitch / 2,
    y: 8 + Math.floor(tile / grid.width) * 98 + 49,
  });
  const first = data.slices[0]!;
  const links = data.links.map((link, i) => {
    const path = linkPath(center(link.from), center(link.to), side / 2);
    const stroke = Math.sqrt(first.links[i]! / data.linkBytesMax) * LINK_WIDTH_MAX;
    return element('path', {
      class: `mark wire${link.isKerf ? ' kerf' : ''}`,
      d: path,
      'stroke-width': stroke,
      'data-link': i,
    });
  });
  const tiles = trace.grid.width * trace.grid.height;
  const boxes = Array.from({ length: tiles }, (_, tile) => {
    const { x, y } = center(tile);
    const shares = first.tiles[tile]!;
    return [
      element('rect', {
        class: 'tile',
        x: x - side / 2,
        y: y - 33,
        width: side,
        height: 66,
        rx: 5,
      }),
      ...KINDS.map((kind, k) => shareBar({ x, y, side, tile, kind, share: shares[k]!, id })),
      svgText({ x, y: y + 27, class: 't s', anchor: 'middle' }, `(${tileLabel(grid, tile)})`),
    ].join('');
  });
  const kerfs = kerfLines(grid, chipOf, { center, pitch });
  return drawing(
    { width, height, class: 'chart fabric' },
    `Tiles of the ${grid.width} × ${grid.height} wafer: shares of compute, send and wait`,
    element('defs', {}, stripes(`${id}-c2`, 'c2'), stripes(`${id}-c0`, 'c0')),
    ...kerfs,
    ...links,
    ...boxes,
  );
}

function tileLabel(grid: FabricTrace['grid'], tile: number): string {
  return `${tile % grid.width},${Math.floor(tile / grid.width)}`;
}

function shareBar(bar: {
  x: number;
  y: number;
  side: number;
  tile: number;
  kind: (typeof KINDS)[number];
  share: number;
  id: string;
}): string {
  const index = KINDS.indexOf(bar.kind);
  const barWidth = bar.side / 5;
  const height = Math.min(1, bar.share) * BAR_HEIGHT;
  const fill = [undefined, `url(#${bar.id}-c2)`, `url(#${bar.id}-c0)`][index];
  return element('rect', {
    class: index === 0 ? 'mark c1' : 'mark',
    x: bar.x + (index - 1) * (barWidth + 3) - barWidth / 2,
    y: bar.y + 12 - height,
    width: barWidth,
    height,
    fill,
    'data-tile': bar.tile,
    'data-kind': index,
    'data-base': bar.y + 12,
  });
}

/** A line from the edge of one tile to the edge of the next, to the right of its direction. */
function linkPath(
  from: { x: number; y: number },
  to: { x: number; y: number },
  half: number,
): string {
  const [dx, dy] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  const aside = 8;
  const edge = dx === 0 ? 33 : half;
  const x1 = from.x + dx * edge - dy * aside;
  const y1 = from.y + dy * edge + dx * aside;
  const x2 = to.x - dx * edge - dy * aside;
  const y2 = to.y - dy * edge + dx * aside;
  return `M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}`;
}

/** Dashed lines between tiles of different chips; rows of tiles are 98 apart. */
export function kerfLines(
  grid: FabricTrace['grid'],
  chipOf: readonly number[],
  place: { center: (tile: number) => { x: number; y: number }; pitch: number },
): string[] {
  const lines: string[] = [];
  for (let tile = 0; tile < grid.width * grid.height; tile++) {
    const { x, y } = place.center(tile);
    const hasRight = (tile + 1) % grid.width !== 0;
    if (hasRight && chipOf[tile] !== chipOf[tile + 1]) {
      const edge = x + place.pitch / 2;
      lines.push(element('path', { class: 'cut', d: `M${edge.toFixed(1)} ${y - 49}v98` }));
    }
    const below = tile + grid.width;
    if (below < chipOf.length && chipOf[tile] !== chipOf[below]) {
      const left = (x - place.pitch / 2).toFixed(1);
      lines.push(element('path', { class: 'cut', d: `M${left} ${y + 49}h${place.pitch}` }));
    }
  }
  return lines;
}

/** Bytes from tile to tile; undefined for too many tiles. */
export function channelMatrix(
  trace: FabricTrace,
  data: FabricData,
  width: number,
): string | undefined {
  const count = trace.grid.width * trace.grid.height;
  if (count > MATRIX_TILES_MAX) return undefined;
  const left = 50;
  const cell = Math.min(30, (width - left - 4) / count);
  const first = data.slices[0]!;
  const at = (tile: number): number => left + tile * cell;
  const labels = Array.from({ length: count }, (_, tile) => {
    const name = tileLabel(trace.grid, tile);
    const middle = at(tile) + cell / 2;
    return (
      svgText({ x: left - 5, y: middle + 4, class: 't s', anchor: 'end' }, name) +
      svgText({ x: middle, y: left - 7, class: 't s', anchor: 'middle' }, name)
    );
  });
  const frame = { x: left, y: left, width: count * cell, height: count * cell };
  const cells = data.pairs.map(({ source, target, isKerf }, i) =>
    element('rect', {
      class: `mark pair${isKerf ? ' kerf' : ''}`,
      x: at(target) + 1,
      y: at(source) + 1,
      width: cell - 2,
      height: cell - 2,
      'fill-opacity': Math.sqrt(first.pairs[i]! / data.pairBytesMax),
      'data-pair': i,
    }),
  );
  const size = left + count * cell + 4;
  return drawing(
    { width: size, height: size, class: 'chart matrix' },
    'Bytes from each tile (row) to each tile (column)',
    element('rect', { class: 'tile', ...frame }),
    ...cells,
    ...labels,
    svgText({ x: left, y: 11, class: 't m' }, 'to tile →'),
    svgText({ x: 0, y: left - 7, class: 't m' }, 'from ↓'),
  );
}

/** One sentence on the whole pass. */
export function fabricFinding(trace: FabricTrace): string {
  const tiles = trace.slices.flatMap((slice) => slice.tiles);
  const mean = (kind: (typeof KINDS)[number]): number =>
    tiles.reduce((sum, tile) => sum + tile[kind], 0) / Math.max(1, tiles.length);
  const total = (isCounted: (channel: number) => boolean): number =>
    trace.slices.reduce(
      (sum, { channelBytes }) =>
        sum + channelBytes.reduce((all, count, i) => all + (isCounted(i) ? count : 0), 0),
      0,
    );
  const all = total(() => true);
  const across = total((channel) => trace.channels[channel]!.isKerf);
  return (
    `Tiles compute ${percent(mean('compute'))} of the time and wait ${percent(mean('wait'))}; ` +
    `${bytes(across)} of ${bytes(all)} cross the kerf`
  );
}
