/**
 * Attack class A11: no name or id of a client's becomes a path. All that is stored is in one file,
 * and what is asked for by any spelling of another path is not there.
 */
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningServer } from '@wafer/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../e2e/cli-process.ts';
import { ask, KEY, storiesServer } from './stories-server.ts';

const folder = temporaryFolder();
const data = join(folder.path, 'state');
let server: RunningServer;
beforeAll(async () => {
  server = await storiesServer({ store: { folder: data } });
  writeFileSync(join(folder.path, 'secret'), 'nobody may read this');
  symlinkSync(join(folder.path, 'secret'), join(data, 'link'));
});
afterAll(async () => {
  await server.close();
  folder[Symbol.dispose]();
});

const NAMES = [
  ...['../secret', '..%2fsecret', '%2e%2e/secret', '....//secret', '/etc/passwd', 'link'],
  ...['..\\secret', 'C:\\Windows\\win.ini', '\\\\host\\share', 'file:///etc/passwd', 'a%00.db'],
  ...['wafer.db', '.', '..', '．．/secret', 'con', 'nul:', '~', '$HOME', '`id`', '-rf'],
];

test.each(NAMES)('an id %s is of nothing, wherever ids are', async (name) => {
  const id = encodeURIComponent(name);
  const paths = [
    ...[`/v1/files/${id}`, `/v1/files/${id}/content`, `/v1/batches/${id}`],
    ...[`/v1/models/${id}`, `/v1/responses/${id}`, `/v1/chat/completions/${id}`],
  ];
  for (const path of paths) {
    const response = await ask(server, path);
    expect([400, 404]).toContain(response.status);
    expect(await response.text()).not.toContain('nobody may read this');
  }
  for (const body of [
    { model: name, messages: [{ role: 'user', content: 'x' }] },
    { model: 'stories', previous_response_id: name, input: 'x' },
    { input_file_id: name, endpoint: '/v1/completions', completion_window: '24h' },
  ]) {
    const path =
      'messages' in body ? 'chat/completions' : 'input' in body ? 'responses' : 'batches';
    expect([400, 404]).toContain((await ask(server, `/v1/${path}`, body)).status);
  }
});

test.each(NAMES)('a file may be called %s, and lies where all do', async (name) => {
  const form = new FormData();
  form.set('purpose', 'user_data');
  form.set('file', new Blob(['contents']), name);
  const headers = { authorization: `Bearer ${KEY}` };
  const sent = await fetch(`${server.url}/v1/files`, { method: 'POST', headers, body: form });
  expect(sent.status).toBe(200);
  const { id } = (await sent.json()) as { id: string };
  expect(id).toMatch(/^file_[0-9a-f]+$/);
  const content = await ask(server, `/v1/files/${id}/content`);
  expect(await content.text()).toBe('contents');
  expect(content.headers.get('content-disposition') ?? '').not.toMatch(/[\r\n]/);
  const files = readdirSync(data).filter((file) => file !== 'link');
  expect(files.every((file) => file.startsWith('wafer.db'))).toBe(true);
  expect(readdirSync(folder.path).toSorted()).toEqual(['secret', 'state']);
});
