import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticAdapter, writePeft } from '@wafer/models';
import { Wafer } from '@wafer/runtime';
import { openModel } from '@wafer/runtime';
import { pino } from 'pino';
import { SMALL_MODEL } from '../scripts/test-server.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adapterModel, ENDPOINTS, RESTARTS_DEFAULT, startServer } from './index.ts';
import { ModelRegistry } from './models/model-shelf.ts';
import { withPlainTemplate } from './index.ts';
import type { RunningServer, ServedModelSpec } from './index.ts';

const KEY = 'key-of-the-first-tenant';
let server: RunningServer;

const folder = mkdtempSync(join(tmpdir(), 'wafer-server-'));

/** With an adapter in its slot. */
async function startStories(): Promise<Wafer> {
  const model = withPlainTemplate(await openModel(SMALL_MODEL));
  writePeft(folder, syntheticAdapter(model.spec, { rank: 4, seed: 1 }));
  const wafer = await Wafer.start({ model, sequences: 8, adapters: { slots: 1 } });
  await wafer.loadAdapter(folder, { name: 'poet' });
  return wafer;
}

const STORIES: ServedModelSpec = {
  ...{ id: 'stories', isPinned: true, idleMs: 1000, restarts: RESTARTS_DEFAULT },
  start: startStories,
};

beforeAll(async () => {
  server = await startServer({
    models: [STORIES, adapterModel(STORIES, 'poet')],
    port: 0,
    keys: [
      { key: KEY, tenant: 'first' },
      { key: 'key-of-the-admin', tenant: 'ops', role: 'admin' },
    ],
    version: '0.0.0',
    logger: pino({ level: 'silent' }),
  });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function ask(path: string, body?: unknown, key = KEY): Promise<Response> {
  return fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

test('that a port is taken is told before a model is loaded', async () => {
  let isLoading = false;
  const start = (): Promise<Wafer> => {
    isLoading = true;
    return Promise.reject(new Error('is not to be started'));
  };
  const models = [{ id: 'm', isPinned: true, idleMs: 1, restarts: RESTARTS_DEFAULT, start }];
  const rest = { version: '0.0.0', logger: pino({ level: 'silent' }) };
  await expect(startServer({ models, port: server.port, ...rest })).rejects.toMatchObject({
    code: 'LINK_LISTEN',
    details: { address: `127.0.0.1:${server.port}` },
  });
  expect(isLoading).toBe(false);
});

const CHAT = {
  model: 'stories',
  messages: [{ role: 'user', content: 'Once upon a time' }],
  temperature: 0,
  max_tokens: 12,
};

interface Chunk {
  choices: {
    index: number;
    delta: { content?: string; role?: string };
    finish_reason: string | null;
    logprobs: { content: unknown[] } | null;
  }[];
  usage?: Record<string, unknown> | null;
}

interface Whole {
  choices: {
    index: number;
    message: { content: string };
    finish_reason: string;
    logprobs: { content: unknown[] } | null;
  }[];
  usage: Record<string, unknown>;
}

async function chunksOf(response: Response): Promise<{ chunks: Chunk[]; isDone: boolean }> {
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
  const isDone = lines.at(-1) === 'data: [DONE]';
  const rest = isDone ? lines.slice(0, -1) : lines;
  return { chunks: rest.map((line) => JSON.parse(line.slice(6)) as Chunk), isDone };
}

test('logprobs without likeliest tokens are those of the tokens alone', async () => {
  for (const options of [{}, { top_logprobs: 0 }]) {
    const body = { ...CHAT, ...options, logprobs: true, max_tokens: 2 };
    const { choices } = (await (await ask('/v1/chat/completions', body)).json()) as Whole;
    const content = choices[0]!.logprobs!.content as { logprob: number; top_logprobs: unknown[] }[];
    expect(content.map(({ top_logprobs: top }) => top)).toEqual([[], []]);
    expect(content.every(({ logprob }) => logprob < 0)).toBe(true);
  }
});

test.each([
  {},
  { n: 2, seed: 3, temperature: 1, logprobs: true, top_logprobs: 2 },
  { stop: ['.'], max_tokens: 60 },
])('a stream is the whole answer, token for token: %j', async (options) => {
  const body = { ...CHAT, ...options };
  const whole = (await (await ask('/v1/chat/completions', body)).json()) as Whole;
  const streamed = await ask('/v1/chat/completions', {
    ...body,
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(streamed.headers.get('content-type')).toMatch('text/event-stream');
  const { chunks, isDone } = await chunksOf(streamed);
  expect(isDone).toBe(true);
  expect(whole.choices).toHaveLength(options.n ?? 1);
  for (const choice of whole.choices) {
    const own = chunks.flatMap(({ choices }) => choices).filter((c) => c.index === choice.index);
    expect(own[0]!.delta.role).toBe('assistant');
    expect(own.map(({ delta }) => delta.content ?? '').join('')).toBe(choice.message.content);
    expect(own.at(-1)!.finish_reason).toBe(choice.finish_reason);
    expect(own.slice(0, -1).every((c) => c.finish_reason === null)).toBe(true);
    const logprobs = own.flatMap((c) => c.logprobs?.content ?? []);
    expect(logprobs).toEqual(choice.logprobs?.content ?? []);
  }
  const { usage } = chunks.at(-1)!;
  expect(usage).toMatchObject({ prompt_tokens: whole.usage['prompt_tokens'] });
  expect(usage).toMatchObject({ completion_tokens: whole.usage['completion_tokens'] });
});

test('an adapter is a model of its own beside its base, and answers as itself', async () => {
  const textOf = async (model: string): Promise<string | undefined> => {
    const whole = (await (await ask('/v1/chat/completions', { ...CHAT, model })).json()) as Whole;
    return whole.choices[0]?.message.content;
  };
  const [base, poet, again] = await Promise.all(['stories', 'poet', 'stories'].map(textOf));
  expect(again).toBe(base);
  expect(poet).toMatch(/./);
  expect(poet).not.toBe(base);
  expect(await textOf('poet')).toBe(poet);
  const { models } = (await (await ask('/api/ps')).json()) as { models: PsModel[] };
  expect(models.map(({ details }) => details.parent_model)).toEqual(['', 'stories']);
  const [all, slot] = models.map(({ size }) => size);
  expect(slot).toBeGreaterThan(0);
  expect(slot).toBeLessThan(all!);
  const dropped = await ask('/api/generate', { model: 'poet', keep_alive: 0 });
  expect(await dropped.text()).toContain('stays with its base');
});

interface PsModel {
  size: number;
  details: { parent_model: string };
}

test("a base's adapter is its owner's, and 503 where the base runs without it", async () => {
  const { models } = server.services;
  models.add(adapterModel({ ...STORIES, owner: 'ops' }, 'lost'));
  const statusOf = async (key?: string): Promise<number> =>
    (await ask('/v1/chat/completions', { ...CHAT, model: 'lost' }, key)).status;
  expect([await statusOf(), await statusOf('key-of-the-admin')]).toEqual([404, 503]);
  await models.remove('lost');
  const owned = { ...STORIES, owner: 'ops' };
  const events = { onState: () => undefined, onBroken: () => undefined };
  const shelf = new ModelRegistry([owned, adapterModel(owned, 'poet')], events);
  expect(() => shelf.checkRoom({ tenant: 'ops' }, undefined)).not.toThrow();
  expect(shelf.find('poet', { tenant: 'ops' }).gate).toBeUndefined();
});

test('every endpoint but the page and those of health needs a key, aliases too', async () => {
  const open = [];
  for (const { method, path, aliases = [] } of ENDPOINTS) {
    for (const one of [path, ...aliases]) {
      const url = server.url + one.replace(/:\w+|\*/g, 'x');
      const { status } = await fetch(url, { method });
      if (status !== 401) open.push(one);
      const wrong = { authorization: 'Bearer wrong' };
      if (status === 401) expect((await fetch(url, { method, headers: wrong })).status).toBe(401);
    }
  }
  expect(open.toSorted()).toEqual(['/', '/health', '/live', '/ping', '/ready']);
});

test.each([
  [{ model: 'other' }, 404, 'model', 'model_not_found'],
  [{ messages: [] }, 400, 'messages', 'invalid_value'],
  [{ temperature: 'hot' }, 400, 'temperature', 'invalid_type'],
  [{ messages: [{ role: 'user', content: 'x', extra: 1 }] }, 400, 'messages[0].extra', undefined],
  [{ frobnicate: 1 }, 400, 'frobnicate', 'unknown_parameter'],
  [{ metadata: { a: 'b' } }, 400, 'metadata', 'unsupported_parameter'],
  [{ top_logprobs: 2 }, 400, 'top_logprobs', 'invalid_value'],
  [{ logit_bias: { 100_000: 1 } }, 400, 'logit_bias', 'invalid_value'],
  [{ messages: [{ role: 'user', content: 'x '.repeat(9000) }] }, 400, null, undefined],
])(
  'a wrong request is refused by the name of its field (%#)',
  async (change, status, param, code) => {
    const response = await ask('/v1/chat/completions', { ...CHAT, ...change });
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    expect(response.status).toBe(status);
    expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
    expect(error['param']).toBe(param);
    if (code !== undefined) expect(error['code']).toBe(code);
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  },
);

test('models are listed and told of, and the document names every path', async () => {
  const list = (await (await ask('/v1/models')).json()) as { data: { id: string }[] };
  expect(list.data.map(({ id }) => id)).toEqual(['stories', 'poet']);
  expect(await (await ask('/v1/models/stories')).json()).toMatchObject({ id: 'stories' });
  expect((await ask('/v1/models/none')).status).toBe(404);
  const { paths } = (await (await ask('/openapi.json')).json()) as { paths: object };
  expect(Object.keys(paths)).toContain('/v1/chat/completions');
});

test('a model of one tenant is not there for others, by whatever interface they ask', async () => {
  const { models } = server.services;
  const { spec } = models.find('stories');
  models.add({ ...spec, id: 'ft:own', isPinned: false, owner: 'ops', createdAt: 7 });
  const ids = async (key: string): Promise<string[]> => {
    const list = (await (await ask('/v1/models', undefined, key)).json()) as {
      data: { id: string }[];
    };
    return list.data.map(({ id }) => id);
  };
  expect(await ids(KEY)).toEqual(['stories', 'poet']);
  expect(await ids('key-of-the-admin')).toEqual(['stories', 'poet', 'ft:own']);
  const named = { model: 'ft:own', messages: CHAT.messages };
  const asked: [string, object?][] = [
    ['/v1/models/ft:own'],
    ['/v1/chat/completions', named],
    ['/v1/completions', { model: 'ft:own', prompt: 'x' }],
    ['/v1/embeddings', { model: 'ft:own', input: 'x' }],
    ['/v1/responses', { model: 'ft:own', input: 'x' }],
    ['/v1/responses/input_tokens', { model: 'ft:own', input: 'x' }],
    ['/v1/messages', { ...named, max_tokens: 1 }],
    ['/api/chat', named],
    ['/api/show', { model: 'ft:own' }],
    ['/api/embed', { model: 'ft:own', input: 'x' }],
    ['/api/pull', { model: 'ft:own', stream: false }],
    ['/tokenize', { model: 'ft:own', prompt: 'x' }],
    ['/detokenize', { model: 'ft:own', tokens: [1] }],
  ];
  for (const [path, body] of asked)
    expect([path, (await ask(path, body)).status]).toEqual([path, 404]);
  for (const path of ['/api/tags', '/api/ps', '/health']) {
    expect(await (await ask(path)).text()).not.toContain('ft:own');
  }
  const own = await ask('/v1/models/ft:own', undefined, 'key-of-the-admin');
  expect(await own.json()).toEqual({
    ...{ id: 'ft:own', object: 'model' },
    created: 7,
    owned_by: 'ops',
  });
  await models.remove('ft:own');
  expect(await ids('key-of-the-admin')).toEqual(['stories', 'poet']);
});

test('a full queue refuses before a body is read, wherever a model is waited for', async () => {
  const { gate } = await server.services.models.lease('stories');
  const refusals = async (): Promise<string[]> => {
    const told: string[] = [];
    for (const { path } of ENDPOINTS.filter(({ isQueued }) => isQueued === true)) {
      const answer = await ask(path, 'no body of a request');
      told.push(`${path} ${answer.status} ${answer.headers.has('retry-after')}`);
    }
    return told.toSorted((a, b) => (a < b ? -1 : 1));
  };
  const paths = ['/v1/chat/completions', '/v1/completions', '/v1/messages'];
  const all = [...paths, '/api/chat', '/api/generate'].toSorted();
  const of = (status: number, retries: boolean): string[] =>
    all.map((path) => `${path} ${status} ${retries}`);
  const slots: Disposable[] = [];
  for (let i = 0; i < 1024; i++) {
    const one = { tenant: `t${i}`, tier: 'priority', promptTokens: 1, answerCount: 1 } as const;
    slots.push(gate.admit(one));
  }
  expect(await refusals()).toEqual(of(503, true));
  expect((await ask('/health')).status).toBe(200);
  for (const slot of slots) slot[Symbol.dispose]();
  expect(await refusals()).toEqual(of(400, false));
});
