/**
 * What a server costs over the embedding interface: the same answers of the same model, in turns.
 *
 * Tokens per second of B answers that begin together, from the first call to the last token, and
 * the processor time of a token: of the thread that the caller or the sockets have, and of all
 * threads. One wafer, in this process, is asked both ways: two wafers of one model differ by some
 * percent for as long as they live, by where their memory came to lie. The server's client is a
 * process of its own, and its share of the cores is part of what a server costs here.
 */
import { plural, WaferError } from '@wafer/core';
import type { Wafer } from '@wafer/runtime';
import { medianOf, ratioByRound, turnsOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { threadTimes } from '../thread-times.ts';
import { openChild } from '../process/child.ts';
import type { RunnerOf } from '../process/runner.ts';
import type { CountingClientRole, CountingSample } from './counting-client.ts';
import { IDS, promptOfRequest } from './prompts.ts';
import { bodyOf, headersOf, pathOf } from './target.ts';
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
  /** Undefined where the system does not tell. */
  embeddedTime: TokenTime | undefined;
  servedTime: TokenTime | undefined;
}

/** Microseconds of processor time per token. */
export interface TokenTime {
  mainUs: number;
  allUs: number;
}

/** One turn. */
interface Turn {
  rate: number;
  time: TokenTime | undefined;
}

/** A wafer, and the server of this process that answers with it. */
export interface ServedWafer {
  wafer: Wafer;
  target: MeasuredServer;
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
  { wafer, target }: ServedWafer,
  options: OverheadOptions,
): Promise<OverheadRow[]> {
  const client = await openChild<CountingClientRole>('counting-client', undefined);
  try {
    return await compare({ wafer, target, client }, options);
  } finally {
    await client.close();
  }
}

/** Both ways to ask. */
interface Ways extends ServedWafer {
  client: RunnerOf<CountingClientRole>;
}

async function compare(ways: Ways, options: OverheadOptions): Promise<OverheadRow[]> {
  const rows: OverheadRow[] = [];
  let number = 1;
  for (const batch of options.batches) {
    const embedded: Turn[] = [];
    const served: Turn[] = [];
    for (let round = -1; round < options.rounds; round++) {
      options.signal.throwIfAborted();
      const requests = sameRequests(batch, options);
      const turns = [
        async () => embedded.push(await embeddedTurn(ways, requests, number, options)),
        async () => served.push(await servedTurn(ways, requests, number)),
      ];
      for (const turn of turnsOf(turns, round + 1)) await turn();
      number += batch;
    }
    const row = rowOf({ batch, tokens: options.tokens }, embedded.slice(1), served.slice(1));
    options.say(`batch ${batch}: ${row.ratio.median.toFixed(3)} of the embedding interface`);
    rows.push(row);
  }
  return rows;
}

function rowOf(
  about: { batch: number; tokens: number },
  embedded: readonly Turn[],
  served: readonly Turn[],
): OverheadRow {
  const [fast, slow] = [embedded, served].map((turns) => turns.map(({ rate }) => rate));
  return {
    ...about,
    embeddedTokensPerSecond: medianOf(fast!),
    servedTokensPerSecond: medianOf(slow!),
    ratio: ratioByRound(slow!, fast!),
    bar: BAR,
    embeddedTime: medianTime(embedded),
    servedTime: medianTime(served),
  };
}

function medianTime(turns: readonly Turn[]): TokenTime | undefined {
  const known = turns.flatMap(({ time }) => (time === undefined ? [] : [time]));
  if (known.length === 0) return undefined;
  return {
    mainUs: medianOf(known.map(({ mainUs }) => mainUs)),
    allUs: medianOf(known.map(({ allUs }) => allUs)),
  };
}

function sameRequests(batch: number, options: OverheadOptions): PlannedRequest[] {
  const { tokens: outputTokens, promptTokens } = options;
  const one = { atMs: 0, promptTokens, outputTokens, blocks: [], blockTokens: 0 };
  return Array.from({ length: batch }, () => one);
}

async function embeddedTurn(
  { wafer }: Ways,
  requests: readonly PlannedRequest[],
  firstNumber: number,
  { signal }: OverheadOptions,
): Promise<Turn> {
  const prompts = requests.map((request, i) =>
    promptOfRequest(request, { number: firstNumber + i, form: IDS }),
  );
  return timed(async () => {
    const beganAtMs = performance.now();
    const counts = await Promise.all(
      requests.map(async ({ outputTokens }, i) => {
        let count = 0;
        const length = { maxTokens: outputTokens, minTokens: outputTokens };
        const stream = wafer.generate(prompts[i]!, { ...length, temperature: 0, signal });
        for await (const _ of stream) count++;
        return count;
      }),
    );
    return { counts, ms: performance.now() - beganAtMs };
  });
}

async function servedTurn(
  { target, client }: Ways,
  requests: readonly PlannedRequest[],
  firstNumber: number,
): Promise<Turn> {
  const url = pathOf(target);
  const bodies = requests.map((request, i) => {
    const prompt = promptOfRequest(request, { number: firstNumber + i, form: target.form });
    return JSON.stringify(bodyOf(target, prompt, request.outputTokens));
  });
  return timed(async () => {
    const sample = await client.measure({ url, headers: headersOf(target), bodies });
    const short = sample.counts.findIndex((count, i) => count !== requests[i]!.outputTokens);
    if (short < 0) return sample;
    const reason = `${sample.counts[short]} tokens, asked for ${requests[short]!.outputTokens}`;
    throw new WaferError('SERVER_UNUSABLE', { url, reason });
  });
}

/** The tokens of what runs, per second and by the time of this process. */
async function timed(run: () => Promise<CountingSample>): Promise<Turn> {
  const before = threadTimes(process.pid);
  const { counts, ms } = await run();
  const after = threadTimes(process.pid);
  const tokens = counts.reduce((sum, count) => sum + count, 0);
  const usOf = (ns: number): number => ns / 1000 / tokens;
  const time = before &&
    after && {
      mainUs: usOf(after.mainNs - before.mainNs),
      allUs: usOf(after.allNs - before.allNs),
    };
  return { rate: (tokens / ms) * 1000, time };
}

/** One line per row. */
export function overheadLines(rows: readonly OverheadRow[]): string[] {
  return rows.flatMap((row) => {
    const { batch, tokens, ratio, bar, servedTime, embeddedTime } = row;
    const range = `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}`;
    const rate =
      `batch ${batch}, ${plural(tokens, 'token')}: ` +
      `${row.servedTokensPerSecond.toFixed(1)} tokens/s served, ` +
      `${row.embeddedTokensPerSecond.toFixed(1)} embedded: ${ratio.median.toFixed(3)} ` +
      `(${range} in ${plural(ratio.count, 'round')}; bar ${bar})`;
    if (servedTime === undefined || embeddedTime === undefined) return [rate];
    const usOf = (pick: (time: TokenTime) => number): string =>
      `${pick(servedTime).toFixed(0)} µs served, ${pick(embeddedTime).toFixed(0)} µs embedded`;
    return [
      rate,
      `  processor time of a token: ${usOf(({ mainUs }) => mainUs)}, by the thread of the caller ` +
        `or of the sockets; ${usOf(({ allUs }) => allUs)}, by all threads`,
    ];
  });
}
