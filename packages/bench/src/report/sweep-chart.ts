/**
 * A heat map of tokens kept over latency and bandwidth: the share and the bottleneck stand in each
 * cell, the lines go between cells on either side of 90 % and of 50 %.
 */
import type { SweepCell } from '@wafer/timing';
import type { NamedSweep } from '../cut/described-part.ts';
import { formatDuration } from '@wafer/core';
import { LETTERS } from '../described/described-text.ts';
import { percent } from './figures.ts';
import { drawing, element, svgText } from './markup.ts';

const LEFT = 52;
const TOP = 26;
const CELL_HEIGHT = 34;

/** One sweep, `width` across. */
export function sweepChart(sweep: NamedSweep, width: number): string {
  const rates = [...new Set(sweep.cells.map(({ bandwidthBytesPerS }) => bandwidthBytesPerS))];
  const latencies = [...new Set(sweep.cells.map(({ latencyNs }) => latencyNs))];
  const cellWidth = (width - LEFT - 2) / rates.length;
  const at = (row: number, column: number): SweepCell => sweep.cells[row * rates.length + column]!;
  const place = (row: number, column: number): { x: number; y: number } => ({
    x: LEFT + column * cellWidth,
    y: TOP + row * CELL_HEIGHT,
  });
  const cells = sweep.cells.map((cell, i) => {
    const { x, y } = place(Math.floor(i / rates.length), i % rates.length);
    const middle = x + cellWidth / 2;
    return [
      element('rect', {
        class: 'mark cell',
        x: x + 0.5,
        y: y + 0.5,
        width: cellWidth - 1,
        height: CELL_HEIGHT - 1,
        'fill-opacity': 0.05 + 0.5 * cell.kept,
      }),
      svgText({ x: middle, y: y + 15, class: 't v', anchor: 'middle' }, percent(cell.kept)),
      svgText(
        { x: middle, y: y + 28, class: 't letter', anchor: 'middle' },
        LETTERS[cell.bottleneck],
      ),
    ].join('');
  });
  const bottom = TOP + latencies.length * CELL_HEIGHT;
  const columns = rates.map((perS, column) => {
    const { x } = place(0, column);
    const text = String(Number((perS / 1e9).toPrecision(2)));
    return svgText({ x: x + cellWidth / 2, y: bottom + 16, class: 't m', anchor: 'middle' }, text);
  });
  const rows = latencies.map((latencyNs, row) => {
    const y = place(row, 0).y + 21;
    return svgText({ x: LEFT - 6, y, class: 't m', anchor: 'end' }, formatDuration(latencyNs));
  });
  const size = { rows: latencies.length, columns: rates.length };
  const keptAt = (row: number, column: number): number => at(row, column).kept;
  const contour = (level: number, style: string): string => {
    const d = contourPath(size, (row, column) => keptAt(row, column) >= level, place);
    return d === '' ? '' : element('path', { class: `contour ${style}`, d });
  };
  return drawing(
    { width, height: bottom + 42, class: 'chart sweep' },
    `Tokens kept of ${sweep.model} over latency and bandwidth, ${sweep.collective} all-reduce`,
    ...cells,
    ...rows,
    ...columns,
    contour(0.9, 'ninety'),
    contour(0.5, 'fifty'),
    svgText({ x: 0, y: 14, class: 't m' }, 'latency of a message ↓'),
    svgText({ x: LEFT, y: bottom + 36, class: 't m' }, 'GB/s per chip and direction →'),
  );
}

/** The edges between cells that are in and cells that are not, as a path. */
export function contourPath(
  size: { rows: number; columns: number },
  isIn: (row: number, column: number) => boolean,
  place: (row: number, column: number) => { x: number; y: number },
): string {
  const edges: string[] = [];
  const edge = (row: number, column: number, move: { rows: number; columns: number }): void => {
    const from = place(row, column);
    const to = place(row + move.rows, column + move.columns);
    edges.push(`M${from.x.toFixed(1)} ${from.y}L${to.x.toFixed(1)} ${to.y}`);
  };
  for (let row = 0; row < size.rows; row++) {
    for (let column = 0; column < size.columns; column++) {
      const own = isIn(row, column);
      const hasRight = column + 1 < size.columns;
      const hasBelow = row + 1 < size.rows;
      if (hasRight && own !== isIn(row, column + 1)) edge(row, column + 1, { rows: 1, columns: 0 });
      if (hasBelow && own !== isIn(row + 1, column)) edge(row + 1, column, { rows: 0, columns: 1 });
    }
  }
  return edges.join('');
}
