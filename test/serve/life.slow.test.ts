/**
 * The server tells the truth about itself: wafers that die are started anew, clients that leave
 * free what they had, a drain finishes what is under way, readers that are slow are cut.
 */
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { startServer } from '@wafer/server';
import type { RunningServer } from '@wafer/server';
import { expect, test } from 'vitest';
import { ask, eventsOf, KEY, KEYS, storiesServer, storiesSpec } from './stories-server.ts';

const CHAT = {
  model: 'stories',
  messages: [{ role: 'user', content: 'Once upon a time' }],
  temperature: 0,
};
const LONG = { ...CHAT, max_tokens: 450, stream: true, logit_bias: { 1: -100, 2: -100 } };
const logger = pino({ level: 'silent' });
const CHIPS = { grid: '2x1', dice: '2x1', link: 'unix' } as const;

async function until(isDone: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (await isDone()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited for nothing: ${what}`);
}

const statusOf = async (server: RunningServer, path: string): Promise<number> =>
  (await fetch(server.url + path)).status;

async function killChip(server: RunningServer): Promise<void> {
  const { wafer } = server.services.models.find('stories');
  process.kill(wafer!.processIds[0]!, 'SIGKILL');
}

test('a wafer that dies is started anew; its streams end with a code', async () => {
  await using server = await startServer({
    ...{ models: [storiesSpec(CHIPS)], keys: KEYS, port: 0, version: '0', logger },
  });
  const short = { ...CHAT, max_tokens: 8 };
  const before = (await (await ask(server, '/v1/chat/completions', short)).json()) as object;
  const response = await ask(server, '/v1/chat/completions', LONG);
  expect(response.status).toBe(200); // the first token is there
  await killChip(server);
  const { events, isDone } = await eventsOf<{ error?: { code: string; type: string } }>(response);
  expect(isDone).toBe(false);
  expect(events.at(-1)).toMatchObject({ error: { code: 'chip_died', param: null } });
  expect(await statusOf(server, '/live')).toBe(200);
  expect(await statusOf(server, '/ready')).toBe(503);
  const meanwhile = await ask(server, '/v1/chat/completions', short);
  expect(meanwhile.status).toBe(503);
  expect(meanwhile.headers.get('retry-after')).toBe('2');
  await until(async () => (await statusOf(server, '/ready')) === 200, 'a wafer again');
  const after = (await (await ask(server, '/v1/chat/completions', short)).json()) as object;
  expect(Object.entries(after).find(([name]) => name === 'choices')).toEqual(
    Object.entries(before).find(([name]) => name === 'choices'),
  );
});

test('a wafer that dies too often is given up, and its owner is told', async () => {
  const broken = Promise.withResolvers<string>();
  const restarts = { countMax: 1, withinMs: 600_000 };
  await using server = await startServer({
    models: [storiesSpec(CHIPS, { restarts })],
    ...{ keys: KEYS, port: 0, version: '0', logger },
    onBroken: (id) => broken.resolve(id),
  });
  await killChip(server);
  await until(async () => (await statusOf(server, '/ready')) === 503, 'its end');
  await until(async () => (await statusOf(server, '/ready')) === 200, 'the second wafer');
  await killChip(server);
  expect(await broken.promise).toBe('stories');
  const refused = await ask(server, '/v1/chat/completions', CHAT);
  expect(await refused.json()).toMatchObject({ error: { code: 'model_unavailable' } });
  expect(await statusOf(server, '/health')).toBe(503);
});

/**
 * What may be left of an abort, in bytes of this thread's heap after a collection: less than its
 * body alone, where a request that leaks whole keeps its call, signals and generators, too. Beside
 * it, what is compiled and kept on first use still grows: by 0.5 MiB in 900 aborts when measured.
 */
const LEFT_BYTES_MAX = 256;
const STEADY_BYTES_MAX = 1.5 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use on this thread once nothing is left to collect. */
async function heapBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collect();
  }
  return process.memoryUsage().heapUsed;
}

/** 10,000 on a machine with time. */
const ABORTS = Number(process.env['WAFER_ABORTS'] ?? 300);

test(
  `of ${ABORTS} clients that leave at any token nothing is left behind`,
  async () => {
    await using server = await storiesServer({}, { sequences: 16 });
    const { wafer, gate } = await server.services.models.lease('stories');
    const abortOne = async (i: number): Promise<void> => {
      const leaving = new AbortController();
      const body = { ...LONG, seed: i, temperature: 1, n: 1 + (i % 3) };
      const asked = ask(server, '/v1/chat/completions', body, { signal: leaving.signal });
      if (i % 10 === 0) setTimeout(() => leaving.abort(), i % 7);
      const response = await asked.catch(() => undefined);
      const reader = response?.body?.getReader();
      for (let k = 0; k < i % 12; k++) await reader?.read().catch(() => undefined);
      leaving.abort();
    };
    const ended = async (): Promise<void> => {
      await until(() => gate.requestCount === 0, 'nobody under way');
      await until(async () => (await wafer.metrics()).scheduler.runningCount === 0, 'no sequence');
    };
    const heaps: number[] = [];
    const residents: number[] = [];
    for (let quarter = 0; quarter < 4; quarter++) {
      for (let i = (quarter * ABORTS) / 4; i < ((quarter + 1) * ABORTS) / 4; i += 12) {
        await Promise.all(Array.from({ length: 12 }, (_, k) => abortOne(i + k)));
      }
      await ended();
      heaps.push(await heapBytes());
      residents.push(process.memoryUsage().rss);
    }
    const mib = (bytes: readonly number[]): string =>
      bytes.map((one) => (one / 2 ** 20).toFixed(1)).join(', ');
    console.log(`MiB after each quarter: heap ${mib(heaps)}; resident ${mib(residents)}`);
    const grown = heaps[3]! - heaps[0]!;
    expect(grown).toBeLessThan(STEADY_BYTES_MAX + ((ABORTS * 3) / 4) * LEFT_BYTES_MAX);
    const { kv, scheduler, requests } = await wafer.metrics();
    expect(scheduler).toMatchObject({ runningCount: 0, waitingCount: 0 });
    expect(kv.freeCount + kv.idleCount).toBe(kv.blockCount);
    expect(requests.aborted).toBeGreaterThan(ABORTS * 0.8);
  },
  300_000 + ABORTS * 100,
);

test('a drain finishes what is under way and takes nothing new', async () => {
  const server = await storiesServer();
  const response = await ask(server, '/v1/chat/completions', LONG);
  const drained = server.drain(20_000);
  expect(await statusOf(server, '/ready')).toBe(503);
  const refused = await ask(server, '/v1/chat/completions', CHAT);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  const { isDone, events } = await eventsOf<object>(response);
  expect(isDone).toBe(true);
  expect(events.length).toBeGreaterThan(300);
  await drained;
  await expect(fetch(`${server.url}/live`)).rejects.toThrow('fetch failed');
});

test('a wafer that dies while the server drains is not started anew', async () => {
  let startCount = 0;
  const spec = storiesSpec(CHIPS);
  const start: typeof spec.start = (load) => {
    startCount++;
    return spec.start(load);
  };
  const server = await storiesServer({ models: [{ ...spec, start }] });
  const response = await ask(server, '/v1/chat/completions', LONG);
  const drained = server.drain(60_000);
  await killChip(server);
  const { events } = await eventsOf<{ error?: { code: string } }>(response);
  expect(events.at(-1)?.error?.code).toBe('chip_died');
  await drained;
  expect(startCount).toBe(1);
});

test('a reader that takes nothing is cut, and others go on', async () => {
  const streams = { bufferedBytesMax: 16_384, stallMs: 300 };
  await using server = await storiesServer({ streams }, { sequences: 16 });
  const body = JSON.stringify({ ...LONG, n: 8, logprobs: true, top_logprobs: 20 });
  const socket = connect(server.port, '127.0.0.1');
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${KEY}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const { gate } = await server.services.models.lease('stories');
  await until(() => gate.requestCount === 1, 'its start');
  const other = await ask(server, '/v1/chat/completions', { ...CHAT, max_tokens: 20 });
  expect(other.status).toBe(200);
  await until(() => gate.requestCount === 0, 'its end');
  const text = await server.services.figures.text(server.services.models.entries);
  expect(text).toMatch(/^wafer_streams_cut_total 1$/m);
  socket.destroy();
});

test('models are loaded when they are asked for, and dropped when nobody asks', async () => {
  const spec = storiesSpec({}, { id: 'second', isPinned: false, idleMs: 200 });
  await using server = await storiesServer({ models: [storiesSpec(), spec] });
  const entry = server.services.models.find('second');
  expect(entry.state).toBe('absent');
  const [one, two] = await Promise.all(
    [1, 2].map(async () =>
      ask(server, '/v1/chat/completions', { ...CHAT, model: 'second', max_tokens: 2 }),
    ),
  );
  expect([one!.status, two!.status]).toEqual([200, 200]);
  expect(entry.state).toBe('ready');
  await until(() => entry.state === 'absent', 'its end');
  expect(await statusOf(server, '/ready')).toBe(200);
});

test('a wafer that hangs is given up and started anew, and health answers meanwhile', async () => {
  const limits = { heartbeatMs: 50, stuckMs: 1500, chipMs: 800, closeMs: 500 };
  await using server = await startServer({
    ...{ models: [storiesSpec({ ...CHIPS, limits })], keys: KEYS, port: 0, version: '0', logger },
  });
  const short = { ...CHAT, max_tokens: 8 };
  const before = (await (await ask(server, '/v1/chat/completions', short)).json()) as object;
  const response = await ask(server, '/v1/chat/completions', LONG);
  const hung = server.services.models.find('stories').wafer!.processIds[0]!;
  process.kill(hung, 'SIGSTOP');
  const healthMs: number[] = [];
  await until(async () => {
    const askedAtMs = performance.now();
    await statusOf(server, '/health');
    healthMs.push(performance.now() - askedAtMs);
    return (await statusOf(server, '/ready')) === 503;
  }, 'that it is found out');
  const { events, isDone } = await eventsOf<{ error?: { code: string } }>(response);
  expect(isDone).toBe(false);
  expect(events.at(-1)?.error?.code).toMatch(/^(tile_stuck|chip_died|link_broken)$/);
  await until(async () => (await statusOf(server, '/ready')) === 200, 'a wafer again');
  expect(() => process.kill(hung, 0)).toThrow('ESRCH'); // nothing of the old one is left
  const after = (await (await ask(server, '/v1/chat/completions', short)).json()) as object;
  expect({ ...after, id: '', created: 0, time_info: 0 }).toEqual({
    ...{ ...before, id: '', created: 0, time_info: 0 },
  });
  const worst = healthMs.toSorted((a, b) => a - b).at(-1)!;
  console.log(`/health of a hung wafer: ${healthMs.length} answers, worst ${worst.toFixed(1)} ms`);
});
