import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, askerWith, startTestServer } from '../../scripts/test-server.ts';
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

test('a line that is answered is not asked again, and none stays when its batch ends', async () => {
  const { store, batches, usage } = server.services;
  const asked = (): number => usage.ledger.usedSince('project', 'first', 0).requests;
  const at = { tenant: 'first', batch: 'batch_begun' };
  const created = await create(await upload([line(0), line(1), line(2)]));
  await ended(created);
  const before = asked();
  // As one that was cut off after its first line, which was counted.
  const counts = { total: 3, completed: 1, failed: 0 };
  const began = { ...created, id: at.batch, status: 'in_progress', request_counts: counts };
  store.documents.put({ tenant: at.tenant, kind: 'batch', id: at.batch }, began);
  const response = { status_code: 200, request_id: 'r', body: { choices: 'of before' } };
  const body = { id: 'r', custom_id: 'line-0', response, error: null };
  store.lines.add(at, { line: 0, isError: false, body });
  batches.start(at.tenant, at.batch);
  batches.start(at.tenant, at.batch); // goes on already
  const over = await ended(began as unknown as Batch);
  expect(over.request_counts).toEqual({ total: 3, completed: 3, failed: 0 });
  expect(asked() - before).toBe(2);
  const [first] = await linesOf(over.output_file_id);
  expect(first!.response!.body).toEqual({ choices: 'of before' });
  expect(over.error_file_id).toBeUndefined();
  expect(store.lines.done(at).size).toBe(0);
});

test.each([
  ['whose day is over', { expires_at: 1 }, 'expired', 'batch_expired'],
  [
    'that was canceled while nobody ran it',
    { status: 'cancelling' },
    CANCELED,
    `batch_${CANCELED}`,
  ],
])('a batch %s ends without asking anything', async (_, change, status, code) => {
  const { store, batches, usage } = server.services;
  const asked = (): number => usage.ledger.usedSince('project', 'first', 0).requests;
  const created = await create(await upload([line(0), line(1)]));
  await ended(created);
  const before = asked();
  const begun = { ...created, status: 'in_progress', ...change };
  store.documents.put({ tenant: 'first', kind: 'batch', id: begun.id }, begun);
  batches.start('first', begun.id);
  const over = await ended(begun);
  expect(over).toMatchObject({ status, request_counts: { total: 2, completed: 0, failed: 2 } });
  expect(over.output_file_id).toBe(undefined);
  const lines = await linesOf(over.error_file_id);
  expect(lines.map(({ custom_id: id, error }) => [id, error!.code])).toEqual([
    ['line-0', code],
    ['line-1', code],
  ]);
  expect(asked()).toBe(before);
});

test('a line is answered whole, or not at all', async () => {
  const batch = await ended(await create(await upload([line(0, {}, { stream: true })])));
  const [error] = await linesOf(batch.error_file_id);
  expect(error).toMatchObject({
    response: { status_code: 400, body: { error: { param: 'stream' } } },
  });
});

test('a batch has a day, and is for who may ask a model', async () => {
  const input = await upload([line(0)]);
  const batch = (await create(input)) as Batch & { created_at: number; expires_at: number };
  expect(batch.expires_at - batch.created_at).toBe(86_400);
  await ended(batch);
  const asked = { tenant: 'first', scopes: ['storage'] };
  const { body } = await asker(server, 'ops').ask('POST', '/v1/admin/keys', asked);
  const begun = { input_file_id: input, endpoint: CHAT, completion_window: '24h' };
  const narrow = askerWith(server, String(body['key']));
  expect((await narrow.ask('POST', '/v1/batches', begun)).body).toMatchObject({
    error: { code: 'insufficient_scope' },
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

test('lines go on the account of the key that began their batch, and keep its limits', async () => {
  const keyOf = async (limits: object): Promise<{ id: string; key: string }> => {
    const asked = { tenant: 'first', limits };
    const { body } = await asker(server, 'ops').ask('POST', '/v1/admin/keys', asked);
    return body as unknown as { id: string; key: string };
  };
  const input = await upload([line(0), line(1)]);
  const asked = { input_file_id: input, endpoint: CHAT, completion_window: '24h' };
  const run = async ({ key }: { key: string }): Promise<Batch> => {
    const { body } = await askerWith(server, key).ask('POST', '/v1/batches', asked);
    return ended(body as unknown as Batch);
  };
  const [tight, wide] = [
    await keyOf({ tokens_per_minute: 2 }),
    await keyOf({ tokens_per_minute: 1000 }),
  ];
  const refused = await run(tight);
  expect(refused.request_counts).toEqual({ total: 2, completed: 0, failed: 2 });
  expect(refused.output_file_id).toBeUndefined();
  const [error] = await linesOf(refused.error_file_id);
  expect(error).toMatchObject({ response: { body: { error: { code: 'request_too_large' } } } });
  expect((await run(wide)).request_counts).toMatchObject({ completed: 2 });
  const { ledger } = server.services.usage;
  expect(ledger.usedSince('key', wide.id, 0)).toMatchObject({ requests: 2, outputTokens: 10 });
});

test('what a listed key used still counts after a start', async () => {
  const spec = {
    key: 'key-of-a-list-with-limits',
    tenant: 'listed',
    limits: { requests_per_day: 2 },
  };
  const state = mkdtempSync(join(tmpdir(), 'wafer-listed-'));
  const body = { model: 'stories', prompt: 'x', max_tokens: 1 };
  const statuses: number[] = [];
  for (const keys of [[spec], [{ key: 'key-of-another-tenant', tenant: 'other' }, spec]]) {
    await using listed = await startTestServer({ store: { folder: state }, keys });
    for (let i = 0; i < 2; i++) {
      const { status } = await askerWith(listed, spec.key).ask('POST', '/v1/completions', body);
      statuses.push(status);
      if (statuses.length === 1) break;
    }
  }
  rmSync(state, { recursive: true });
  expect(statuses).toEqual([200, 200, 429]);
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
