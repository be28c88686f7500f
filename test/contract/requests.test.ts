/**
 * What a request may ask for beside tokens: masks, guesses, several answers, logprobs, embeddings,
 * limits; each against the plain way to the same thing.
 */
import { SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import { openModel, Wafer } from '@wafer/runtime';
import type { Piece, RequestOptions } from '@wafer/runtime';
import { plainVocabOps, Sampler, SAMPLING_DEFAULTS } from '@wafer/runtime/internal';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hiddenDouble, readDoubleWeights } from '../golden/double-forward.ts';
import { seededTokens } from './wafers.ts';

const model = openModel('synthetic:tiny');
const sampled = { temperature: 1.2, topP: 0.95, seed: 9 };
let wafer: Wafer;
let prompt: number[];

beforeAll(async () => {
  const options = { grid: '2x1', contextTokens: 256, tokensPerStep: 48, sequences: 8 };
  wafer = await Wafer.start({ model: await model, ...options });
  prompt = seededTokens(wafer.model, 40);
});
afterAll(() => wafer.close());

async function pieces(options: RequestOptions, from: readonly number[] = prompt): Promise<Piece[]> {
  const found: Piece[] = [];
  for await (const piece of wafer.generate(from, options)) found.push(piece);
  return found;
}

async function tokensOf(options: RequestOptions, from?: readonly number[]): Promise<number[]> {
  return (await pieces(options, from)).map(({ token }) => token);
}

async function rowsOf(tokens: readonly number[]): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for await (const { logits } of wafer.logits(tokens)) rows.push(logits);
  return rows;
}

test.each([{ temperature: 0 }, sampled])(
  'allowed tokens alone are picked, as from logits that are masked by hand: %j',
  async (sampling) => {
    const vocabCount = wafer.model.spec.vocabCount;
    const allow = [[3, 5, 200], Array.from({ length: 100 }, (_, i) => 2 * i), [7, 11, 30, 31, 32]];
    const got = await tokensOf({ ...sampling, allow, maxTokens: 8 });
    const options = { ...SAMPLING_DEFAULTS, seed: 1, ...sampling };
    const ops = plainVocabOps({ vocabCount, rounding: wafer.rounding });
    const sampler = new Sampler(options, { prompt, vocabCount, ops });
    const expected: number[] = [];
    for (let i = 0; i < 8; i++) {
      const allowed = allow[Math.min(i, 2)]!;
      const row = (await rowsOf([...prompt, ...expected])).at(-1)!;
      const masked = row.map((logit, id) => (allowed.includes(id) ? logit : -Infinity));
      expected.push(sampler.sample(masked, i).token);
      expect(allowed).toContain(got[i]);
    }
    expect(got).toEqual(expected);
  },
);

test('guesses change no token, greedy or sampled, alone or beside others', async () => {
  const prompts = [1, 2, 3, 4].map((seed) => seededTokens(wafer.model, 20 + seed, seed));
  for (const sampling of [{ temperature: 0 }, sampled, { ...sampled, repetitionPenalty: 1.3 }]) {
    const plain = await Promise.all(
      prompts.map((p) => tokensOf({ ...sampling, maxTokens: 60 }, p)),
    );
    const guessed = await Promise.all(
      prompts.map(async (p, i) => {
        const prediction = plain[i]!.map((token, at) => (at % 9 === 8 ? 1 : token));
        return pieces({ ...sampling, maxTokens: 60, prediction }, p);
      }),
    );
    expect(guessed.map((answer) => answer.map(({ token }) => token))).toEqual(plain);
    for (const answer of guessed) {
      const { draftedTokens, acceptedTokens } = answer.at(-1)!.usage!;
      expect(acceptedTokens).toBeGreaterThan(20);
      expect(draftedTokens).toBeGreaterThan(acceptedTokens);
    }
    const looked = await tokensOf(
      { ...sampling, maxTokens: 60, speculation: 'lookup' },
      prompts[0],
    );
    expect(looked).toEqual(plain[0]);
  }
});

test('answers of one prompt are those of their seeds, and share its blocks', async () => {
  const fresh = seededTokens(wafer.model, 100, 77);
  const before = (await wafer.metrics()).kv.hitCount;
  const all = await pieces({ ...sampled, n: 3, maxTokens: 6 }, fresh);
  expect((await wafer.metrics()).kv.hitCount - before).toBe(2 * 6); // six whole blocks, twice
  for (let index = 0; index < 3; index++) {
    const alone = await tokensOf({ ...sampled, seed: sampled.seed + index, maxTokens: 6 }, fresh);
    const answer = all.filter((piece) => piece.index === index).map(({ token }) => token);
    expect(answer).toEqual(alone);
  }
  expect(all.filter(({ usage }) => usage).map(({ usage }) => usage!.cachedTokens)).toContain(96);
});

test('no stop token ends an answer before its least length', async () => {
  const plain = await tokensOf({ temperature: 0, maxTokens: 12 });
  const stopTokens = [plain[2]!, plain[5]!];
  const got = await pieces({ temperature: 0, maxTokens: 12, minTokens: 4, stopTokens });
  const tokens = got.map(({ token }) => token);
  expect(tokens.slice(0, 2)).toEqual(plain.slice(0, 2));
  expect(tokens.slice(0, 4).filter((token) => stopTokens.includes(token))).toEqual([]);
  const bare = await tokensOf({ temperature: 0, maxTokens: 12, stopTokens });
  expect(bare).toHaveLength(3);
  expect(got.length).toBeGreaterThan(4);
});

test('the token after a whole context is foretold', async () => {
  const full = seededTokens(wafer.model, 257, 9);
  expect(await wafer.score(full)).toHaveLength(full.length - 1);
  expect(await wafer.score(full.slice(0, 1))).toEqual([]);
  await expect(wafer.score([...full, 1])).rejects.toMatchObject({ code: 'PROMPT_TOO_LONG' });
});

test('logprobs of a prompt are those of its logits', async () => {
  const rows = await rowsOf(prompt);
  const scored = await wafer.score(prompt, { top: 2 });
  const [first] = await pieces({ promptLogprobs: 2, maxTokens: 1, temperature: 0 });
  expect(first!.promptLogprobs).toEqual(scored);
  const before = (await wafer.metrics()).generatedTokens;
  const two = await pieces({ promptLogprobs: 2, maxTokens: 2, n: 2 });
  expect(two.filter((piece) => piece.promptLogprobs !== undefined)).toHaveLength(1);
  expect((await wafer.metrics()).generatedTokens - before).toBe(4); // no row of the prompt
  expect(scored).toHaveLength(prompt.length - 1);
  scored.forEach(({ token, logprob, top }, i) => {
    const row = rows[i]!;
    expect(token).toBe(prompt[i + 1]);
    const total = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
    expect(logprob).toBeCloseTo(row[token]! - total, 5);
    const best = [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b).slice(0, 2);
    expect(top.map((one) => one.token)).toEqual(best);
  });
});

test('no likeliest tokens beside the one picked or read are a list without any', async () => {
  const [piece] = await pieces({ logprobs: 0, promptLogprobs: 0, maxTokens: 1 });
  const [told] = await pieces({ logprobs: 2, maxTokens: 1 });
  expect(piece!.logprob).toBeLessThan(0);
  expect([piece!.top, told!.top!.length]).toEqual([[], 2]);
  expect(piece!.promptLogprobs).toEqual(await wafer.score(prompt, { top: 0 }));
  const [plain] = await pieces({ maxTokens: 1 });
  expect([plain!.logprob, plain!.top, plain!.promptLogprobs]).toEqual(Array(3).fill(undefined));
});

test('embeddings are states of double precision within 2e-5, however batched', async () => {
  const { spec } = wafer.model;
  const weights = readDoubleWeights(wafer.model);
  const texts = [1, 2, 3, 4, 5].map((seed) => seededTokens(wafer.model, 5 + 11 * seed, seed));
  for (const pooling of ['mean', 'last'] as const) {
    const vectors = await wafer.embed(texts, { pooling });
    const [alone] = await wafer.embed([texts[2]!], { pooling });
    expect(alone).toEqual(vectors[2]);
    texts.forEach((text, t) => {
      const states = hiddenDouble(spec, weights, text);
      const used = pooling === 'mean' ? states : states.slice(-1);
      const sums = Array.from({ length: spec.modelWidth }, (_, i) =>
        used.reduce((sum, state) => sum + state[i]!, 0),
      );
      const length = Math.hypot(...sums);
      sums.forEach((sum, i) => expect(Math.abs(vectors[t]![i]! - sum / length)).toBeLessThan(2e-5));
    });
  }
  const [raw] = await wafer.embed([texts[0]!], { normalize: false });
  expect(Math.hypot(...raw!)).toBeGreaterThan(1.5);
});

test('the last piece says why it ends and what it took', async () => {
  const greedy = await pieces({ temperature: 0, maxTokens: 5 });
  expect(greedy.at(-1)).toMatchObject({ finish: 'length', stop: undefined });
  expect(greedy.at(-1)!.usage).toMatchObject({ promptTokens: 40, generatedTokens: 5 });
  const { queueMs, prefillMs, decodeMs } = greedy.at(-1)!.usage!;
  expect(Math.min(queueMs, prefillMs, decodeMs)).toBeGreaterThanOrEqual(0);
  const token = greedy[2]!.token;
  const [, , stopped] = await pieces({ temperature: 0, maxTokens: 5, stopTokens: [token] });
  expect(stopped).toMatchObject({ finish: 'stop', stop: { token } });
  const context = await pieces({ temperature: 0, maxTokens: 500 }, seededTokens(wafer.model, 250));
  expect(context.at(-1)).toMatchObject({ finish: 'context' });
  expect(context).toHaveLength(6);
});

test('who waited for a place says so, apart from what its prompt took', async () => {
  const options = { temperature: 0, maxTokens: 100 };
  const running = Array.from({ length: 8 }, () => pieces(options));
  const last = (await pieces({ ...options, maxTokens: 2 })).at(-1)!.usage!;
  await Promise.all(running);
  // A hundred steps of eight others went before, and its prompt took one.
  expect(last.queueMs).toBeGreaterThan(last.prefillMs);
  expect(last.prefillMs).toBeGreaterThan(0);
});

test('a deadline ends an answer with a piece, and a request that waits with its code', async () => {
  const { refused } = (await wafer.metrics()).requests;
  const late = await pieces({ temperature: 0, deadlineMs: 1, maxTokens: 200 }).catch(
    ({ code }: { code: string }) => code,
  );
  if (typeof late === 'string') expect(late).toBe('DEADLINE_EXCEEDED');
  else expect(late.at(-1)!.finish).toBe('deadline');
  // All sequences run: one more waits, until its time is over.
  const busy = Array.from({ length: 8 }, () => pieces({ temperature: 0, maxTokens: 100 }));
  await expect(pieces({ deadlineMs: 1 })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    details: { deadlineMs: 1 },
  });
  await Promise.all(busy);
  const { requests: told, scheduler } = await wafer.metrics();
  expect([told.refused - refused <= 2, scheduler.waitingCount]).toEqual([true, 0]);
  const { finished } = told;
  expect(await pieces({ n: 3, maxTokens: 1 })).toHaveLength(3);
  const { requests } = await wafer.metrics();
  expect(requests.finished - finished).toBe(1);
  expect(requests.firstToken.count).toBeGreaterThan(0);
});

test('an answer nobody takes pauses within its grant, and goes on whole', async () => {
  const spec = { ...SYNTHETIC_SPECS['tiny']!, contextMax: 1024 };
  const long = syntheticModel({ name: 'long', spec, type: 'f32', seed: 5 });
  const options = { model: long, grid: '1x1', kvTokens: 4096 };
  await using slow = await Wafer.start({ ...options, sequences: 2 });
  const request = { temperature: 0, maxTokens: 700 };
  const stream = slow.generate([1, 2, 3], request);
  const taken: Piece[] = [];
  while (taken.length < 300) taken.push((await stream.next()).value as Piece);
  // Another answer is written from its begin to its end: the first has had all the time it wants.
  for await (const piece of slow.generate([4, 5], { temperature: 0, maxTokens: 700 })) void piece;
  const { generatedTokens } = await slow.metrics();
  // It was granted 256 at first, and 128 for each 128 that were taken.
  expect(generatedTokens - 700).toBe(256 + 2 * 128);
  for await (const piece of stream) taken.push(piece);
  const whole: number[] = [];
  for await (const { token } of slow.generate([1, 2, 3], request)) whole.push(token);
  expect(taken.map(({ token }) => token)).toEqual(whole);
});

test('each of two answers pauses within its own grant, and both go on whole', async () => {
  const spec = { ...SYNTHETIC_SPECS['tiny']!, contextMax: 1024 };
  const long = syntheticModel({ name: 'long', spec, type: 'f32', seed: 5 });
  await using slow = await Wafer.start({ model: long, grid: '1x1', kvTokens: 4096, sequences: 3 });
  const stream = slow.generate([1, 2, 3], { temperature: 0, maxTokens: 600, n: 2 });
  const counts = [0, 0];
  while (counts[0]! + counts[1]! < 300) counts[((await stream.next()).value as Piece).index]!++;
  for await (const piece of slow.generate([4, 5], { temperature: 0, maxTokens: 700 })) void piece;
  // 256 each at first, and 128 for each 128 of its own.
  const granted = counts.map((count) => 256 + 128 * Math.floor(count / 128));
  expect((await slow.metrics()).generatedTokens - 700).toBe(granted[0]! + granted[1]!);
  for await (const { index } of stream) counts[index]!++;
  expect(counts).toEqual([600, 600]);
});

test('pieces that may wait come in fewer messages, and are the same', async () => {
  const rounds: { tokens: number[]; wakes: number }[] = [];
  for (const coalesceMs of [0, 1000]) {
    let wakes = 0;
    const tokens: number[] = [];
    const stream = wafer.generate(prompt, { ...sampled, maxTokens: 40, coalesceMs });
    for (let next = stream.next(); ; next = stream.next()) {
      const turn = new Promise((resolve) => setImmediate(resolve, undefined));
      const isThere = (await Promise.race([next, turn])) !== undefined;
      if (!isThere) wakes++;
      const { done, value } = await next;
      if (done === true) break;
      tokens.push(value.token);
    }
    rounds.push({ tokens, wakes });
  }
  const [plain, waiting] = rounds;
  expect(waiting!.tokens).toEqual(plain!.tokens);
  expect(waiting!.wakes).toBeLessThan(plain!.wakes / 2);
});
