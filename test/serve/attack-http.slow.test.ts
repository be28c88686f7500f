/**
 * Attack classes A10, A12 and A13: shapes of HTTP that two readers read in two ways, fetching for
 * a caller, and routes without a key.
 */
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { ENDPOINTS } from '@wafer/server';
import type { RunningServer } from '@wafer/server';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, KEY, OTHER_KEY, storiesServer, storiesSpec } from './stories-server.ts';
import { startServer } from '@wafer/server';

const lines: string[] = [];
const log = new Writable({
  write(chunk: Buffer, _encoding, done) {
    lines.push(chunk.toString());
    done();
  },
});

let server: RunningServer;
beforeAll(async () => {
  server = await storiesServer({ logger: pino({ level: 'trace' }, log) });
});
afterAll(() => server.close());

/** What comes back for bytes as they are. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    let got = '';
    socket.on('data', (data) => (got += data.toString()));
    socket.on('close', () => resolve(got));
    socket.on('error', reject);
    setTimeout(() => socket.destroy(), 1000);
  });
}

const AUTH = `Authorization: Bearer ${KEY}\r\nContent-Type: application/json`;
const POST = 'POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n';

test.each([
  [
    'length and chunks',
    `${POST}${AUTH}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['two lengths', `${POST}${AUTH}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
  ['a length with a sign', `${POST}${AUTH}\r\nContent-Length: +2\r\n\r\n{}`],
  ['an unknown transfer', `${POST}${AUTH}\r\nTransfer-Encoding: xchunked\r\n\r\n{}`],
  ['a space before the colon', `${POST}${AUTH}\r\nContent-Length : 2\r\n\r\n{}`],
  ['two hosts', 'GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: other\r\n\r\n'],
  ['the target of another host', 'GET http://other/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
  ['no host', 'GET /live HTTP/1.1\r\n\r\n'],
])('%s is refused', async (_what, text) => {
  expect(await raw(text)).toMatch(/^HTTP\/1\.1 400 /);
});

test.each(['..', '%2e%2e', '..%2f..%2fetc', 'a%00b', 'a%0d%0ax', '%252e', 'a%5cb', '~', 'é'])(
  'an id is letters, digits and a few signs: %s',
  async (id) => {
    const response = await ask(server, `/v1/models/${id}`);
    expect([400, 404]).toContain(response.status);
    expect(response.headers.get('x')).toBeNull();
  },
);

test('ids of requests are taken if they are ids, and never split a line of the log', async () => {
  const good = await ask(server, '/v1/models', undefined, { headers: { 'x-request-id': 'abc-1' } });
  expect(good.headers.get('x-request-id')).toBe('abc-1');
  const forged = { headers: { 'x-request-id': '{"level":60}' } };
  const bad = await ask(server, '/v1/models', undefined, forged);
  expect(bad.headers.get('x-request-id')).toMatch(/^req_/);
  expect(
    lines.every((line) =>
      line
        .trim()
        .split('\n')
        .every((one) => JSON.parse(one)),
    ),
  ).toBe(true);
  expect(lines.join('')).not.toContain('{\\"level\\":60}');
});

test('a method that a header names is not taken for the one that was sent', async () => {
  const headers = { 'x-http-method-override': 'DELETE' };
  const response = await ask(server, '/v1/models/stories', undefined, { headers });
  expect(await response.json()).toMatchObject({ id: 'stories' });
});

test('nothing is fetched for a caller, whatever the address looks like', async () => {
  let connectionCount = 0;
  const { createServer } = await import('node:net');
  const target = createServer((socket) => {
    connectionCount++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const { port } = target.address() as { port: number };
  const urls = ['127.0.0.1', 'localhost', '127.1', '[::1]', '2130706433', '0'].map(
    (host) => `http://${host}:${port}/x`,
  );
  for (const url of [
    ...urls,
    'http://169.254.169.254/',
    'data:text/plain,x',
    'file:///etc/passwd',
  ]) {
    const content = [{ type: 'image_url', image_url: { url } }];
    const refused = await ask(server, '/v1/chat/completions', {
      model: 'stories',
      messages: [{ role: 'user', content }],
    });
    expect(refused.status).toBe(400);
    const text = `![x](${url})`;
    const plain = { model: 'stories', max_tokens: 1, messages: [{ role: 'user', content: text }] };
    expect((await ask(server, '/v1/chat/completions', plain)).status).toBe(200);
  }
  target.close();
  expect(connectionCount).toBe(0);
});

test('every route of the table needs a key, but those that tell of health', async () => {
  const open: string[] = [];
  for (const { method, path, aliases = [] } of ENDPOINTS) {
    for (const one of [path, ...aliases]) {
      const url = server.url + one.replace(/:\w+|\*/g, 'x');
      const statuses: number[] = [];
      for (const key of [undefined, '', 'wrong', `${KEY}x`, KEY.slice(0, -1), KEY.toUpperCase()]) {
        const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
        statuses.push((await fetch(url, { method, headers })).status);
      }
      if (statuses.some((status) => status !== 401)) open.push(one);
    }
  }
  expect(open.toSorted()).toEqual(['/', '/health', '/live', '/ping', '/ready']);
});

test('neither keys nor texts are in the log', async () => {
  const secret = 'a text that nobody else may read';
  const messages = [{ role: 'user', content: secret }];
  await ask(server, '/v1/chat/completions', { model: 'stories', messages, max_tokens: 2 });
  await ask(server, '/v1/chat/completions', { model: 'stories', messages, frob: 1 });
  const all = lines.join('');
  for (const word of [KEY, OTHER_KEY, secret]) expect(all).not.toContain(word);
  expect(all).toContain('"tenant":"first"');
});

test('without keys only loopback is listened to, by its own names', async () => {
  const logger = pino({ level: 'silent' });
  const models = [storiesSpec()];
  const open = { models, version: '0', logger, port: 0 };
  await expect(startServer({ ...open, host: '0.0.0.0' })).rejects.toThrow('loopback');
  const keys = [{ key: KEY, tenant: 'a' }];
  await expect(startServer({ ...open, host: '0.0.0.0', keys })).rejects.toThrow('proxy');
  await using local = await startServer(open);
  const status = async (host: string): Promise<number> =>
    Number(
      /^HTTP\/1\.1 (\d+)/.exec(
        await new Promise<string>((resolve) => {
          const socket = connect(local.port, '127.0.0.1', () =>
            socket.write(`GET /live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
          );
          let got = '';
          socket.on('data', (data) => (got += data.toString()));
          socket.on('close', () => resolve(got));
        }),
      )?.[1],
    );
  expect(await status(`localhost:${local.port}`)).toBe(200);
  expect(await status('rebound.example')).toBe(421);
});
