/**
 * What `wafer bench serve` prints, and its table as CSV.
 */
import { maxOf, plural } from '@wafer/core';
import { csv } from '../cut/csv.ts';
import { settingLines } from '../machine.ts';
import { table } from '../table.ts';
import type { Line } from '../table.ts';
import type { LoadRow, Percentiles } from './load-row.ts';
import type { ServedResults, ServeResults } from './run-serve.ts';
import type { RequestRecord } from './stream-request.ts';

/** Everything, for a terminal. */
export function serveLines(results: ServeResults): Line[] {
  const { setting, workload, limits, servers } = results;
  const [date, machine] = settingLines(setting);
  return [
    `wafer bench serve · ${date}`,
    machine!,
    `${workload} · ${sentText(results)} · latency from the intended time to send`,
    `within limits: first token in ${limits.ttftMs} ms, ${limits.tokenMs} ms per token`,
    ...servers.flatMap((server) => ['', ...serverLines(server)]),
    '',
    'Milliseconds as p50 / p90 / p95 / p99, of answered requests.',
  ];
}

/** How many requests there were, and how long they were sent over and over. */
export function sentText({ requestCount, seconds, servers }: ServeResults): string {
  const requests = plural(requestCount, 'request');
  if (seconds === undefined) return requests;
  const rows = servers.flatMap((server) => server.rows);
  const sentCount = rows.reduce((sum, row) => sum + row.sentCount, 0);
  return `${requests}, over and over for ${seconds} s a load, ${sentCount} in all`;
}

function serverLines(server: ServedResults): Line[] {
  const { name, model, rows } = server;
  const head = `${name} · ${model} · prompts as ${server.prompts}`;
  const kept = goodputKept(rows);
  const finding = kept.map(
    ({ load, share }) => `At ${load} goodput is ${(100 * share).toFixed(0)}% of its peak.`,
  );
  return [head, countsTable(rows), '', timesTable(rows), ...finding];
}

/** Goodput of each overload, a rate beyond what the closed loop reached, as a share of the best. */
export function goodputKept(rows: readonly LoadRow[]): { load: string; share: number }[] {
  const capacity = rows.find(({ requestsPerSecond }) => requestsPerSecond === undefined);
  const peak = maxOf(rows.map(({ goodputPerSecond }) => goodputPerSecond));
  if (capacity === undefined || peak === 0) return [];
  return rows
    .filter((row) => (row.requestsPerSecond ?? 0) > capacity.answeredPerSecond)
    .map((row) => ({ load: row.name, share: row.goodputPerSecond / peak }));
}

function countsTable(rows: readonly LoadRow[]): Line {
  const heads = ['load', '>req/s', '>sent', '>answered', '>refused', '>failed', '>within limits'];
  return table(
    [...heads, '>goodput/s', '>tokens/s', '>cached'],
    rows.map((row) => [
      row.name,
      (row.requestsPerSecond ?? row.answeredPerSecond).toFixed(2),
      ...[row.sentCount, row.answeredCount, row.refusedCount, row.failedCount].map(String),
      String(row.withinLimitsCount),
      row.goodputPerSecond.toFixed(2),
      row.outputTokensPerSecond.toFixed(1),
      `${((100 * row.cachedTokens) / Math.max(1, row.promptTokens)).toFixed(0)}%`,
    ]),
  );
}

function timesTable(rows: readonly LoadRow[]): Line {
  return table(
    ['load', '>first token', '>per token', '>between tokens', '>all', '>refusal', '>health'],
    rows.map((row) => [
      row.name,
      ...[row.ttftMs, row.tokenMs, row.gapMs, row.endToEndMs].map(times),
      ...[row.refusedAfterMs, row.healthMs].map(times),
    ]),
  );
}

function times(ms: Percentiles | undefined): string {
  if (ms === undefined) return '';
  return [ms.p50, ms.p90, ms.p95, ms.p99].map(short).join('/');
}

function short(ms: number): string {
  if (!Number.isFinite(ms)) return 'none';
  return ms >= 100 ? ms.toFixed(0) : String(Number(ms.toPrecision(2)));
}

/** A line per request and load. */
export function requestsCsv({ servers }: ServeResults): string {
  const lines = servers.flatMap(({ name, rows, records }) =>
    records.flatMap((run, i) =>
      run.map((record) => ({ server: name, load: rows[i]!.name, record })),
    ),
  );
  type Entry = (typeof lines)[number];
  const ofRecord =
    (pick: (record: RequestRecord) => string | number | undefined) =>
    ({ record }: Entry): string | number | undefined =>
      pick(record);
  return csv<Entry>(
    {
      server: ({ server }) => server,
      load: ({ load }) => load,
      number: ofRecord(({ number }) => number),
      intended_ms: ofRecord(({ intendedMs }) => intendedMs),
      sent_ms: ofRecord(({ sentMs }) => sentMs),
      outcome: ofRecord(({ outcome }) => outcome),
      status: ofRecord(({ status }) => status),
      ttft_ms: ofRecord(({ ttftMs }) => ttftMs),
      end_to_end_ms: ofRecord(({ endToEndMs }) => endToEndMs),
      refused_after_ms: ofRecord(({ refusedAfterMs }) => refusedAfterMs),
      prompt_tokens: ofRecord(({ promptTokens }) => promptTokens),
      cached_tokens: ofRecord(({ cachedTokens }) => cachedTokens),
      output_tokens: ofRecord(({ outputTokens }) => outputTokens),
    },
    lines,
  );
}
