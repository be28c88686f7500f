import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, startTestServer } from '../../scripts/test-server.ts';
import type { Asker } from '../../scripts/test-server.ts';
import { CANCELED } from '../http/wire-words.ts';
import type { RunningServer } from '../server.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-batches-'));
let server: RunningServer;
let first: Asker;
let second: Asker;
const begin = async (): Promise<void> => {
  server = await startTestServer({ store: { folder } });
  first = asker(server, 'first');
  second = asker(server, 'second');
};
beforeAll(begin);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const CHAT = '/v1/chat/completions';
const line = (n: number, change: object = {}, body: object = {}): string =>
  JSON.stringify({
    ...{ custom_id: `line-${n}`, method: 'POST', url: CHAT, ...change },
    body: {
      model: 'stories',
      messages: [{ role: 'user', content: `Story ${n}` }],
      ...{ temperature: 0, max_tokens: 5, ...body },
    },
  });

async function upload(lines: readonly string[], purpose = 'batch'): Promise<string> {
  const form = new FormData();
  form.set('purpose', purpose);
  form.set('file', new Blob([lines.join('\n')]), 'input.jsonl');
  return String((await first.ask('POST', '/v1/files', form)).body['id']);
}

interface Batch {
  id: string;
  status: string;
  output_file_id: string;
  error_file_id: string;
  request_counts: object;
  errors?: { data: { code: string; line: number | null }[] };
}

async function create(input: string): Promise<Batch> {
  const asked = { input_file_id: input, endpoint: CHAT, completion_window: '24h' };
  return (await first.ask('POST', '/v1/batches', asked)).body as unknown as Batch;
}

async function ended({ id }: Batch): Promise<Batch> {
  for (;;) {
    const batch = (await first.ask('GET', `/v1/batches/${id}`)).body as unknown as Batch;
    if (/^(completed|failed|expired|cancel+ed)$/.test(batch.status)) return batch;
    await sleep(20);
  }
}

interface Done {
  custom_id: string;
  response: { status_code: number; body: Record<string, unknown> } | null;
  error: { code: string } | null;
}

async function linesOf(file: string): Promise<Done[]> {
  const { text } = await first.ask('GET', `/v1/files/${file}/content`);
  return text
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row) as Done);
}

test('a batch answers each line as a live request, in order, errors apart', async () => {
  const rows = Array.from({ length: 12 }, (_, n) => line(n, {}, n === 4 ? { top_p: 7 } : {}));
  const batch = await ended(await create(await upload(rows)));
  expect(batch).toMatchObject({ status: 'completed' });
  expect(batch.request_counts).toEqual({ total: 12, completed: 11, failed: 1 });
  const output = await linesOf(batch.output_file_id);
  const order = Array.from({ length: 12 }, (_, n) => `line-${n}`).filter((id) => id !== 'line-4');
  expect(output.map((one) => one.custom_id)).toEqual(order);
  const live = await first.ask('POST', CHAT, (JSON.parse(rows[7]!) as { body: object }).body);
  expect(output[6]!.response!.body['choices']).toEqual(live.body['choices']);
  const [error, ...more] = await linesOf(batch.error_file_id);
  expect(more).toEqual([]);
  expect(error).toMatchObject({
    custom_id: 'line-4',
    response: { status_code: 400, body: { error: { param: 'top_p' } } },
  });
});

test('an input that is wrong fails the batch, naming lines, before anything is asked', async () => {
  const rows = [
    line(0),
    line(0),
    '{',
    line(3, { url: '/v1/embeddings' }),
    line(4, { method: 'GET' }),
  ];
  const { status, errors } = await ended(await create(await upload(rows)));
  expect(status).toBe('failed');
  expect(errors!.data.map(({ code, line: at }) => [at, code])).toEqual([
    [2, 'duplicate_custom_id'],
    [3, 'invalid_json_line'],
    [4, 'mismatched_url'],
    [5, 'mismatched_url'],
  ]);
  const other = await upload(['x'], 'user_data');
  expect((await create(other)) as unknown).toMatchObject({ error: { param: 'input_file_id' } });
});

test('a batch goes on after a start, and one that is canceled keeps its lines', async () => {
  const long = { max_tokens: 60 };
  const batch = await create(await upload(Array.from({ length: 40 }, (_, n) => line(n, {}, long))));
  const { store } = server.services;
  const key = { tenant: 'first', batch: batch.id };
  while (store.lines.done(key).size < 3) await sleep(5);
  await server.close();
  await begin();
  const { request_counts: counts, output_file_id: output, status } = await ended(batch);
  expect([status, counts]).toEqual(['completed', { total: 40, completed: 40, failed: 0 }]);
  const ids = (await linesOf(output)).map(({ custom_id: id }) => id);
  expect(ids).toEqual(Array.from({ length: 40 }, (_, n) => `line-${n}`));

  const next = await create(await upload(Array.from({ length: 60 }, (_, n) => line(n, {}, long))));
  const nextKey = { tenant: 'first', batch: next.id };
  while (server.services.store.lines.done(nextKey).size < 3) await sleep(5);
  expect((await second.ask('POST', `/v1/batches/${next.id}/cancel`)).status).toBe(404);
  await first.ask('POST', `/v1/batches/${next.id}/cancel`);
  const stopped = await ended(next);
  expect(stopped.status).toBe(CANCELED);
  const done = await linesOf(stopped.output_file_id);
  const left = await linesOf(stopped.error_file_id);
  expect(done.length).toBeGreaterThanOrEqual(3);
  expect(done.length + left.length).toBe(60);
  expect(left.every(({ response }) => response === null)).toBe(true);
  expect((await first.ask('POST', `/v1/batches/${next.id}/cancel`)).status).toBe(409);
});
