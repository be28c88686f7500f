/**
 * What a server costs over the embedding interface: the same answers of the same model, in turns.
 *
 * Tokens per second of B answers that begin together, from the first call to the last token. The
 * wafer of the embedding interface lives in this process, which is also the server's client.
 */
import { WaferError } from '@wafer/core';
import type { Wafer } from '@wafer/runtime';
import { medianOf, ratioByRound, turnsOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { IDS, promptOfRequest } from './prompts.ts';
import { closedLoop } from './run-load.ts';
import type { MeasuredServer } from './target.ts';
import type { PlannedRequest } from './workload.ts';

export interface OverheadRow {
  batch: number;
  tokens: number;
  embeddedTokensPerSecond: number;
  servedTokensPerSecond: number;
  /** Served over embedded, round by round. */
  ratio: Spread;
  bar: number;
}

export interface OverheadOptions {
  batches: readonly number[];
  /** Of each answer. */
  tokens: number;
  promptTokens: number;
  rounds: number;
  signal: AbortSignal;
  say: (text: string) => void;
}

const BAR = 0.97;

/** Measures each batch. Both have run once before they are timed. */
export async function runOverhead(
  wafer: Wafer,
  target: MeasuredServer,
  options: OverheadOptions,
): Promise<OverheadRow[]> {
  const rows: OverheadRow[] = [];
  let number = 1;
  for (const batch of options.batches) {
    const embedded: number[] = [];
    const served: number[] = [];
    for (let round = -1; round < options.rounds; round++) {
      const requests = sameRequests(batch, options);
      const turns = [
        async () => embedded.push(await embeddedRate(wafer, requests, number, options)),
        async () => served.push(await servedRate(target, requests, number, options)),
      ];
      for (const turn of turnsOf(turns, round + 1)) await turn();
      number += batch;
    }
    const [fast, slow] = [embedded.slice(1), served.slice(1)];
    const ratio = ratioByRound(slow, fast);
    options.say(`batch ${batch}: ${ratio.median.toFixed(3)} of the embedding interface`);
    const rates = { embedded: medianOf(fast), served: medianOf(slow) };
    rows.push({
      batch,
      tokens: options.tokens,
      embeddedTokensPerSecond: rates.embedded,
      servedTokensPerSecond: rates.served,
      ratio,
      bar: BAR,
    });
  }
  return rows;
}

function sameRequests(batch: number, options: OverheadOptions): PlannedRequest[] {
  const { tokens: outputTokens, promptTokens } = options;
  const one = { atMs: 0, promptTokens, outputTokens, blocks: [], blockTokens: 0 };
  return Array.from({ length: batch }, () => one);
}

async function embeddedRate(
  wafer: Wafer,
  requests: readonly PlannedRequest[],
  firstNumber: number,
  { signal }: OverheadOptions,
): Promise<number> {
  const prompts = requests.map((request, i) =>
    promptOfRequest(request, { number: firstNumber + i, form: IDS }),
  );
  const startMs = performance.now();
  const counts = await Promise.all(
    requests.map(async ({ outputTokens }, i) => {
      let count = 0;
      const length = { maxTokens: outputTokens, minTokens: outputTokens };
      const stream = wafer.generate(prompts[i]!, { ...length, temperature: 0, signal });
      for await (const _ of stream) count++;
      return count;
    }),
  );
  return perSecond(counts, performance.now() - startMs);
}

async function servedRate(
  target: MeasuredServer,
  requests: readonly PlannedRequest[],
  firstNumber: number,
  { signal }: OverheadOptions,
): Promise<number> {
  const workers = requests.length;
  const run = await closedLoop(target, requests, {
    ...{ signal, firstNumber, workers },
    watchesHealth: false,
  });
  const failed = run.records.find(({ outcome }) => outcome !== 'answered');
  if (failed) {
    const reason = `status ${failed.status}: ${failed.text}`;
    throw new WaferError('SERVER_UNUSABLE', { url: target.baseUrl, reason });
  }
  const counts = run.records.map(({ outputTokens }) => outputTokens);
  return perSecond(counts, run.wallMs);
}

function perSecond(counts: readonly number[], ms: number): number {
  return (counts.reduce((sum, count) => sum + count, 0) / ms) * 1000;
}

/** One line per row. */
export function overheadLines(rows: readonly OverheadRow[]): string[] {
  return rows.map((row) => {
    const { batch, tokens, ratio, bar } = row;
    const range = `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)} in ${ratio.count} rounds`;
    return (
      `batch ${batch}, ${tokens} tokens: ` +
      `${row.servedTokensPerSecond.toFixed(1)} tokens/s served, ` +
      `${row.embeddedTokensPerSecond.toFixed(1)} embedded: ${ratio.median.toFixed(3)} ` +
      `(${range}; bar ${bar})`
    );
  });
}
