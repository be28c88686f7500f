/**
 * `serve.html`: what a bench of servers found, on one page that needs nothing else.
 */
import { documentOf, pageTable } from '../report/document.ts';
import { maxOf } from '@wafer/core';
import { settingLines } from '../machine.ts';
import { barChart } from '../report/bar-chart.ts';
import { rate, ticksTo } from '../report/figures.ts';
import { drawing, element, escapeText, svgText } from '../report/markup.ts';
import { bothWidths, figure, section } from '../report/sections.ts';
import { CURVE_STYLE } from '../report/style.ts';
import type { LoadRow } from './load-row.ts';
import type { ServedResults, ServeResults } from './run-serve.ts';
import { goodputKept, sentText } from './serve-report.ts';

/** The page. */
export function servePage(results: ServeResults): string {
  const { servers, workload, limits, setting } = results;
  const kept = goodputKept(servers[0]?.rows ?? []).at(-1);
  const headline =
    kept === undefined
      ? 'What users of this server wait for'
      : `At ${kept.load} the server keeps ${(100 * kept.share).toFixed(0)} % of its best goodput`;
  const lead =
    `${workload}: ${sentText(results)}, sent at their times whatever comes back. ` +
    `Served means the first token in ${limits.ttftMs} ms and ${limits.tokenMs} ms per token.`;
  const body = element(
    'main',
    {},
    element('h1', {}, escapeText(headline)),
    element('p', { class: 'lead' }, escapeText(lead)),
    element('p', { class: 'quiet' }, escapeText(settingLines(setting).join(' · '))),
    ...servers.map((server, i) => serverSection(server, `s${i}`)),
  );
  return documentOf({ title: `wafer bench serve · ${workload}`, style: CURVE_STYLE }, body);
}

function serverSection(server: ServedResults, id: string): string {
  const { rows, name, model } = server;
  return section(
    { id, title: name, clock: 'wall clock', lead: `${model}, prompts as ${server.prompts}` },
    figure(
      'Goodput by load. The closed loop sends when an answer came; the others when it is time.',
      bothWidths((width, part) => goodputChart(server, { width, id: part }), `${id}-good`),
    ),
    figure(
      'Share of answered requests whose first token came within so many milliseconds.',
      bothWidths((width) => waitsChart(server, width), id),
    ),
    rowsTable(rows),
  );
}

/** Requests a second that were served within the limits, a bar for each load. */
export function goodputChart(
  { rows, name }: ServedResults,
  { width, id }: { width: number; id: string },
): string {
  const bars = rows.map((row) => ({
    name: row.name,
    value: row.goodputPerSecond,
    note: `${row.refusedCount} refused`,
    color: row.requestsPerSecond === undefined ? ('c0' as const) : ('c1' as const),
  }));
  const axis = 'requests per second that were served within both limits';
  return barChart(bars, { width, id, title: `Goodput of ${name}`, axis });
}

/** How many first tokens came within so many milliseconds, a line for each load. */
export function waitsChart({ rows, records, name }: ServedResults, width: number): string {
  const waits = rows.map((row, i) => ({
    name: row.name,
    values: records[i]!.flatMap(({ ttftMs }) => (ttftMs === undefined ? [] : [ttftMs])),
  }));
  return shareChart(waits, { width, title: `First tokens of ${name}` });
}

interface Curve {
  name: string;
  values: readonly number[];
}

/** Steps of a distribution: how many of the values are at most x. */
export function shareChart(
  curves: readonly Curve[],
  { width, title }: { width: number; title: string },
): string {
  const drawn = curves.filter(({ values }) => values.length > 0).slice(0, 5);
  const [left, top, height] = [44, 10, 200];
  const ticks = ticksTo(
    maxOf(
      drawn.flatMap(({ values }) => [...values]),
      1,
    ),
    width < 560 ? 3 : 6,
  );
  const x = (ms: number): number => left + (ms / ticks.at(-1)!) * (width - left - 16);
  const y = (share: number): number => top + (1 - share) * height;
  const across = [0, 0.5, 0.9, 1].map(
    (share) =>
      element('line', { class: 'grid', x1: left, x2: width - 16, y1: y(share), y2: y(share) }) +
      svgText({ x: left - 6, y: y(share) + 4, class: 't m', anchor: 'end' }, `${100 * share}%`),
  );
  const along = ticks.map((tick) =>
    svgText({ x: x(tick), y: top + height + 16, class: 't m', anchor: 'middle' }, rate(tick)),
  );
  const lines = drawn.map(({ values }, k) => {
    const sorted = values.toSorted((a, b) => a - b);
    const steps = sorted.map(
      (ms, i) => `H${x(ms).toFixed(1)}V${y((i + 1) / sorted.length).toFixed(1)}`,
    );
    return element('path', { class: `curve k${k}`, d: `M${left} ${y(0)}${steps.join('')}` });
  });
  const keys = drawn.map(({ name }, k) => {
    const keyY = top + height + 40 + 18 * k;
    const line = element('path', { class: `curve k${k}`, d: `M${left} ${keyY - 4}h28` });
    return line + svgText({ x: left + 36, y: keyY, class: 't' }, name);
  });
  return drawing(
    { width, height: top + height + 40 + 18 * drawn.length, class: 'chart shares' },
    title,
    ...[...across, ...along, ...lines, ...keys],
  );
}

function rowsTable(rows: readonly LoadRow[]): string {
  const heads = ['load', 'answered', 'refused', 'failed', 'served/s', 'tokens/s'];
  const timed = ['first token p50', 'p99', 'per token p50', 'p99', 'between p99', 'health p99'];
  const ms = (value: number | undefined): string =>
    value === undefined ? '–' : `${value.toFixed(value >= 10 ? 0 : 2)} ms`;
  const lines = rows.map((row) => [
    ...[row.name, row.answeredCount, row.refusedCount, row.failedCount].map(String),
    row.goodputPerSecond.toFixed(2),
    row.outputTokensPerSecond.toFixed(1),
    ...[row.ttftMs?.p50, row.ttftMs?.p99, row.tokenMs?.p50].map(ms),
    ...[row.tokenMs?.p99, row.gapMs?.p99, row.healthMs?.p99].map(ms),
  ]);
  return pageTable('Requests by load, wall clock', [...heads, ...timed], lines);
}
