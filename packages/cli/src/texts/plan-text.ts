/**
 * A plan for people: a drawing, a table of tiles, and what travels.
 *
 * Ranges are inclusive (`0-143`); `c` marks columns, where a matrix is cut by its inputs.
 */
import { arithmeticText, fieldLines, Table } from '@wafer/bench/common';
import { formatBytes, formatCount, formatDuration, gridName, maxOf, plural } from '@wafer/core';
import type { Column, Line } from '@wafer/bench/common';
import { drawGrid } from './grid-drawing.ts';
import { expertLines, rangeText } from './plan-experts.ts';
import type { KerfSummary, PlanSummary, Share, TileSummary } from './plan-summary.ts';

const TILE_ROWS_MAX = 32;
const KERF_ROWS_MAX = 16;

const TILE_COLUMNS: readonly Column[] = [
  { title: 'tile' },
  { title: 'stage', align: 'right' },
  { title: 'layers' },
  { title: 'heads' },
  { title: 'kv' },
  { title: 'o' },
  { title: 'gate,up' },
  { title: 'down' },
  { title: 'vocab' },
  { title: 'weights', align: 'right' },
  { title: 'padding', align: 'right' },
  { title: 'kv cache', align: 'right' },
  { title: 'sram', align: 'right' },
];

/** Lines for a terminal of some width. */
export function planText(summary: PlanSummary, columns: number): Line[] {
  const { grid, tiles, chipOf } = summary;
  const stageOf = tiles.map(({ stage }) => stage);
  return [
    ...drawGrid({ grid, stageOf, chipOf, columns }),
    '',
    new Table(TILE_COLUMNS, tiles.slice(0, TILE_ROWS_MAX).map(tileRow)),
    ...moreLines(tiles.length - TILE_ROWS_MAX),
    ...expertLines(tiles, TILE_ROWS_MAX),
    '',
    ...fieldLines(totals(summary)),
    ...kerfLines(summary.kerfs),
  ];
}

function tileRow(tile: TileSummary): string[] {
  const { matrices } = tile;
  const vocab = [matrices['embed'], matrices['head']].filter((share) => share !== undefined);
  return [
    `(${tile.x},${tile.y})`,
    String(tile.stage),
    rangeText(tile.layers),
    rangeText(tile.heads),
    rangeText(tile.kvHeads),
    shareText(matrices['o']),
    shareText(matrices['gate']),
    shareText(matrices['down']),
    vocab.map(({ rows }) => rangeText(rows)).join(' + ') || '-',
    formatBytes(tile.weightBytes),
    formatBytes(tile.paddingBytes),
    formatBytes(tile.kvBytes),
    formatBytes(tile.sramBytes),
  ];
}

function shareText(share: Share | undefined): string {
  if (!share) return '-';
  return share.cutBy === 'columns' ? `c${rangeText(share.columns)}` : rangeText(share.rows);
}

function totals(summary: PlanSummary): [string, string][] {
  const { tiles, perToken, host, described } = summary;
  const sum = (field: 'weightBytes' | 'paddingBytes' | 'kvBytes' | 'sramBytes'): string =>
    formatBytes(tiles.reduce((total, tile) => total + tile[field], 0));
  const windows =
    summary.windows === undefined
      ? ''
      : `, of it ${formatBytes(summary.windows.kvBytes)} for windows of ` +
        `${formatCount(summary.windows.windowTokens)}`;
  const largest = formatBytes(maxOf(tiles.map(({ sramBytes }) => sramBytes)));
  return [
    ['model', summary.model],
    [
      'grid',
      `${gridName(summary.grid)}, ${plural(summary.stageCount, 'stage')}, ${summary.plan} plan, ` +
        `${summary.experts === undefined ? '' : `experts ${expertText(summary.experts)}, `}` +
        `${plural(summary.threads, 'thread')}, ${arithmeticText(summary)}`,
    ],
    ['weights', `${sum('weightBytes')}, of it ${sum('paddingBytes')} padding`],
    ['kv cache', `${sum('kvBytes')} for ${plural(summary.kvTokens, 'token')}${windows}`],
    ['sram', `${sum('sramBytes')}, the largest tile ${largest}`],
    [
      'channels',
      `${formatCount(summary.channelCount)}; a decoded token sends ` +
        `${plural(perToken.messages, 'message')}, ${plural(perToken.payloadBytes, 'byte')}, ` +
        `${formatCount(perToken.busiestLinkBytes)} over the busiest link`,
    ],
    [
      'host',
      `a decoded token takes up to ${formatCount(host.recordBytesMax)} bytes of step records ` +
        `and ${formatCount(host.logitBytes)} of logits`,
    ],
    ...(described === undefined ? [] : [describedTotal(described)]),
  ];
}

function expertText(kind: string): string {
  return kind === 'whole' ? 'whole' : `by ${kind}`;
}

function describedTotal(described: NonNullable<PlanSummary['described']>): [string, string] {
  const { clock, name, tokenNs } = described;
  return [`${clock} clock`, `${name}: the first token takes ${formatDuration(tokenNs)}`];
}

function kerfLines(kerfs: readonly KerfSummary[]): Line[] {
  if (kerfs.length === 0) return [];
  const columns: Column[] = [
    { title: 'across the kerf' },
    { title: 'channels', align: 'right' },
    { title: 'messages', align: 'right' },
    { title: 'bytes per token', align: 'right' },
  ];
  const row = (name: string, list: readonly KerfSummary[]): string[] => [
    name,
    ...(['channelCount', 'messages', 'payloadBytes'] as const).map((field) =>
      formatCount(list.reduce((sum, kerf) => sum + kerf[field], 0)),
    ),
  ];
  const rows = kerfs
    .slice(0, KERF_ROWS_MAX)
    .map((kerf) => row(`chip ${kerf.sourceChip} > chip ${kerf.targetChip}`, [kerf]));
  const left = kerfs.length - KERF_ROWS_MAX;
  const more = moreLines(left).map((text) => [text]);
  return ['', new Table(columns, [...rows, ...more, row('all', kerfs)])];
}

function moreLines(count: number): string[] {
  return count > 0 ? [`… and ${formatCount(count)} more`] : [];
}
