/**
 * Decode attention of one sequence on a GPU, from published rows by heads and context.
 *
 * Contexts: straight lines between rows; below 1,024 tokens, where the work is split over more and
 * more blocks, over the square root of the context (of lines, logarithms and roots the one that
 * errs least on rows left out). One token is a launch, whatever the heads: a set without that row
 * takes it from another set of its GPU, or another GPU's in proportion. Key heads between 1 and
 * 8: straight lines between both tables; above 8 the bytes beyond 8 at the rate of the last two
 * rows. A GPU without rows for its heads takes another's, scaled by the mean ratio of both where
 * both have rows; one without any rows takes H100's launch, and bytes at the rate of its memory.
 */
import { tryGpuFacts } from '@wafer/core';
import type { GpuFacts } from '@wafer/core';
import { interpolate } from '../fit/interpolate.ts';
import type { Point } from '../fit/interpolate.ts';
import { isRefusal, refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { GPU_ATTENTION } from '../published/gpu-attention.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';

export interface AttentionUse {
  readonly gpu: string;
  readonly queryHeads: number;
  readonly kvHeads: number;
  readonly headWidth: number;
  readonly contextTokens: number;
}

/** Contexts and microseconds by GPU and heads. */
export type AttentionTable = ReadonlyMap<string, readonly Point[]>;

/** Below this, splitting the context costs more than its bytes. */
const SPLIT_TOKENS = 1024;
const TABLE_HEAD_WIDTH = 128;
/** Tables that others are read between: all key heads of 8B, and one key head of a share of 70B. */
const WIDE = { queryHeads: 32, kvHeads: 8 };
const NARROW = { queryHeads: 8, kvHeads: 1 };
export const REFERENCE_GPU = 'H100';

/** Tables from rows. */
export function attentionTable(rows: readonly PublishedRow[]): AttentionTable {
  const sets = Map.groupBy(rows, (row) =>
    keyOf(textAt(row, 'gpu'), {
      queryHeads: numberAt(row, 'query_heads'),
      kvHeads: numberAt(row, 'kv_heads'),
    }),
  );
  return new Map(
    [...sets].map(([key, own]) => [
      key,
      own
        .map((row): Point => [numberAt(row, 'context_tokens'), numberAt(row, 'microseconds')])
        .toSorted(([a], [b]) => a - b),
    ]),
  );
}

/** Microseconds by a table. */
export function attentionBy(table: AttentionTable, use: AttentionUse): number | Refusal {
  const facts = tryGpuFacts(use.gpu);
  if (!facts) return refuse(`no figures of ${use.gpu} are known`);
  if (table.has(keyOf(use.gpu, WIDE))) return attentionOf(table, use.gpu, use);
  const whole = attentionOf(table, REFERENCE_GPU, use);
  const launch = attentionOf(table, REFERENCE_GPU, { ...use, contextTokens: 1 });
  if (isRefusal(whole) || isRefusal(launch)) return whole;
  // Without rows: the other GPU's launch, and what grows with the context at its own rate.
  return launch + (whole - launch) * rateOver(facts);
}

/** Time of bytes over that on the GPU whose rows stand for others. */
export function rateOver({ bandwidthBytesPerS }: GpuFacts): number {
  return tryGpuFacts(REFERENCE_GPU)!.bandwidthBytesPerS.value / bandwidthBytesPerS.value;
}

function attentionOf(table: AttentionTable, gpu: string, use: AttentionUse): number | Refusal {
  const own = table.get(keyOf(gpu, use));
  if (own && use.headWidth === TABLE_HEAD_WIDTH) {
    return at(withLaunch(table, gpu, own), use.contextTokens);
  }
  const kvHeads = (use.kvHeads * use.headWidth) / TABLE_HEAD_WIDTH;
  return betweenHeads(table, gpu, kvHeads, use.contextTokens);
}

function betweenHeads(
  table: AttentionTable,
  gpu: string,
  kvHeads: number,
  tokens: number,
): number | Refusal {
  const wide = table.get(keyOf(gpu, WIDE));
  const wideOther = table.get(keyOf(REFERENCE_GPU, WIDE));
  const narrowOther = table.get(keyOf(REFERENCE_GPU, NARROW));
  if (!wide || !wideOther || !narrowOther) return refuse('no rows to scale from');
  const wideUs = at(wide, tokens);
  if (kvHeads > WIDE.kvHeads) {
    const [before, last] = wide.slice(-2);
    const usPerToken = (last![1] - before![1]) / (last![0] - before![0]);
    return wideUs + (kvHeads / WIDE.kvHeads - 1) * usPerToken * tokens;
  }
  const narrowUs = at(narrowOther, tokens) * meanRatio(wide, wideOther);
  const part = Math.max(0, kvHeads - NARROW.kvHeads) / (WIDE.kvHeads - NARROW.kvHeads);
  return narrowUs + (wideUs - narrowUs) * part;
}

/** Geometric mean of what one takes over the other; one ratio keeps longer contexts slower. */
function meanRatio(own: readonly Point[], other: readonly Point[]): number {
  const logs = own.map(([tokens, us]) => Math.log(us / at(other, tokens)));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

/** A set that has a row of one token, its own or one that others lead to. */
function withLaunch(table: AttentionTable, gpu: string, own: readonly Point[]): readonly Point[] {
  if (own[0]![0] <= 1) return own;
  const sets = [...table].filter(([, points]) => points[0]![0] <= 1 && points !== own);
  const near = sets.find(([key]) => key.startsWith(`${gpu} `));
  if (near) return [[1, near[1][0]![1]], ...own];
  const far = sets[0];
  return far ? [[1, far[1][0]![1] * meanRatio(own, far[1])], ...own] : own;
}

function at(points: readonly Point[], tokens: number): number {
  const after = points.findIndex(([context]) => context >= tokens);
  const before = points[Math.max(0, (after === -1 ? points.length - 1 : after) - 1)]!;
  if (before[0] >= SPLIT_TOKENS) return interpolate(points, tokens);
  const roots = points.map(([context, us]): Point => [Math.sqrt(context), us]);
  return interpolate(roots, Math.sqrt(tokens));
}

let ours: AttentionTable | undefined;

/** Whether attention of a GPU was published to us. */
export function hasAttention(gpu: string): boolean {
  return GPU_ATTENTION.rows.some((row) => textAt(row, 'gpu') === gpu);
}

/** Microseconds of decode attention by our rows. */
export function attentionUs(use: AttentionUse): number | Refusal {
  ours ??= attentionTable(GPU_ATTENTION.rows);
  return attentionBy(ours, use);
}

function keyOf(
  gpu: string,
  { queryHeads, kvHeads }: Pick<AttentionUse, 'queryHeads' | 'kvHeads'>,
): string {
  return `${gpu} ${queryHeads}/${kvHeads}`;
}
