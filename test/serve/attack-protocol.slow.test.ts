/**
 * Attack classes A15 and A16: what is no message of a protocol ends its connection or is refused,
 * no shipped source turns data into code, and a server needs no right beyond reading, listening and
 * threads.
 *
 * Frames between chips are attacked in packages/fabric/src/links (frame-decoder, frame-tags,
 * socket-link), rings of one process by packages/fabric/src/channel.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RunningServer } from '@wafer/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { isShipped, listSources, readText } from '../tidy/files.ts';
import { scan } from '../tidy/scan.ts';
import { Random } from '../sim/random.ts';
import { ask, KEY, storiesServer } from './stories-server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await storiesServer({ bodies: { bytesMax: 65_536 } });
});
afterAll(() => server.close());

const url = (): string => `${server.url.replace('http', 'ws')}/v1/responses`;
const headers = { authorization: `Bearer ${KEY}` };

async function openSocket(): Promise<WebSocket> {
  const ws = new WebSocket(url(), { headers });
  await once(ws, 'open');
  return ws;
}

/** What comes for a message: the code of an error, or how the socket was closed. */
async function fateOf(data: string | Buffer): Promise<string> {
  const ws = await openSocket();
  const fate = Promise.race([
    once(ws, 'message').then(([text]) => {
      const { error } = JSON.parse(String(text)) as { error?: { code: string } };
      return error?.code ?? 'taken';
    }),
    once(ws, 'close').then(([code]) => `closed ${code}`),
  ]);
  ws.on('error', () => undefined);
  ws.send(data);
  const result = await fate;
  ws.terminate();
  return result;
}

test('messages of a WebSocket that are none are refused, too large ones end it', async () => {
  const next = new Random(7);
  for (let i = 0; i < 60; i++) {
    const bytes = Buffer.from(Array.from({ length: 1 + next.below(200) }, () => next.below(256)));
    expect(await fateOf(i % 2 === 0 ? bytes : bytes.toString('latin1'))).toMatch(
      /^(invalid_\w+|closed 1007)$/,
    );
  }
  const deep = `{"type":"response.create","input":${'['.repeat(5000)}`;
  for (const text of ['', 'null', '[]', '1', '{"type":"response.cancel"}', deep]) {
    expect(await fateOf(text)).toMatch(/^(invalid_\w+|closed \d+)$/);
  }
  expect(await fateOf(Buffer.alloc(70_000, 32))).toBe('closed 1009');
  expect((await ask(server, '/v1/models')).status).toBe(200);
});

test('a WebSocket needs a key and its own path', async () => {
  for (const [path, sent] of [
    ['/v1/responses', {}],
    ['/v1/responses', { authorization: 'Bearer wrong' }],
    ['/v1/files', headers],
    ['/', headers],
  ] as const) {
    const ws = new WebSocket(server.url.replace('http', 'ws') + path, { headers: sent });
    const [error] = (await once(ws, 'error')) as [Error];
    expect(error.message).toMatch(/40[14]/);
  }
});

test('no shipped source makes code of data', () => {
  const pattern = /\beval\(|new Function\(|['"]node:vm['"]|v8\.deserialize|trust_remote_code/;
  const found = listSources()
    .filter(({ path }) => isShipped(path))
    .filter(({ text }) => pattern.test(scan(text).code) || /['"](node:)?vm['"]/.test(text))
    .map(({ path }) => path);
  expect(found).toEqual([]);
});

test('every dependency is of one version, with a checksum, and runs no script of its own', () => {
  const lock = readText('pnpm-lock.yaml');
  const packages = lock.slice(lock.indexOf('\npackages:'), lock.indexOf('\nsnapshots:'));
  const entries = packages.split(/\n {2}(?=\S)/).slice(1);
  expect(entries.length).toBeGreaterThan(100);
  expect(entries.filter((entry) => !/integrity: sha512-/.test(entry))).toEqual([]);
  const allowed = /allowBuilds:\n((?: {2}.*\n)*)/.exec(readText('pnpm-workspace.yaml'))?.[1] ?? '';
  expect(allowed.split('\n').filter((line) => /: true/.test(line))).toEqual([]);
});

test('a server runs where it may read, listen and have threads, and nothing else', async () => {
  const script = fileURLToPath(
    new URL('../../packages/server/scripts/serve-folder.ts', import.meta.url),
  );
  const rights = ['--permission', '--allow-fs-read=*', '--allow-worker', '--allow-net'];
  const child = spawn(process.execPath, [...rights, '--no-warnings', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [address] = (await once(createInterface(child.stdout), 'line')) as [string];
  const response = await fetch(`${address}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer key-of-the-tenant-first',
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      ...{ model: 'stories', max_tokens: 4 },
      messages: [{ role: 'user', content: 'Once upon a time' }],
    }),
  });
  expect(response.status).toBe(200);
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
});
