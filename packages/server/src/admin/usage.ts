/**
 * Usage and cost: OpenAI's organization endpoints where the meaning is the same, and all of it as
 * CSV or JSON.
 *
 * What OpenAI calls a project is a tenant here. Times are seconds since 1970; buckets begin at
 * whole minutes, hours and days in UTC; pages go on where `next_page` says. What is exported is all
 * of the time that was asked for, in one answer.
 *
 * Source: OpenAI, "Usage" and "Costs" of its administration interface.
 */
import { invalidParam } from '../errors/api-error.ts';
import type { BodySchema, Call, Endpoint, Reply } from '../http/route.ts';
import { json } from '../http/route.ts';
import type { Services } from '../services.ts';
import { bucketRows, filledBuckets, usageCsv } from '../usage/export.ts';
import type { UsageGroup, GroupedRow } from '../usage/export.ts';
import type { UsageKey, UsageRow } from '../usage/ledger.ts';

const WIDTHS: Readonly<Record<string, { seconds: number; limit: number; limitMax: number }>> = {
  '1m': { seconds: 60, limit: 60, limitMax: 1440 },
  '1h': { seconds: 3600, limit: 24, limitMax: 168 },
  '1d': { seconds: 86_400, limit: 7, limitMax: 31 },
};
const NUMBER: BodySchema = { type: 'string', pattern: '^[0-9]{1,12}$' };
const WORDS: BodySchema = {
  anyOf: [
    { type: 'string', maxLength: 256 },
    { type: 'array', maxItems: 100, items: { type: 'string', maxLength: 256 } },
  ],
};
/** Lists are sent as `name=a&name=b` or as `name[]=a`. */
const LISTS = ['group_by', 'project_ids', 'api_key_ids', 'models'];

/** How OpenAI calls what rows are put together by. */
const GROUP_NAMES: Readonly<Record<string, UsageGroup>> = {
  project_id: 'project',
  api_key_id: 'key',
  model: 'model',
  batch: 'isBatch',
};

const CHOICES: BodySchema = {
  ...{ start_time: NUMBER, end_time: NUMBER },
  ...{ bucket_width: { enum: Object.keys(WIDTHS) }, batch: { enum: ['true', 'false'] } },
  ...Object.fromEntries(LISTS.flatMap((name) => [name, `${name}[]`]).map((n) => [n, WORDS])),
};
const queryOf = (properties: BodySchema): BodySchema => ({
  ...{ type: 'object', required: ['start_time'], additionalProperties: false },
  properties: { ...CHOICES, ...properties },
});
const QUERY = queryOf({ limit: NUMBER, page: NUMBER });

interface UsageQuestion {
  from: number;
  to: number;
  width: number;
  limit: number;
  groups: UsageGroup[];
  rows: UsageRow[];
}

type Query = Call['query'];

/** Throws: ApiError 400. */
function question(
  query: Query,
  { usage, nowSeconds }: Services,
  { kind, isWhole = false }: { kind?: UsageKey['kind']; isWhole?: boolean } = {},
): UsageQuestion {
  const { seconds: width, ...limits } = WIDTHS[String(query['bucket_width'] ?? '1d')]!;
  const limit = Number(query['limit'] ?? limits.limit);
  if (limit < 1 || limit > limits.limitMax) {
    throw invalidParam('limit', `'limit' is to be between 1 and ${limits.limitMax}`);
  }
  const start = Number(query['page'] ?? query['start_time']);
  const to = Number(query['end_time'] ?? nowSeconds() + 1);
  if (to <= start) throw invalidParam('end_time', "'end_time' is to be behind 'start_time'");
  const from = Math.floor(start / width) * width;
  const groups = listOf(query, 'group_by').map((name) => {
    const group = Object.hasOwn(GROUP_NAMES, name) ? GROUP_NAMES[name] : undefined;
    if (group !== undefined) return group;
    throw invalidParam('group_by', `there is no usage by ${name} here`);
  });
  const wanted = { project: listOf(query, 'project_ids'), key: listOf(query, 'api_key_ids') };
  const models = listOf(query, 'models');
  const isIn = (list: readonly string[], value: string): boolean =>
    list.length === 0 || list.includes(value);
  const rows = usage.ledger
    .read(from, isWhole ? to : Math.min(to, from + limit * width))
    .filter((row) => kind === undefined || row.kind === kind)
    .filter((row) => isIn(wanted.project, row.project) && isIn(wanted.key, row.key))
    .filter((row) => isIn(models, row.model))
    .filter((row) => query['batch'] === undefined || String(row.isBatch) === query['batch']);
  return { from, to, width, limit, groups, rows };
}

function listOf(query: Query, name: string): string[] {
  const value = query[name] ?? query[`${name}[]`] ?? [];
  return Array.isArray(value) ? (value as string[]) : [String(value)];
}

/** A page of buckets, each row of them as `result` has it. */
function page(asked: UsageQuestion, result: (row: GroupedRow) => object): Reply {
  const { from, to, width, limit, groups, rows } = asked;
  const next = from + limit * width;
  const end = Math.min(to, next);
  const data = bucketRows(rows, { from, to: end, width }, groups).map((bucket) => ({
    object: 'bucket',
    start_time: bucket.start,
    end_time: bucket.end,
    results: bucket.rows.map(result),
  }));
  const hasMore = next < to;
  return json({
    object: 'page',
    data,
    has_more: hasMore,
    next_page: hasMore ? String(next) : null,
  });
}

function resultOf(row: GroupedRow, kind: UsageKey['kind']): object {
  const answers = {
    output_tokens: row.outputTokens,
    input_cached_tokens: row.cachedTokens,
    ...{ input_audio_tokens: 0, output_audio_tokens: 0 },
  };
  return {
    object: `organization.usage.${kind}.result`,
    input_tokens: row.inputTokens,
    ...(kind === 'completions' ? answers : {}),
    num_model_requests: row.requests,
    project_id: row.project ?? null,
    user_id: null,
    api_key_id: row.key ?? null,
    model: row.model ?? null,
    ...(kind === 'completions' ? { batch: row.isBatch ?? null } : {}),
  };
}

function usageOf(kind: UsageKey['kind']): Endpoint<Services> {
  return {
    method: 'GET',
    path: `/v1/organization/usage/${kind}`,
    summary: `Tokens and requests of ${kind}, in buckets of time`,
    access: 'audit',
    query: QUERY,
    handler: ({ query }, services) =>
      page(question(query, services, { kind }), (row) => resultOf(row, kind)),
  };
}

const COSTS: Endpoint<Services> = {
  method: 'GET',
  path: '/v1/organization/costs',
  summary: 'What was used, in dollars, in buckets of time',
  access: 'audit',
  query: QUERY,
  handler: ({ query }, services) =>
    page(question(query, services), (row) => ({
      object: 'organization.costs.result',
      amount: { value: row.costNanos / 1e9, currency: 'usd' },
      line_item: row.model ?? null,
      project_id: row.project ?? null,
    })),
};

const ALL_GROUPS: readonly UsageGroup[] = [
  ...(['organization', 'project', 'key', 'model', 'kind', 'isBatch'] as const),
];

const EXPORT: Endpoint<Services> = {
  method: 'GET',
  path: '/v1/admin/usage',
  summary: 'All usage and cost, by the smallest groups, as CSV or JSON',
  access: 'audit',
  query: queryOf({ format: { enum: ['csv', 'json'] } }),
  handler: ({ query }, services) => {
    const { format, ...rest } = query;
    const { groups, rows, ...span } = question(rest, services, { isWhole: true });
    const buckets = filledBuckets(rows, span, groups.length > 0 ? groups : ALL_GROUPS);
    if (format !== 'csv') return json({ object: 'list', data: buckets });
    return { kind: 'text', body: usageCsv(buckets), type: 'text/csv; charset=utf-8' };
  },
};

export const USAGE: readonly Endpoint<Services>[] = [
  ...[usageOf('completions'), usageOf('embeddings'), COSTS, EXPORT],
];
