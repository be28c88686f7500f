import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, keyOf, startTestServer } from '../../scripts/test-server.ts';
import type { Asker } from '../../scripts/test-server.ts';
import { ANY_BYTES, CANCELED } from '../http/wire-words.ts';
import type { RunningServer } from '../server.ts';

let server: RunningServer;
let first: Asker;
let second: Asker;
beforeAll(async () => {
  server = await startTestServer();
  [first, second] = [asker(server, 'first'), asker(server, 'second')];
});
afterAll(() => server.close());

function formOf(fields: Record<string, string>, file?: [string, Uint8Array, string]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  if (file) form.set(file[0], new Blob([Buffer.from(file[1])]), file[2]);
  return form;
}

async function contentOf(id: string): Promise<Buffer> {
  const headers = { authorization: `Bearer ${keyOf('first')}` };
  const response = await fetch(`${server.url}/v1/files/${id}/content`, { headers });
  return Buffer.from(await response.arrayBuffer());
}

/** Pieces that the store holds of a file, or of an upload and its parts. */
function chunksOf(id: unknown): number {
  const sql = 'SELECT COUNT(*) AS count FROM chunks WHERE substr(owner, 1, length(?)) = ?';
  return Number(server.services.store.db.get(sql, String(id), String(id))!['count']);
}

test('a file comes back byte for byte, and is its tenant’s alone', async () => {
  const bytes = randomBytes(3 * 2 ** 20 + 5);
  const form = formOf({ purpose: 'user_data' }, ['file', bytes, 'a.bin']);
  const { body: file } = await first.ask('POST', '/v1/files', form);
  expect(file).toMatchObject({ object: 'file', bytes: bytes.length, filename: 'a.bin' });
  const id = String(file['id']);
  expect((await contentOf(id)).equals(bytes)).toBe(true);
  for (const [method, path] of [
    ['GET', `/v1/files/${id}`],
    ['GET', `/v1/files/${id}/content`],
    ['DELETE', `/v1/files/${id}`],
  ] as const) {
    expect((await second.ask(method, path)).status).toBe(404);
  }
  expect((await second.ask('GET', '/v1/files')).body['data']).toEqual([]);
  const { body: listed } = await first.ask('GET', '/v1/files?purpose=user_data&limit=1');
  expect(listed).toMatchObject({ data: [{ id }], has_more: false });
  expect(chunksOf(id)).toBe(4);
  expect((await first.ask('DELETE', `/v1/files/${id}`)).body).toMatchObject({ deleted: true });
  expect(chunksOf(id)).toBe(0);
  expect((await first.ask('GET', `/v1/files/${id}`)).status).toBe(404);
});

test('files are listed by purpose; what they hold is given as bytes and nothing else', async () => {
  const ids: string[] = [];
  for (const purpose of ['assistants', 'vision']) {
    const form = formOf({ purpose }, ['file', Buffer.from('<script>'), 'a.html']);
    ids.push(String((await first.ask('POST', '/v1/files', form)).body['id']));
  }
  const { body } = await first.ask('GET', '/v1/files?purpose=assistants');
  expect(body).toMatchObject({ data: [{ id: ids[0], purpose: 'assistants' }], first_id: ids[0] });
  const { body: all } = await first.ask('GET', '/v1/files?order=asc');
  const listed = (all['data'] as { id: string }[]).map(({ id }) => id);
  expect(listed.slice(-2)).toEqual(ids);
  const headers = { authorization: `Bearer ${keyOf('first')}` };
  const response = await fetch(`${server.url}/v1/files/${ids[1]}/content`, { headers });
  expect(await response.text()).toBe('<script>');
  const names = ['content-type', 'content-disposition', 'x-content-type-options'];
  expect(names.map((name) => response.headers.get(name))).toEqual([
    ...[ANY_BYTES, 'attachment', 'nosniff'],
  ]);
});

test('a file may say when it goes, from an hour to thirty days', async () => {
  const add = (seconds: string): ReturnType<Asker['ask']> => {
    const fields = { purpose: 'batch', 'expires_after[anchor]': 'created_at' };
    const all = { ...fields, 'expires_after[seconds]': seconds };
    return first.ask('POST', '/v1/files', formOf(all, ['file', Buffer.from('x'), 'x']));
  };
  for (const seconds of [3600, 2_592_000]) {
    const { created_at: createdAt, expires_at: expiresAt } = (await add(String(seconds))).body;
    expect(Number(expiresAt) - Number(createdAt)).toBe(seconds);
  }
  for (const seconds of ['3599', '2592001', '3600.5', 'soon']) {
    expect((await add(seconds)).status).toBe(400);
  }
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['/absolute/name', 'name'],
  ['..', 'file'],
  ['a\u202eb', 'a\u202eb'],
])('the name %j is never a path', async (given, shown) => {
  const form = formOf({ purpose: 'batch' }, ['file', Buffer.from('x'), given]);
  expect((await first.ask('POST', '/v1/files', form)).body['filename']).toBe(shown);
});

test.each(['..%2f..%2fwafer.db', '%2e%2e', 'a%00b', 'C:%5cx', '%c0%ae', '%F0%9F%92%A9'])(
  'the id %s is nobody’s',
  async (id) => {
    for (const path of ['files', 'batches', 'responses', 'chat/completions']) {
      const { status } = await first.ask('GET', `/v1/${path}/${id}`);
      expect([400, 404]).toContain(status);
    }
  },
);

test.each([
  ['no purpose', formOf({}, ['file', Buffer.from('x'), 'x']), 'purpose'],
  ['a wrong purpose', formOf({ purpose: 'x' }, ['file', Buffer.from('x'), 'x']), 'purpose'],
  ['no file', formOf({ purpose: 'batch' }), 'file'],
  ['a field too many', formOf({ purpose: 'batch', x: '1' }, ['file', Buffer.from('x'), 'x']), 'x'],
])('a form with %s is refused', async (_what, form, param) => {
  const { status, body } = await first.ask('POST', '/v1/files', form);
  expect([status, (body['error'] as { param: string }).param]).toEqual([400, param]);
});

test('forms are bounded in parts and bytes, and belong to files only', async () => {
  const many = new FormData();
  for (let n = 0; n < 1000; n++) many.append('purpose', 'batch');
  expect((await first.ask('POST', '/v1/files', many)).status).toBe(400);
  expect((await first.ask('POST', '/v1/files', { purpose: 'batch' })).status).toBe(415);
  const form = formOf({ model: 'stories' });
  expect((await first.ask('POST', '/v1/chat/completions', form)).status).toBe(400);
});

test('an upload makes a file of its parts in the order that is named, or nothing', async () => {
  const parts = [randomBytes(2 ** 20 + 1), randomBytes(10), randomBytes(5)];
  const begin = { filename: 'b.bin', mime_type: 'x/y', purpose: 'user_data', bytes: 2 ** 20 + 11 };
  const { body: upload } = await first.ask('POST', '/v1/uploads', begin);
  const path = `/v1/uploads/${String(upload['id'])}`;
  const ids: string[] = [];
  for (const part of parts) {
    const form = formOf({}, ['data', part, 'part']);
    ids.push(String((await first.ask('POST', `${path}/parts`, form)).body['id']));
  }
  const [a, b, c] = ids as [string, string, string];
  const whole = Buffer.concat([parts[1]!, parts[0]!]);
  const md5 = createHash('md5').update(whole).digest('hex').toUpperCase();
  const complete = (body: object): Promise<{ status: number; body: Record<string, unknown> }> =>
    first.ask('POST', `${path}/complete`, body);
  expect((await complete({ part_ids: [a, b, c] })).status).toBe(400);
  expect((await complete({ part_ids: [a, a] })).status).toBe(400);
  expect((await complete({ part_ids: [a, b], md5 })).status).toBe(400);
  expect((await second.ask('POST', `${path}/complete`, { part_ids: [b, a] })).status).toBe(404);
  const done = await complete({ part_ids: [b, a], md5 });
  expect(done.body).toMatchObject({ status: 'completed', file: { bytes: whole.length } });
  expect((await contentOf((done.body['file'] as { id: string }).id)).equals(whole)).toBe(true);
  expect((await complete({ part_ids: [b, a] })).status).toBe(400);
  expect(chunksOf(upload['id'])).toBe(0);
  const { body: other } = await first.ask('POST', '/v1/uploads', begin);
  const form = formOf({}, ['data', parts[1]!, 'part']);
  await first.ask('POST', `/v1/uploads/${String(other['id'])}/parts`, form);
  expect(chunksOf(other['id'])).toBe(1);
  const gone = await first.ask('POST', `/v1/uploads/${String(other['id'])}/cancel`);
  expect(gone.body['status']).toBe(CANCELED);
  expect(chunksOf(other['id'])).toBe(0);
});

test('an upload takes each part once, no more than it may hold, within an hour', async () => {
  const begin = { filename: 'b.bin', mime_type: 'x/y', purpose: 'user_data', bytes: 20 };
  const { body: upload } = await first.ask('POST', '/v1/uploads', begin);
  const [id, path] = [String(upload['id']), `/v1/uploads/${String(upload['id'])}`];
  const add = (bytes: number): ReturnType<Asker['ask']> =>
    first.ask('POST', `${path}/parts`, formOf({}, ['data', Buffer.alloc(bytes), 'part']));
  const part = String((await add(10)).body['id']);
  const twice = await first.ask('POST', `${path}/complete`, { part_ids: [part, part] });
  expect([twice.status, (twice.body['error'] as { param: string }).param]).toEqual([
    ...[400, 'part_ids'],
  ]);
  // As if 128 MiB but for 15 bytes had come.
  const { documents } = server.services.store;
  const key = { tenant: 'first', kind: 'upload', id };
  type Stored = { upload: object; parts: Record<string, number> };
  const most = 128 * 2 ** 20 - 15;
  documents.update<Stored>(key, (stored) => ({ ...stored, parts: { [part]: most } }));
  expect((await add(16)).status).toBe(400);
  expect((await add(15)).status).toBe(200);
  expect((await add(1)).status).toBe(400);
  const expires = Number(upload['expires_at']);
  expect(expires - Number(upload['created_at'])).toBe(3600);
  documents.update<Stored>(key, (stored) => ({
    ...stored,
    upload: { ...stored.upload, expires_at: server.services.nowSeconds() },
  }));
  const late = await first.ask('POST', `${path}/cancel`);
  expect((late.body['error'] as { message: string }).message).toContain('the upload is expired');
});
