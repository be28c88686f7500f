/**
 * A disk that is full: what cannot be stored is refused by a code, what was stored stays whole,
 * questions that store nothing are answered, and all goes on when there is room again.
 *
 * The disk is a small tmpfs; mounting it needs root.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from '@wafer/server';
import { temporaryFolder } from '../e2e/cli-process.ts';
import { ask, KEY, storiesServer } from './stories-server.ts';

const folder = temporaryFolder();
let server: RunningServer;

function run(...words: string[]): void {
  const [command = '', ...rest] = words;
  const { status, stderr } = spawnSync(command, rest, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}; run as root`);
}

beforeAll(async () => {
  run('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder.path);
  writeFileSync(join(folder.path, 'ballast'), Buffer.alloc(8 * 2 ** 20));
  server = await storiesServer({ store: { folder: join(folder.path, 'state') } });
});
afterAll(async () => {
  await server.close();
  spawnSync('umount', [folder.path]);
  folder[Symbol.dispose]();
});

async function send(text: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([text]), 'input.jsonl');
  const headers = { authorization: `Bearer ${KEY}` };
  const sent = await fetch(`${server.url}/v1/files`, { method: 'POST', headers, body: form });
  return { status: sent.status, body: (await sent.json()) as Record<string, unknown> };
}

test('what does not fit is refused, all else goes on, and all when there is room', async () => {
  const lines = Array.from({ length: 20 }, (_, i) =>
    JSON.stringify({
      ...{ custom_id: `l${i}`, method: 'POST', url: '/v1/completions' },
      body: { model: 'stories', prompt: 'Once', max_tokens: 8 },
    }),
  ).join('\n');
  const input = await send(lines);
  const kept: string[] = [];
  const text = 'kept whole '.repeat(40_000);
  for (let n = 0; n < 100; n++) {
    const { status, body } = await send(text);
    if (status === 200) kept.push(String(body['id']));
    else {
      expect({ status, body }).toMatchObject({
        status: 507,
        body: { error: { code: 'storage_full' } },
      });
      break;
    }
  }
  // The rest goes in small pieces, until there is no room for one.
  const refusals = new Set<unknown>();
  for (let room = 2 ** 16; room >= 512; room /= 2) {
    let sent = await send('x'.repeat(room));
    for (let n = 0; n < 200 && sent.status === 200; n++) sent = await send('x'.repeat(room));
    refusals.add(sent.status);
  }
  expect([...refusals]).toEqual([507]);
  const create = { input_file_id: input.body['id'], endpoint: '/v1/completions' };
  const batch = await ask(server, '/v1/batches', { ...create, completion_window: '24h' });
  const chat = { model: 'stories', prompt: 'Once', max_tokens: 2 };
  expect((await ask(server, '/v1/completions', chat)).status).toBe(200);
  expect((await ask(server, '/v1/files')).status).toBe(200);
  for (const id of kept) {
    expect(await (await ask(server, `/v1/files/${id}/content`)).text()).toBe(text);
  }
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  rmSync(join(folder.path, 'ballast'));
  expect((await send('room again')).status).toBe(200);
  const again =
    batch.status === 200
      ? batch
      : await ask(server, '/v1/batches', { ...create, completion_window: '24h' });
  const told = (await again.json()) as { id: string };
  expect(told).toMatchObject({ object: 'batch' });
  const { id } = told;
  for (let n = 0; ; n++) {
    expect(n).toBeLessThan(1000);
    const state = (await (await ask(server, `/v1/batches/${id}`)).json()) as { status: string };
    if (state.status === 'completed') break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
