import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from '../server.ts';
import { asker, startTestServer } from '../../scripts/test-server.ts';

let server: RunningServer;
const folder = mkdtempSync(join(tmpdir(), 'wafer-stored-'));
beforeAll(async () => {
  server = await startTestServer({ store: { folder } });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const CHAT = {
  model: 'stories',
  messages: [
    { role: 'system', content: 'Tell.' },
    { role: 'user', content: 'Once' },
  ],
  temperature: 0,
  max_tokens: 4,
};
const PATH = '/v1/chat/completions';

test('what is to be kept is listed, read, changed and deleted by its tenant only', async () => {
  const { ask } = asker(server, 'first');
  const other = asker(server, 'second');
  const whole = (await ask('POST', PATH, { ...CHAT, store: true, metadata: { run: '1' } })).body;
  const streamed = await ask('POST', PATH, {
    ...{ ...CHAT, store: true, metadata: { run: '2' } },
    stream: true,
  });
  await ask('POST', PATH, CHAT);
  const { data } = (await ask('GET', PATH)).body as { data: Record<string, unknown>[] };
  expect(data.map(({ metadata }) => metadata)).toEqual([{ run: '1' }, { run: '2' }]);
  expect(data[0]).toMatchObject({ id: whole['id'], choices: whole['choices'] });
  // The stream was kept as the whole that it makes.
  expect(data[1]!['choices']).toEqual(whole['choices']);
  expect(streamed.text).toContain(String(data[1]!['id']));
  const filtered = (await ask('GET', `${PATH}?metadata[run]=2&limit=1&order=desc`)).body;
  expect(filtered).toMatchObject({ data: [{ metadata: { run: '2' } }], has_more: false });

  const one = `${PATH}/${String(whole['id'])}`;
  expect((await ask('GET', one)).body).toMatchObject({ usage: whole['usage'], temperature: 0 });
  const { body: messages } = await ask('GET', `${one}/messages?limit=1`);
  expect(messages).toMatchObject({ data: [{ role: 'system', content: 'Tell.' }], has_more: true });
  expect((await ask('GET', `${one}/messages?after=none`)).body['data']).toEqual([]);
  const changed = await ask('POST', one, { metadata: { run: '3' } });
  expect(changed.body['metadata']).toEqual({ run: '3' });

  for (const [method, path, body] of [
    ['GET', one],
    ['GET', `${one}/messages`],
    ['POST', one, { metadata: {} }],
    ['DELETE', one],
  ] as const) {
    expect((await other.ask(method, path, body)).status).toBe(404);
  }
  expect((await other.ask('GET', PATH)).body['data']).toEqual([]);
  expect((await ask('DELETE', one)).body).toMatchObject({ deleted: true });
  expect((await ask('GET', one)).status).toBe(404);
});

test.each(['limit=0', 'limit=101', 'limit=x', 'order=up', 'unknown=1'])(
  'a list refuses %s',
  async (query) => {
    const { status } = await asker(server, 'first').ask('GET', `${PATH}?${query}`);
    expect(status).toBe(400);
  },
);

test('what is kept goes by itself after thirty days', async () => {
  const { ask } = asker(server, 'first');
  const { body } = await ask('POST', PATH, { ...CHAT, store: true });
  const { store } = server.services;
  const [days, path] = [24 * 3600, `${PATH}/${String(body['id'])}`];
  store.purge(Number(body['created']) + 29 * days);
  expect((await ask('GET', path)).status).toBe(200);
  store.purge(Number(body['created']) + 31 * days);
  expect((await ask('GET', path)).status).toBe(404);
});
