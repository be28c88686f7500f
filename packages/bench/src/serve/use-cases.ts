/**
 * Five uses of wafer-scale inference, each as one figure that its user feels.
 *
 *     search   long prefixes that many questions share      time to the first token
 *     agents   ten calls, each with what came before        time to the last answer
 *     code     an edit whose text is mostly known           time of the answer, predicted
 *     voice    one listener among others                    p99 of the time between tokens
 *     science  texts scored and embedded, many at once      texts per second
 *
 * A case asks by the interface alone, so that it runs against any server that has what it uses.
 */
import { assert, WaferError } from '@wafer/core';
import { medianOf, quantileOf } from '../statistics.ts';
import { promptOfRequest } from './prompts.ts';
import { makeAgent, streamRequest } from './stream-request.ts';
import type { RequestRecord } from './stream-request.ts';
import { ask, headersOf, pathOf } from './target.ts';
import type { MeasuredServer } from './target.ts';

/** How much a case asks for. */
export interface UseSizes {
  /** Tokens that questions of `search` share, and that a text of `science` has. */
  prefixTokens: number;
  /** Tokens of an answer. */
  answerTokens: number;
  /** Questions, texts. */
  count: number;
  /** Calls of an agent, one after the other. */
  calls: number;
}

export const USE_SIZES: UseSizes = { prefixTokens: 192, answerTokens: 24, count: 16, calls: 10 };
export const USE_SIZES_QUICK: UseSizes = { prefixTokens: 16, answerTokens: 4, count: 2, calls: 3 };

export interface UseCase {
  name: string;
  figure: string;
  unit: 'ms' | 'texts/s';
  run: (use: UseRun) => Promise<number>;
}

export interface UseRun {
  server: MeasuredServer;
  /** Of a word of ours, as this server's model reads it. */
  tokensPerWord: number;
  sizes: UseSizes;
  /** Changes from round to round, so that no round finds its prompts cached by the one before. */
  seed: number;
  signal: AbortSignal;
}

type WordSize = Pick<UseRun, 'tokensPerWord'>;

export const USE_CASES: readonly UseCase[] = [
  { name: 'search', figure: 'first token, median', unit: 'ms', run: search },
  { name: 'agents', figure: 'all dependent calls', unit: 'ms', run: agents },
  { name: 'code', figure: 'predicted answer', unit: 'ms', run: code },
  { name: 'voice', figure: 'between tokens, p99', unit: 'ms', run: voice },
  { name: 'science', figure: 'scored and embedded', unit: 'texts/s', run: science },
];

async function search({ server, sizes, ...use }: UseRun): Promise<number> {
  const shared = words(sizes.prefixTokens, 3 * use.seed, use);
  const times: number[] = [];
  for (let i = 0; i <= sizes.count; i++) {
    const prompt = `${shared} ${words(8, 1000 * use.seed + i, use)}`;
    const { ttftMs } = await complete(server, { prompt, tokens: 2 }, use);
    // The first question computes the prefix, for all behind it.
    if (i > 0) times.push(ttftMs!);
  }
  return medianOf(times);
}

async function agents({ server, sizes, ...use }: UseRun): Promise<number> {
  const startMs = performance.now();
  let prompt = words(sizes.answerTokens, 7 * use.seed, use);
  for (let call = 0; call < sizes.calls; call++) {
    const { text } = await complete(server, { prompt, tokens: sizes.answerTokens }, use);
    prompt += `${text} ${words(12, 2000 * use.seed + call, use)}`;
  }
  return performance.now() - startMs;
}

/** The answer of a first question, with a word changed now and then, is the prediction. */
async function code({ server, sizes, ...use }: UseRun): Promise<number> {
  const messages = [{ role: 'user', content: words(16, 11 * use.seed, use) }];
  const tokens = 4 * sizes.answerTokens;
  const body = { messages, max_tokens: tokens, min_tokens: tokens };
  const chat = { ...server, isChat: true };
  const { text } = await stream(chat, body, use);
  const parts = text
    .split(' ')
    .map((word, i) => (i % EDIT_EVERY === EDIT_EVERY - 1 ? 'new' : word));
  const prediction = { type: 'content', content: parts.join(' ') };
  const { endToEndMs } = await stream(chat, { ...body, prediction }, use);
  return endToEndMs;
}

const EDIT_EVERY = 24;
const OTHERS = 3;

async function voice({ server, sizes, ...use }: UseRun): Promise<number> {
  const own = new AbortController();
  const signal = AbortSignal.any([use.signal, own.signal]);
  const others = Array.from({ length: OTHERS }, async (_, i) => {
    for (let k = 0; !signal.aborted; k++) {
      const prompt = words(32, 3000 * use.seed + OTHERS * k + i, use);
      await complete(server, { prompt, tokens: sizes.answerTokens }, { signal });
    }
  });
  const ended = Promise.allSettled(others);
  const listener = { prompt: words(16, 13 * use.seed, use), tokens: 6 * sizes.answerTokens };
  const reason = new WaferError('ABORTED');
  let gapsMs: number[];
  try {
    ({ gapsMs } = await complete(server, listener, use));
  } finally {
    own.abort(reason);
    await ended;
  }
  const failed = (await ended).find((end) => end.status === 'rejected' && end.reason !== reason);
  if (failed?.status === 'rejected') throw failed.reason;
  assert(gapsMs.length > 0, 'a listener hears tokens', { tokens: gapsMs.length });
  return quantileOf(gapsMs, 0.99);
}

async function science({ server, sizes, ...use }: UseRun): Promise<number> {
  const { baseUrl, model, key } = server;
  const texts = Array.from({ length: sizes.count }, (_, i) =>
    words(sizes.prefixTokens / 4, 4000 * use.seed + i, use),
  );
  const scoring = { model, prompt: texts, echo: true, max_tokens: 0, logprobs: 0 };
  const startMs = performance.now();
  const answers = await Promise.all([
    ask(`${baseUrl}/completions`, { key, body: scoring }),
    ask(`${baseUrl}/embeddings`, { key, body: { model, input: texts } }),
  ]);
  const seconds = (performance.now() - startMs) / 1000;
  for (const { status, text } of answers) {
    if (status !== 200) throw new WaferError('SERVER_UNUSABLE', { url: baseUrl, reason: text });
  }
  return (2 * sizes.count) / seconds;
}

/** A text of about so many tokens. */
function words(count: number, number: number, { tokensPerWord }: WordSize): string {
  const planned = { atMs: 0, promptTokens: count, outputTokens: 0, blocks: [], blockTokens: 0 };
  return String(promptOfRequest(planned, { number, form: { kind: 'words', tokensPerWord } }));
}

function complete(
  server: MeasuredServer,
  { prompt, tokens }: { prompt: string; tokens: number },
  use: { signal: AbortSignal },
): Promise<RequestRecord> {
  const text = { ...server, isChat: false };
  return stream(text, { prompt, ...server.lengthFields(tokens) }, use);
}

/** One streamed answer. Throws: SERVER_UNUSABLE if it is none. */
async function stream(
  server: MeasuredServer,
  body: Record<string, unknown>,
  { signal }: { signal: AbortSignal },
): Promise<RequestRecord> {
  const { baseUrl, key, model } = server;
  const agent = makeAgent();
  const record = await streamRequest({
    url: pathOf(server),
    headers: headersOf({ key }),
    body: JSON.stringify({
      ...{ model, temperature: 0, stream: true, stream_options: { include_usage: true } },
      ...body,
    }),
    ...{ number: 0, intendedMs: 0, originMs: performance.now(), agent, signal },
  }).finally(() => agent.destroy());
  if (record.outcome === 'answered') return record;
  const reason = `status ${record.status}: ${record.text}`;
  throw new WaferError('SERVER_UNUSABLE', { url: baseUrl, reason });
}
