/**
 * Beyond loopback: TLS 1.3 ends here or in front, clients may need certificates, and a server that
 * is told to connect nowhere works in a network namespace that has no network.
 *
 * The certificates are for tests, and for nothing else.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { pino } from 'pino';
import { startServer } from '@wafer/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from '@wafer/server';
import { MAIN, temporaryFolder } from '../e2e/cli-process.ts';
import { KEY, KEYS, storiesServer, storiesSpec } from './stories-server.ts';

const pem = (name: string): Buffer =>
  readFileSync(join(import.meta.dirname, 'certificates', `${name}.pem`));
const privateKey = (name: string): Buffer =>
  readFileSync(join(import.meta.dirname, 'certificates', `${name}.key`));
const TLS = { cert: pem('server'), key: privateKey('server') };
const ca = pem('ca');

let server: RunningServer;
let mutual: RunningServer;
beforeAll(async () => {
  server = await storiesServer({ tls: TLS, host: '0.0.0.0' });
  mutual = await storiesServer({ tls: { ...TLS, clientCa: ca } });
});
afterAll(async () => {
  await Promise.all([server.close(), mutual.close()]);
});

/** The status of an answer, or what went wrong. */
async function fateOf({ port }: RunningServer, more: RequestOptions): Promise<unknown> {
  const headers = { authorization: `Bearer ${KEY}` };
  const asked = request({ host: '127.0.0.1', port, path: '/v1/models', ca, headers, ...more });
  asked.end();
  return new Promise((resolve) => {
    asked.on('response', ({ statusCode }) => resolve(statusCode));
    asked.on('error', ({ message }) => resolve(message));
  });
}

test('TLS 1.3 is spoken, and nothing older', async () => {
  expect(server.url).toMatch(/^https:/);
  const socket = connect({ host: '127.0.0.1', port: server.port, ca });
  await once(socket, 'secureConnect');
  expect(socket.getProtocol()).toBe('TLSv1.3');
  socket.destroy();
  expect(await fateOf(server, {})).toBe(200);
  expect(await fateOf(server, { maxVersion: 'TLSv1.2' })).toMatch('protocol version');
  await expect(fetch(`http://127.0.0.1:${server.port}/live`)).rejects.toThrow('fetch failed');
});

test('where clients need certificates, one of the authority beside the key is needed', async () => {
  expect(await fateOf(mutual, {})).toMatch('certificate required');
  const own = { cert: pem('client'), key: privateKey('client') };
  expect(await fateOf(mutual, own)).toBe(200);
  expect(await fateOf(mutual, { ...own, headers: {} })).toBe(401);
});

test('beyond loopback a server has keys, and TLS here or in front', async () => {
  const logger = pino({ level: 'silent' });
  const open = { models: [storiesSpec()], version: '0', logger, port: 0, host: '0.0.0.0' };
  await expect(startServer({ ...open, tls: TLS })).rejects.toThrow('give keys');
  await expect(startServer({ ...open, keys: KEYS })).rejects.toThrow('certificate');
});

test('without any network a server does what it does with one', async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, 'wafer.config.ts');
  writeFileSync(
    config,
    `const port: number = 8099;
     export default {
       port, offline: true, data: ${JSON.stringify(join(folder.path, 'state'))},
       keys: [{ key: '${KEY}', tenant: 'first' }],
     };`,
  );
  const ask = `const chat = { model: 'stories', max_tokens: 4, messages: [{ role: 'user',
      content: 'Once' }] };
    const headers = { authorization: 'Bearer ${KEY}', 'content-type': 'application/json' };
    for (;;) {
      const ready = await fetch('http://127.0.0.1:8099/ready').catch(() => undefined);
      if (ready?.status === 200) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const body = JSON.stringify(chat);
    const url = 'http://127.0.0.1:8099/v1/chat/completions';
    const answer = await fetch(url, { method: 'POST', headers, body });
    const out = await fetch('http://192.0.2.1/').catch((error) => error.cause.code);
    process.stdout.write(JSON.stringify({ status: answer.status, out }));`;
  const script = `set -e; ip link set lo up; ip -o link | wc -l >&2
    "$0" "$1" serve --config "$2" & server=$!
    "$0" --input-type=module -e "$3"; kill -TERM $server; wait $server`;
  const words = ['-n', 'sh', '-c', script, process.execPath, MAIN, config, ask];
  const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stderr).toMatch(/^1\n/); // the loopback and nothing else
  expect(JSON.parse(stdout)).toEqual({ status: 200, out: 'ENETUNREACH' });
});
