/**
 * Attack class A9: clients that are slow, silent or many take a bounded number of sockets for a
 * bounded time, and others are served meanwhile.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { RunningServer } from '@wafer/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, KEY, storiesServer } from './stories-server.ts';

const SOCKETS = { headersTimeoutMs: 400, requestTimeoutMs: 800, connectionsMax: 300 };
let server: RunningServer;
beforeAll(async () => {
  server = await storiesServer({ sockets: SOCKETS });
});
afterAll(() => server.close());

interface Client {
  socket: Socket;
  /** What came, when the server closed the socket. */
  ended: Promise<string>;
}

function open(text: string, to: RunningServer = server): Client {
  const socket = connect(to.port, '127.0.0.1', () => socket.write(text));
  let got = '';
  socket.on('data', (data) => (got += data.toString()));
  socket.on('error', () => undefined);
  return { socket, ended: new Promise((resolve) => socket.on('close', () => resolve(got))) };
}

/** Sends the rest a byte at a time, until the server has enough of it. */
function drip({ socket }: Client, text: string): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || at >= text.length) clearInterval(timer);
    else socket.write(text[at++]!);
  }, 50);
}

async function isServed(): Promise<boolean> {
  const chat = { model: 'stories', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] };
  return (await ask(server, '/v1/chat/completions', chat)).status === 200;
}

const POST = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n`;

test('headers that never end, and bodies that drip, are cut', async () => {
  const headers = Array.from({ length: 20 }, () => open(POST));
  for (const client of headers) drip(client, `X-A: ${'b'.repeat(10_000)}`);
  const bodies = Array.from({ length: 20 }, () =>
    open(`${POST}Content-Type: application/json\r\nContent-Length: 10000\r\n\r\n{`),
  );
  for (const client of bodies) drip(client, ' '.repeat(10_000));
  expect(await isServed()).toBe(true);
  const ends = await Promise.all([...headers, ...bodies].map(({ ended }) => ended));
  const cut = /^HTTP\/1\.1 4(00|08) [^]*"type":"invalid_request_error"/;
  expect(ends.filter((text) => !cut.test(text))).toEqual([]);
  expect(await isServed()).toBe(true);
});

test('sockets that say nothing are closed, and many of them keep nobody out', async () => {
  const silent = Array.from({ length: 250 }, () => open(''));
  expect(await isServed()).toBe(true);
  await Promise.all(silent.map(({ ended }) => ended));
  expect(await isServed()).toBe(true);
});

test('where all sockets are silent, who asks is served, and none is leaked', async () => {
  const many = Array.from({ length: SOCKETS.connectionsMax + 50 }, () => open(''));
  await Promise.all(many.map(async ({ socket }) => socket.connecting && once(socket, 'connect')));
  expect(await isServed()).toBe(true);
  const ends = await Promise.all(many.map(({ ended }) => ended));
  // The longest idle gave way; the others are told that their headers took too long.
  expect(ends.filter((text) => text === '').length).toBeGreaterThanOrEqual(50);
  expect(await isServed()).toBe(true);
});

test('who never ends its TLS handshake is cut as one that never ends its headers', async () => {
  const pem = (name: string): Buffer =>
    readFileSync(join(import.meta.dirname, 'certificates', name));
  const tls = { cert: pem('server.pem'), key: pem('server.key') };
  await using secure = await storiesServer({ sockets: SOCKETS, tls });
  const silent = Array.from({ length: 50 }, () => open('', secure));
  // The beginning of a first record, of a length that never comes.
  const half = Array.from({ length: 50 }, () => open('\x16\x03\x01\x02\x00\x01', secure));
  const ends = await Promise.all([...silent, ...half].map(({ ended }) => ended));
  expect(ends).toHaveLength(100);
}, 60_000); // Node.js by itself waits for two minutes

test('clients that end in the middle of a request leave nothing under way', async () => {
  const { gate } = await server.services.models.lease('stories');
  for (let i = 0; i < 50; i++) {
    const body = JSON.stringify({ model: 'stories', prompt: 'Once', stream: true });
    const head = `POST /v1/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n`;
    const type = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const { socket, ended } = open((head + type + body).slice(0, 40 + i * 6));
    socket.once('connect', () => setTimeout(() => socket.resetAndDestroy(), i % 7));
    await ended;
  }
  while (gate.requestCount > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await isServed()).toBe(true);
});
