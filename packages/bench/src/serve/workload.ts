/**
 * What a bench sends and when: a trace, or chance, brought to the size of what is measured.
 *
 * Lengths are scaled so that the longest request fits; arrivals are stretched or squeezed to a rate
 * and keep their shape: bursts stay bursts. Equal blocks of a trace stay equal prefixes.
 */
import { assert, maxOf } from '@wafer/core';
import { Random } from '@wafer/fabric/links';
import type { TraceRow } from './trace-file.ts';

/** One request to be sent. */
export interface PlannedRequest {
  /** When it is meant to leave, from the start of a run on; latencies count from there. */
  atMs: number;
  promptTokens: number;
  outputTokens: number;
  /** Blocks of equal tokens that the prompt is made of; without them it shares nothing. */
  blocks: readonly number[];
  /** Tokens of each block. */
  blockTokens: number;
}

/** Tokens of a block of Mooncake's trace. */
const TRACE_BLOCK_TOKENS = 512;

/** The first `count` requests of a trace, none longer than `longestTokens`; times as recorded. */
export function scaleTrace(
  rows: readonly TraceRow[],
  { count, longestTokens }: { count: number; longestTokens: number },
): PlannedRequest[] {
  const taken = rows.slice(0, count);
  const longest = maxOf(taken.map((row) => row.promptTokens + row.outputTokens));
  const scale = Math.min(1, (longestTokens - 2) / Math.max(1, longest));
  const tokens = (length: number): number => Math.max(1, Math.round(length * scale));
  return taken.map(({ atMs, promptTokens, outputTokens, blocks = [] }) => ({
    atMs,
    promptTokens: tokens(promptTokens),
    outputTokens: tokens(outputTokens),
    blocks,
    blockTokens: tokens(TRACE_BLOCK_TOKENS),
  }));
}

/** Mean prompt and answer of requests that come by chance; lengths are spread evenly around. */
export interface ChanceOptions {
  count: number;
  promptTokens: number;
  outputTokens: number;
  seed: number;
}

/** Requests that come independently of each other (a Poisson process), one a second on average. */
export function poissonRequests(options: ChanceOptions): PlannedRequest[] {
  const random = new Random(options.seed);
  const around = (mean: number): number =>
    Math.max(1, Math.round(mean * (0.5 + random.fraction())));
  let atMs = 0;
  return Array.from({ length: options.count }, () => {
    atMs += -Math.log(1 - random.fraction()) * 1000;
    const promptTokens = around(options.promptTokens);
    const outputTokens = around(options.outputTokens);
    return { atMs, promptTokens, outputTokens, blocks: [], blockTokens: 0 };
  });
}

/** How long a run sends its requests over and over, and how many of them per second on average. */
export interface Repeats {
  seconds: number;
  requestsPerSecond: number;
}

/** The same requests over and over, at the rate they have: as many as come within the seconds. */
export function repeated(
  requests: readonly PlannedRequest[],
  { seconds, requestsPerSecond }: Repeats,
): readonly PlannedRequest[] {
  // By the rate and not by their times, which may all be one.
  const roundMs = (requests.length / requestsPerSecond) * 1000;
  const rounds = Math.ceil((seconds * 1000) / roundMs);
  return Array.from({ length: rounds }, (_, round) =>
    requests.map((request) => ({ ...request, atMs: request.atMs + round * roundMs })),
  )
    .flat()
    .filter(({ atMs }) => atMs < seconds * 1000);
}

/** The same requests at a mean rate; the shape of their arrivals stays. */
export function atRate(
  requests: readonly PlannedRequest[],
  requestsPerSecond: number,
): PlannedRequest[] {
  assert(requestsPerSecond > 0, 'requests come at a rate', { requestsPerSecond });
  const lastMs = Math.max(1e-9, requests.at(-1)?.atMs ?? 0);
  const wantedMs = (Math.max(1, requests.length - 1) / requestsPerSecond) * 1000;
  const factor = wantedMs / lastMs;
  return requests.map((request) => ({ ...request, atMs: request.atMs * factor }));
}
