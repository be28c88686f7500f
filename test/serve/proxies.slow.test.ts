/**
 * nginx and HAProxy in front, as `docs/deployment.md` configures them: what a client sees through
 * them is what it sees without. A10's requests that are read in two ways are tried here, too.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { connect } from 'node:tls';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningServer } from '@wafer/server';
import { temporaryFolder } from '../e2e/cli-process.ts';
import { startProxy } from './proxy-process.ts';
import type { RunningProxy } from './proxy-process.ts';
import { ask, KEY, storiesServer, storiesSpec } from './stories-server.ts';

const PROXIES = ['nginx', 'haproxy'] as const;
const ca = readFileSync(join(import.meta.dirname, 'certificates', 'ca.pem'));
const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
const CHAT = {
  model: 'stories',
  messages: [{ role: 'user', content: 'Once upon a time' }],
  ...{ temperature: 0, max_tokens: 4 },
};
/** As long as the model can: ends of texts are forbidden. */
const LONG = { ...CHAT, max_tokens: 450, stream: true, logit_bias: { 1: -100, 2: -100 } };
const BYTES_MAX = 3_000_000;
const CHATS = '/v1/chat/completions';

const folder = temporaryFolder();
const lines: { client?: string; id?: string }[] = [];
const log = new Writable({
  write(chunk: Buffer, _encoding, done) {
    lines.push(JSON.parse(chunk.toString()) as (typeof lines)[0]);
    done();
  },
});
const limits = {
  bodies: { bytesMax: BYTES_MAX },
  streams: { bufferedBytesMax: 16_384, stallMs: 300 },
};

/** What reached the server itself: targets, and the sockets that they came by. */
const seen: { url: string; socket: Socket }[] = [];
const note = (message: unknown): void => {
  const { request: got } = message as { request: IncomingMessage };
  if (got.url !== '/ready') seen.push({ url: got.url ?? '', socket: got.socket });
};

let server: RunningServer;
const proxies = new Map<string, RunningProxy>();

beforeAll(async () => {
  subscribe('http.server.request.start', note);
  const models = [storiesSpec({ sequences: 16 })];
  server = await storiesServer({ models, isBehindProxy: true, logger: pino(log), ...limits });
  for (const name of PROXIES) {
    proxies.set(name, await startProxy(name, server.port, folder.path));
  }
});
afterAll(async () => {
  await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
  await server.close();
  unsubscribe('http.server.request.start', note);
  folder[Symbol.dispose]();
});

/** Sends through a proxy; the response as it begins. */
async function send(
  port: number,
  body: object | string | undefined,
  more: RequestOptions = {},
): Promise<IncomingMessage> {
  const method = body === undefined ? 'GET' : 'POST';
  const asked = request({ host: '127.0.0.1', port, ca, method, path: CHATS, headers, ...more });
  asked.on('error', () => undefined);
  asked.end(typeof body === 'object' ? JSON.stringify(body) : body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function until(isDone: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (await isDone()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited for nothing: ${what}`);
}

const underWay = (): number => server.services.models.find('stories').gate!.requestCount;
async function cutCount(): Promise<number> {
  const { figures, models } = server.services;
  const text = await figures.text(models.entries);
  return Number(/^wafer_streams_cut_total (\d+)$/m.exec(text)?.[1] ?? 0);
}
const idle = async (): Promise<void> => until(() => underWay() === 0, 'nobody under way');

describe.each(PROXIES)('%s', (name) => {
  const port = (): number => proxies.get(name)!.port;

  test('an answer is the one without it, and tokens pass as they come', async () => {
    const direct = (await (await ask(server, CHATS, CHAT)).json()) as { choices: unknown };
    const through = JSON.parse(await textOf(await send(port(), CHAT))) as { choices: unknown };
    expect(through.choices).toEqual(direct.choices);
    const response = await send(port(), LONG);
    await once(response, 'readable');
    expect(underWay()).toBe(1); // its first token is here, and its last is not made yet
    const text = await textOf(response);
    expect(text.match(/^data: /gm)!.length).toBeGreaterThan(400);
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
  });

  test('a client that leaves frees its slot and its blocks', async () => {
    for (let i = 0; i < 4; i++) {
      const response = await send(port(), { ...LONG, n: 4, seed: i });
      await once(response, 'readable');
      response.destroy();
    }
    await idle();
    const { kv, requests } = await server.services.models.find('stories').wafer!.metrics();
    expect(kv.freeCount + kv.idleCount).toBe(kv.blockCount);
    expect(requests.aborted).toBeGreaterThan(0);
  });

  test('connections are used again, ids of requests go both ways', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = seen.length;
    for (let i = 0; i < 12; i++) {
      const id = `${name}-${i}`;
      const own = { agent, path: '/v1/models', headers: { ...headers, 'x-request-id': id } };
      const response = await send(port(), undefined, own);
      expect([response.statusCode, response.headers['x-request-id']]).toEqual([200, id]);
      await textOf(response);
    }
    agent.destroy();
    const sockets = seen.slice(before).map(({ socket }) => socket);
    expect(sockets).toHaveLength(12);
    expect(new Set(sockets).size).toBeLessThanOrEqual(2);
  });

  test('whom a client says it is does not count, whom the proxy saw does', async () => {
    const id = `forged-by-way-of-${name}`;
    const forged = { 'x-forwarded-for': '203.0.113.9', 'x-request-id': id };
    const own = { localAddress: '127.0.0.2', path: '/v1/models' };
    await textOf(await send(port(), undefined, { ...own, headers: { ...headers, ...forged } }));
    await until(() => lines.some((line) => line.id === id), 'its line of the log');
    expect(lines.find((line) => line.id === id)!.client).toBe('127.0.0.2');
  });

  test('large bodies pass, and those past the bound are refused by the server', async () => {
    const padded = { ...CHAT, metadata: { a: 'b' }, user: 'x', store: false };
    const large = JSON.stringify(padded) + ' '.repeat(2_000_000);
    expect((await send(port(), large)).statusCode).toBe(400); // metadata without store: it was read
    const tooLarge = await send(port(), JSON.stringify(CHAT) + ' '.repeat(BYTES_MAX));
    expect([tooLarge.statusCode, JSON.parse(await textOf(tooLarge))]).toMatchObject([
      413,
      { error: { code: 'request_too_large' } },
    ]);
  });

  test('readers that take nothing are cut, half requests hold up nobody', async () => {
    const before = await cutCount();
    const halves = Array.from({ length: 16 }, (_, i) => {
      const socket = connect({ host: '127.0.0.1', port: port(), ca });
      socket.on('error', () => undefined);
      const body = i % 2 === 0 ? '' : `Content-Length: 999\r\n\r\n{"model"`;
      socket.write(`POST ${CHATS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${KEY}\r\n${body}`);
      return socket;
    });
    const stuck = connect({ host: '127.0.0.1', port: port(), ca });
    stuck.on('error', () => undefined);
    stuck.pause();
    const body = JSON.stringify({ ...LONG, n: 16, logprobs: true, top_logprobs: 20 });
    stuck.write(
      `POST ${CHATS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${KEY}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect((await send(port(), CHAT)).statusCode).toBe(200);
    // It may be cut before anybody has seen it under way.
    await until(async () => (await cutCount()) === before + 1, 'its cut');
    await idle();
    for (const socket of [...halves, stuck]) socket.destroy();
    expect(await cutCount()).toBe(before + 1);
  });

  test('a WebSocket carries turns', async () => {
    const ws = new WebSocket(`wss://127.0.0.1:${port()}/v1/responses`, { ca, headers });
    await once(ws, 'open');
    const types: string[] = [];
    ws.on('message', (data: Buffer) =>
      types.push((JSON.parse(data.toString()) as { type: string }).type),
    );
    const turn = { type: 'response.create', model: 'stories', input: 'Once' };
    ws.send(JSON.stringify({ ...turn, max_output_tokens: 4 }));
    await until(() => types.includes('response.incomplete'), 'the end of the turn');
    expect(types[0]).toBe('response.created');
    const closed = once(ws, 'close');
    ws.close(1000);
    await closed;
  });

  /** Each hides a second request, which a server that reads otherwise would answer. */
  const HIDDEN = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
  const chunked = `0\r\n\r\n${HIDDEN}`;
  const lengths = `Content-Length: ${chunked.length}\r\n`;
  test.each([
    ['length and chunks', `${lengths}Transfer-Encoding: chunked\r\n`],
    ['chunks and length', `Transfer-Encoding: chunked\r\n${lengths}`],
    ['chunks of another name', `${lengths}Transfer-Encoding: xchunked\r\n`],
    ['chunks twice', `${lengths}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n`],
    ['chunks with a tab', `${lengths}Transfer-Encoding:\tchunked\r\n`],
    ['a folded header', `${lengths}Transfer-Encoding:\r\n chunked\r\n`],
    ['two lengths', `Content-Length: 5\r\n${lengths}`],
    ['a length with a sign', `Content-Length: +5\r\n`],
    ['a space before the colon', `${lengths}Transfer-Encoding : chunked\r\n`],
  ])('no second request is hidden in one: %s', async (_what, fields) => {
    const socket = connect({ host: '127.0.0.1', port: port(), ca });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    const from = seen.length;
    const head = `POST ${CHATS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${KEY}\r\n`;
    socket.write(`${head}Content-Type: application/json\r\nConnection: close\r\n${fields}\r\n`);
    socket.write(chunked);
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.[01] [45]\d\d /);
    expect(text.match(/^HTTP\//gm)).toHaveLength(1);
    expect(seen.slice(from).filter(({ url }) => url !== CHATS)).toEqual([]);
  });
});

test('without the flag nobody is believed who names a client', async () => {
  const own: typeof lines = [];
  const told = new Writable({
    write(chunk: Buffer, _encoding, done) {
      own.push(JSON.parse(chunk.toString()) as (typeof lines)[0]);
      done();
    },
  });
  await using bare = await storiesServer({ logger: pino(told) });
  const forged = { 'x-forwarded-for': '203.0.113.9', 'x-request-id': 'forged' };
  await ask(bare, '/v1/models', undefined, { headers: forged });
  await until(() => own.some(({ id }) => id === 'forged'), 'its line of the log');
  expect(own.find(({ id }) => id === 'forged')!.client).toBe('127.0.0.1');
});

// The last test: it ends the server.
test('a drain finishes streams and turns through both, and takes nothing new', async () => {
  const ports = PROXIES.map((name) => proxies.get(name)!.port);
  const streams = await Promise.all(ports.map((port) => send(port, LONG)));
  const ws = new WebSocket(`wss://127.0.0.1:${ports[0]!}/v1/responses`, { ca, headers });
  await once(ws, 'open');
  const types: string[] = [];
  ws.on('message', (data: Buffer) =>
    types.push((JSON.parse(data.toString()) as { type: string }).type),
  );
  const turn = { type: 'response.create', model: 'stories', input: 'Once upon' };
  ws.send(JSON.stringify({ ...turn, max_output_tokens: 100 }));
  await until(() => types.length > 2, 'its first events');
  const drained = server.drain(20_000);
  for (const port of ports) {
    const refused = await send(port, CHAT);
    expect(refused.statusCode).toBe(503);
    refused.resume();
  }
  for (const stream of streams) expect(await textOf(stream)).toMatch(/data: \[DONE\]\n\n$/);
  await until(() => /completed|incomplete/.test(types.at(-1)!), 'the end of the turn');
  await drained;
});
