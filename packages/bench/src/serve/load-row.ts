/**
 * What a run under load comes to: percentiles, throughput, and goodput under limits.
 *
 * Goodput counts the requests that were answered within both limits, per second of the run: what a
 * user would call served. Percentiles are by nearest rank, of answered requests alone; how many
 * those are stands beside them.
 */
import { quantileOf } from '../statistics.ts';
import type { LoadRun } from './run-load.ts';
import type { RequestRecord } from './stream-request.ts';

/** What a user waits for at most. Default: those of MLPerf Inference for a chat model. */
export interface ServeLimits {
  ttftMs: number;
  tokenMs: number;
}

export const SERVE_LIMITS_DEFAULT: ServeLimits = { ttftMs: 2000, tokenMs: 200 };

/** Milliseconds; undefined where nothing was counted. */
export interface Percentiles {
  p50: number;
  p90: number;
  p95: number;
  p99: number;
}

export interface LoadRow {
  /** What was asked: `0.7 of capacity`, `closed loop`. */
  name: string;
  /** Wanted; undefined in a closed loop. */
  requestsPerSecond: number | undefined;
  sentCount: number;
  answeredCount: number;
  refusedCount: number;
  failedCount: number;
  withinLimitsCount: number;
  seconds: number;
  /** Answered within the limits, per second. */
  goodputPerSecond: number;
  answeredPerSecond: number;
  outputTokensPerSecond: number;
  promptTokens: number;
  cachedTokens: number;
  outputTokens: number;
  ttftMs: Percentiles | undefined;
  /** Per token after the first, by request. */
  tokenMs: Percentiles | undefined;
  /** Between tokens, of all requests. */
  gapMs: Percentiles | undefined;
  endToEndMs: Percentiles | undefined;
  refusedAfterMs: Percentiles | undefined;
  healthMs: Percentiles | undefined;
  /** How late requests left: more than a little says that this process was the bottleneck. */
  lateMs: Percentiles | undefined;
}

/** Sums up a run. */
export function loadRow(
  run: LoadRun,
  about: { name: string; requestsPerSecond?: number | undefined; limits: ServeLimits },
): LoadRow {
  const { records, wallMs, healthMs } = run;
  const answered = records.filter(({ outcome }) => outcome === 'answered');
  const refused = records.filter(({ outcome }) => outcome === 'refused');
  const within = answered.filter((record) => isWithin(record, about.limits));
  const total = (pick: (record: RequestRecord) => number): number =>
    answered.reduce((sum, record) => sum + pick(record), 0);
  const seconds = Math.max(1e-9, wallMs / 1000);
  const outputTokens = total((record) => record.outputTokens);
  return {
    name: about.name,
    requestsPerSecond: about.requestsPerSecond,
    sentCount: records.length,
    answeredCount: answered.length,
    refusedCount: refused.length,
    failedCount: records.length - answered.length - refused.length,
    withinLimitsCount: within.length,
    seconds,
    goodputPerSecond: within.length / seconds,
    answeredPerSecond: answered.length / seconds,
    outputTokensPerSecond: outputTokens / seconds,
    promptTokens: total((record) => record.promptTokens),
    cachedTokens: total((record) => record.cachedTokens),
    outputTokens,
    ttftMs: percentilesOf(answered.map(({ ttftMs }) => ttftMs)),
    tokenMs: percentilesOf(answered.map(tokenMsOf)),
    gapMs: percentilesOf(answered.flatMap(({ gapsMs }) => gapsMs)),
    endToEndMs: percentilesOf(answered.map(({ endToEndMs }) => endToEndMs)),
    refusedAfterMs: percentilesOf(refused.map(({ refusedAfterMs }) => refusedAfterMs)),
    healthMs: percentilesOf(healthMs),
    lateMs: percentilesOf(
      records.map(({ sentMs, intendedMs }) => Math.max(0, sentMs - intendedMs)),
    ),
  };
}

/** Milliseconds per token after the first; undefined where there is only one. */
export function tokenMsOf({ gapsMs, outputTokens }: RequestRecord): number | undefined {
  if (outputTokens < 2) return undefined;
  return gapsMs.reduce((sum, gap) => sum + gap, 0) / (outputTokens - 1);
}

function isWithin(record: RequestRecord, limits: ServeLimits): boolean {
  // An answer of which nothing is shown has its first token at its end.
  const ttftMs = record.ttftMs ?? record.endToEndMs;
  return ttftMs <= limits.ttftMs && (tokenMsOf(record) ?? 0) <= limits.tokenMs;
}

/** Percentiles of the values that are there. */
export function percentilesOf(values: readonly (number | undefined)[]): Percentiles | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  const at = (share: number): number => quantileOf(known, share);
  return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) };
}
