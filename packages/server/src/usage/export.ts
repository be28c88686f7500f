/**
 * Usage and cost for reading: rows put together by time and by what is asked for, as OpenAI's
 * buckets or as rows of CSV.
 */
import type { UsageCounts, UsageRow } from './ledger.ts';

/** What rows can be put together by. */
export const GROUPS = ['organization', 'project', 'key', 'model', 'kind', 'isBatch'] as const;
export type UsageGroup = (typeof GROUPS)[number];

/** A span of time and what was used in it. Units: seconds since 1970. */
export interface UsageBucket {
  start: number;
  end: number;
  rows: GroupedRow[];
}

/** Sums; what they were not put together by is undefined. */
export type GroupedRow = UsageCounts & Partial<Pick<UsageRow, UsageGroup>>;

/** The sums of rows with equal groups, in order of arrival. */
export function groupRows(rows: readonly UsageRow[], groups: readonly UsageGroup[]): GroupedRow[] {
  const sums = new Map<string, GroupedRow>();
  for (const row of rows) {
    const names = Object.fromEntries(groups.map((group) => [group, row[group]]));
    const key = JSON.stringify(names);
    let sum = sums.get(key);
    if (sum === undefined) {
      const zeros = { requests: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, costNanos: 0 };
      sums.set(key, (sum = { ...names, ...zeros }));
    }
    sum.requests += row.requests;
    sum.inputTokens += row.inputTokens;
    sum.cachedTokens += row.cachedTokens;
    sum.outputTokens += row.outputTokens;
    sum.costNanos += row.costNanos;
  }
  return [...sums.values()];
}

/** A span of time cut into buckets. Units: seconds. */
export interface UsageSpan {
  from: number;
  to: number;
  width: number;
}

/** Every bucket of a span, empty ones too. */
export function bucketRows(
  rows: readonly UsageRow[],
  span: UsageSpan,
  groups: readonly UsageGroup[],
): UsageBucket[] {
  const { from, to, width } = span;
  const own = rowsByStart(rows, span);
  const buckets: UsageBucket[] = [];
  for (let start = from; start < to; start += width) {
    const end = Math.min(to, start + width);
    buckets.push({ start, end, rows: groupRows(own.get(start) ?? [], groups) });
  }
  return buckets;
}

/** The buckets of a span in which something was used: of rows that come in the order of time. */
export function filledBuckets(
  rows: readonly UsageRow[],
  span: UsageSpan,
  groups: readonly UsageGroup[],
): UsageBucket[] {
  return [...rowsByStart(rows, span)].map(([start, own]) => {
    const end = Math.min(span.to, start + span.width);
    return { start, end, rows: groupRows(own, groups) };
  });
}

function rowsByStart(
  rows: readonly UsageRow[],
  { from, width }: UsageSpan,
): Map<number, UsageRow[]> {
  return Map.groupBy(rows, ({ minute }) => minute - ((minute - from) % width));
}

const COLUMNS = [
  ...['start', 'end', 'organization', 'project', 'key', 'model', 'kind', 'batch', 'requests'],
  ...['input_tokens', 'cached_tokens', 'output_tokens', 'cost_usd'],
];

/** Buckets as CSV (RFC 4180), times in ISO 8601. */
export function usageCsv(buckets: readonly UsageBucket[]): string {
  const lines = buckets.flatMap(({ start, end, rows }) =>
    rows.map((row) =>
      [
        ...[timeText(start), timeText(end), row.organization, row.project, row.key, row.model],
        ...[row.kind, row.isBatch, row.requests, row.inputTokens, row.cachedTokens],
        ...[row.outputTokens, dollars(row.costNanos)],
      ]
        .map(cellText)
        .join(','),
    ),
  );
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}

/** Nine places, so that nothing is rounded away. */
export function dollars(nanos: number): string {
  return (nanos / 1e9).toFixed(9);
}

/** A cell that a spreadsheet takes for text, never for a formula. */
function cellText(value: string | number | boolean | undefined): string {
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
