/**
 * What a server costs over the embedding interface: the same answers of the same model, in turns.
 *
 * B streams ask for one answer after the other, as many as take a turn; tokens per second are
 * counted from the first call to the last token. So is the processor time of a token: of the
 * thread that the caller or the sockets have, of all threads, and of the server's client, which is
 * a process of its own: its share of the cores is part of what a server costs here. One wafer, in
 * this process, is asked both ways: two wafers of one model differ by some percent for as long as
 * they live, by where their memory came to lie.
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

export interface OverheadRow {
  batch: number;
  /** Of an answer. */
  tokens: number;
  /** That a stream asks for in a turn. */
  answers: number;
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
  /** Of the process of the client; 0 where there is none. */
  clientUs: number;
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
  /** What a turn is to last, at least. */
  turnMs: number;
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
  const prompts = { made: 1 };
  for (const batch of options.batches) {
    const { tokens } = options;
    await embeddedTurn(ways, streamsOf({ batch, answers: 1 }, prompts, options));
    const once = await embeddedTurn(ways, streamsOf({ batch, answers: 1 }, prompts, options));
    const answers = Math.ceil(((options.turnMs / 1000) * once.rate) / (batch * tokens));
    const embedded: Turn[] = [];
    const served: Turn[] = [];
    for (let round = -1; round < options.rounds; round++) {
      options.signal.throwIfAborted();
      const streams = streamsOf({ batch, answers }, prompts, options);
      const turns = [
        async () => embedded.push(await embeddedTurn(ways, streams)),
        async () => served.push(await servedTurn(ways, streams)),
      ];
      for (const turn of turnsOf(turns, round + 1)) await turn();
    }
    const row = rowOf({ batch, tokens, answers }, embedded.slice(1), served.slice(1));
    options.say(`batch ${batch}: ${row.ratio.median.toFixed(3)} of the embedding interface`);
    rows.push(row);
  }
  return rows;
}

function rowOf(
  about: Pick<OverheadRow, 'batch' | 'tokens' | 'answers'>,
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
    clientUs: medianOf(known.map(({ clientUs }) => clientUs)),
  };
}

/** What B streams ask for, each its answers one after the other. */
interface Streams {
  /** Token ids. */
  prompts: number[][][];
  /** Of each answer. */
  tokens: number;
  signal: AbortSignal;
}

/** Streams whose prompts nobody had before. */
function streamsOf(
  { batch, answers }: Pick<OverheadRow, 'batch' | 'answers'>,
  prompts: { made: number },
  { tokens, promptTokens, signal }: OverheadOptions,
): Streams {
  const length = { promptTokens, outputTokens: tokens };
  const request = { ...length, atMs: 0, blocks: [], blockTokens: 0 };
  const prompt = (): number[] =>
    promptOfRequest(request, { number: prompts.made++, form: IDS }) as number[];
  const stream = (): number[][] => Array.from({ length: answers }, prompt);
  return { prompts: Array.from({ length: batch }, stream), tokens, signal };
}

async function embeddedTurn({ wafer }: Ways, streams: Streams): Promise<Turn> {
  const { prompts, tokens, signal } = streams;
  const options = { maxTokens: tokens, minTokens: tokens, temperature: 0, signal };
  return timed(async () => {
    const beganAtMs = performance.now();
    const counts = await Promise.all(
      prompts.map(async (stream) => {
        let count = 0;
        for (const prompt of stream) for await (const _ of wafer.generate(prompt, options)) count++;
        return count;
      }),
    );
    return { counts, ms: performance.now() - beganAtMs, processorNs: 0 };
  });
}

async function servedTurn({ target, client }: Ways, streams: Streams): Promise<Turn> {
  const url = pathOf(target);
  const bodies = streams.prompts.map((stream) =>
    stream.map((prompt) => JSON.stringify(bodyOf(target, prompt, streams.tokens))),
  );
  return timed(async () => {
    const sample = await client.measure({ url, headers: headersOf(target), bodies });
    const asked = streams.prompts[0]!.length * streams.tokens;
    const short = sample.counts.find((count) => count !== asked);
    if (short === undefined) return sample;
    throw new WaferError('SERVER_UNUSABLE', { url, reason: `${short} tokens, asked for ${asked}` });
  });
}

/** The tokens of what runs, per second and by the time of both processes. */
async function timed(run: () => Promise<CountingSample>): Promise<Turn> {
  const before = threadTimes(process.pid);
  const { counts, ms, processorNs } = await run();
  const after = threadTimes(process.pid);
  const tokens = counts.reduce((sum, count) => sum + count, 0);
  const usOf = (ns: number): number => ns / 1000 / tokens;
  const time = before &&
    after && {
      mainUs: usOf(after.mainNs - before.mainNs),
      allUs: usOf(after.allNs - before.allNs),
      clientUs: usOf(processorNs),
    };
  return { rate: (tokens / ms) * 1000, time };
}

/** One line per row. */
export function overheadLines(rows: readonly OverheadRow[]): string[] {
  return rows.flatMap((row) => {
    const { batch, tokens, answers, ratio, bar, servedTime, embeddedTime } = row;
    const range = `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}`;
    const rate =
      `batch ${batch}, ${plural(answers, 'answer')} of ${plural(tokens, 'token')} each: ` +
      `${row.servedTokensPerSecond.toFixed(1)} tokens/s served, ` +
      `${row.embeddedTokensPerSecond.toFixed(1)} embedded: ${ratio.median.toFixed(3)} ` +
      `(${range} in ${plural(ratio.count, 'round')}; bar ${bar})`;
    if (servedTime === undefined || embeddedTime === undefined) return [rate];
    const usOf = (pick: (time: TokenTime) => number): string =>
      `${pick(servedTime).toFixed(0)} µs served, ${pick(embeddedTime).toFixed(0)} µs embedded`;
    return [
      rate,
      `  processor time of a token: ${usOf(({ mainUs }) => mainUs)}, by the thread of the caller ` +
        `or of the sockets; ${usOf(({ allUs }) => allUs)}, by all threads; ` +
        `${servedTime.clientUs.toFixed(0)} µs of the client`,
    ];
  });
}
