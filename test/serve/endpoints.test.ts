/**
 * Endpoints beside chat, and what Cerebras' dialect adds, against the embedding interface.
 */
import { gzipSync } from 'node:zlib';
import { pack } from 'msgpackr';
import type { RunningServer } from '@wafer/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN_KEY, ask, eventsOf, KEY, storiesServer } from './stories-server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await storiesServer({ bodies: { bytesMax: 200_000 } }, { sequences: 16 });
});
afterAll(() => server.close());

interface Completion {
  choices: {
    index: number;
    text: string;
    finish_reason: string | null;
    logprobs: { tokens: string[]; token_logprobs: (number | null)[] } | null;
  }[];
  usage: Record<string, number>;
  time_info: Record<string, number>;
}

const BASE = { model: 'stories', temperature: 0, max_tokens: 8 };

async function complete(body: object): Promise<Completion> {
  const response = await ask(server, '/v1/completions', { ...BASE, ...body });
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as Completion;
}

test('several prompts are answered as each alone, streamed or not', async () => {
  const prompt = ['Once upon a time', 'Lily had a', 'The end'];
  const all = await complete({ prompt, n: 2, seed: 5, temperature: 1 });
  expect(all.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  const alone = await complete({ prompt: prompt[1], n: 2, seed: 5, temperature: 1 });
  expect(all.choices.slice(2, 4).map(({ text }) => text)).toEqual(
    alone.choices.map(({ text }) => text),
  );
  const body = { ...BASE, prompt, n: 2, seed: 5, temperature: 1, stream: true };
  const streamed = await ask(server, '/v1/completions', body);
  const { events, isDone } = await eventsOf<Completion>(streamed);
  expect(isDone).toBe(true);
  for (const { index, text, finish_reason: finish } of all.choices) {
    const own = events.flatMap(({ choices }) => choices).filter((one) => one.index === index);
    expect(own.map((one) => one.text).join('')).toBe(text);
    expect(own.at(-1)!.finish_reason).toBe(finish);
  }
});

test('an echoed prompt has the logprobs of its tokens, generated or only scored', async () => {
  const prompt = 'Once upon a time, there was';
  const wafer = server.services.models.find('stories').wafer!;
  const scored = await wafer.score(prompt);
  const scoring = await complete({ prompt, echo: true, logprobs: 1, max_tokens: 0 });
  const [choice] = scoring.choices;
  expect(choice!.text).toBe(prompt);
  expect(choice!.logprobs!.token_logprobs).toEqual([null, ...scored.map((one) => one.logprob)]);
  const written = await complete({ prompt, echo: true, logprobs: 1, max_tokens: 4 });
  const { token_logprobs: logprobs, tokens } = written.choices[0]!.logprobs!;
  expect(logprobs.slice(0, scored.length + 1)).toEqual(choice!.logprobs!.token_logprobs);
  expect(tokens).toHaveLength(scored.length + 1 + 4);
  expect(written.choices[0]!.text.startsWith(prompt)).toBe(true);
});

test('the best of several is the one whose tokens are likeliest', async () => {
  const body = { prompt: 'Once', temperature: 1, seed: 3, logprobs: 0 };
  const all = await complete({ ...body, n: 4 });
  const mean = ({ logprobs }: Completion['choices'][0]): number =>
    logprobs!.token_logprobs.reduce<number>((sum, one) => sum + one!, 0) / logprobs!.tokens.length;
  const [likeliest] = all.choices.toSorted((a, b) => mean(b) - mean(a));
  const best = await complete({ ...body, best_of: 4, n: 1 });
  expect(best.choices.map(({ text }) => text)).toEqual([likeliest!.text]);
});

test('vectors are those of the embedding interface, as numbers, base64 and cut', async () => {
  const wafer = server.services.models.find('stories').wafer!;
  const input = ['a girl', 'a boy'];
  const expected = await wafer.embed(input);
  const embed = async (more: object): Promise<{ embedding: number[] | string }[]> => {
    const response = await ask(server, '/v1/embeddings', { model: 'stories', input, ...more });
    return ((await response.json()) as { data: { embedding: number[] | string }[] }).data;
  };
  expect((await embed({})).map((one) => one.embedding)).toEqual(expected.map((one) => [...one]));
  const [packed] = await embed({ encoding_format: 'base64' });
  const bytes = Buffer.from(packed!.embedding as string, 'base64');
  const values = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
  expect(values).toEqual([...expected[0]!]);
  const [cut] = await embed({ dimensions: 16 });
  expect(cut!.embedding).toHaveLength(16);
  expect(Math.hypot(...(cut!.embedding as number[]))).toBeCloseTo(1, 5);
  const tooWide = { model: 'stories', input, dimensions: 999 };
  const wide = await ask(server, '/v1/embeddings', tooWide);
  expect(wide.status).toBe(400);
});

test('a text is its tokens and back', async () => {
  const prompt = 'Once upon a time';
  const body = { model: 'stories', prompt, return_token_strs: true };
  const tokenized = (await (await ask(server, '/tokenize', body)).json()) as {
    tokens: number[];
    token_strs: string[];
  };
  expect(tokenized.tokens).toEqual(server.services.models.find('stories').wafer!.encode(prompt));
  expect(tokenized.token_strs).toHaveLength(tokenized.tokens.length);
  const { tokens } = tokenized;
  const back = await ask(server, '/detokenize', { model: 'stories', tokens });
  expect(await back.json()).toEqual({ prompt });
});

test("Cerebras' dialect: tiers, times, predictions, MessagePack and gzip", async () => {
  const messages = [{ role: 'user', content: 'Once upon a time' }];
  const chat = { ...BASE, messages };
  const plain = (await (await ask(server, '/v1/chat/completions', chat)).json()) as {
    choices: { message: { content: string } }[];
  };
  const content = plain.choices[0]!.message.content;
  const more = { service_tier: 'flex', prediction: { type: 'content', content } };
  const headers = { queue_threshold: '500', 'x-cerebras-version-patch': '2' };
  const response = await ask(server, '/v1/v1/chat/completions', { ...chat, ...more }, { headers });
  expect(await response.json()).toMatchObject({
    ...{ choices: plain.choices, service_tier: 'flex', service_tier_used: 'flex' },
    time_info: { queue_time: expect.any(Number), total_time: expect.any(Number) },
    usage: { completion_tokens_details: { accepted_prediction_tokens: expect.any(Number) } },
  });
  const send = async (body: Buffer, type: string, encoding?: string): Promise<Response> =>
    fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${KEY}`, 'content-type': type },
        ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
      },
      body: new Uint8Array(body),
    });
  const zipped = gzipSync(JSON.stringify(chat));
  for (const sent of [
    await send(pack(chat), 'application/vnd.msgpack'),
    await send(zipped, 'application/json', 'gzip'),
  ]) {
    expect(await sent.json()).toMatchObject({ choices: plain.choices });
  }
  const bomb = gzipSync(Buffer.alloc(5_000_000, 32));
  expect((await send(bomb, 'application/json', 'gzip')).status).toBe(413);
  const bad = await ask(server, '/v1/chat/completions', chat, {
    headers: { queue_threshold: '1' },
  });
  expect(bad.status).toBe(400);
});

test('figures tell what was done, to administrators alone', async () => {
  expect((await ask(server, '/metrics')).status).toBe(403);
  const text = await (await ask(server, '/metrics', undefined, { key: ADMIN_KEY })).text();
  const value = (name: string): number =>
    Number(new RegExp(`^${name}\\{model_name="stories"[^}]*\\} (.*)$`, 'm').exec(text)?.[1]);
  expect(value('vllm:generation_tokens_total')).toBeGreaterThan(50);
  expect(value('vllm:time_to_first_token_seconds_count')).toBeGreaterThan(10);
  expect(value('vllm:num_requests_running')).toBe(0);
  expect(value('wafer_kv_blocks_free')).toBe(value('wafer_kv_blocks'));
});

test('moderation is refused with its reason', async () => {
  const response = await ask(server, '/v1/moderations', { input: 'x' });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'not_offered' } });
});
