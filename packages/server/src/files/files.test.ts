import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, keyOf, startTestServer } from '../../scripts/test-server.ts';
import type { Asker } from '../../scripts/test-server.ts';
import { CANCELED } from '../http/wire-words.ts';
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
  expect((await first.ask('DELETE', `/v1/files/${id}`)).body).toMatchObject({ deleted: true });
  expect((await first.ask('GET', `/v1/files/${id}`)).status).toBe(404);
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
  const md5 = createHash('md5').update(whole).digest('hex');
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
  const left = server.services.store.db.all("SELECT owner FROM chunks WHERE owner LIKE 'part_%'");
  expect(left).toEqual([]);
  const { body: other } = await first.ask('POST', '/v1/uploads', begin);
  const gone = await first.ask('POST', `/v1/uploads/${String(other['id'])}/cancel`);
  expect(gone.body['status']).toBe(CANCELED);
});
