import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, startTestServer } from '../../scripts/test-server.ts';
import type { Asker } from '../../scripts/test-server.ts';
import type { RunningServer } from '../server.ts';

let server: RunningServer;
let ops: Asker;
beforeAll(async () => {
  server = await startTestServer();
  ops = asker(server, 'ops');
});
afterAll(() => server.close());

const KEYS = '/v1/admin/keys';

async function statusWith(key: string, path = '/v1/models'): Promise<number> {
  return (await fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } })).status;
}

interface Made {
  id: string;
  key: string;
}

test('a key is made, told once, rotated, revoked; only its digest is kept', async () => {
  const asked = { tenant: 'third', name: 'laptop' };
  const made = (await ops.ask('POST', KEYS, asked)).body as unknown as Made;
  expect(await statusWith(made.key)).toBe(200);
  expect(await statusWith(made.key, KEYS)).toBe(403);
  const listed = await ops.ask('GET', KEYS);
  expect(listed.body).toMatchObject({ data: [{ id: made.id, tenant: 'third', name: 'laptop' }] });
  expect(listed.text).not.toContain(made.key);
  const rows = server.services.store.db.all('SELECT body FROM documents');
  const kept = rows.map(({ body }) => Buffer.from(body as Uint8Array).toString('latin1')).join();
  expect(kept).toContain(made.id);
  expect(kept).not.toContain(made.key);
  const next = (await ops.ask('POST', `${KEYS}/${made.id}/rotate`)).body as unknown as Made;
  expect([await statusWith(made.key), await statusWith(next.key)]).toEqual([200, 200]);
  await ops.ask('DELETE', `${KEYS}/${made.id}`);
  expect([await statusWith(made.key), await statusWith(next.key)]).toEqual([401, 200]);
  expect((await ops.ask('DELETE', `${KEYS}/${made.id}`)).status).toBe(404);
});

test('a key ends with its time', async () => {
  const asked = { tenant: 'third', expires_in_seconds: 1 };
  const { key } = (await ops.ask('POST', KEYS, asked)).body as unknown as Made;
  expect(await statusWith(key)).toBe(200);
  while ((await statusWith(key)) === 200) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await statusWith(key)).toBe(401);
});

test('what a tenant stored is erased on request, others’ stays', async () => {
  const chat = {
    ...{ model: 'stories', max_tokens: 1, store: true },
    messages: [{ role: 'user', content: 'remember me' }],
  };
  const [first, second] = [asker(server, 'first'), asker(server, 'second')];
  for (const { ask } of [first, second]) await ask('POST', '/v1/chat/completions', chat);
  expect((await ops.ask('DELETE', '/v1/admin/tenants/first/data')).body).toMatchObject({
    count: 1,
  });
  const listOf = async ({ ask }: Asker): Promise<unknown[]> =>
    (await ask('GET', '/v1/chat/completions')).body['data'] as unknown[];
  expect(await listOf(first)).toEqual([]);
  expect(await listOf(second)).toHaveLength(1);
});

test('the log of all that is whole, and a change, a gap or another order is found', async () => {
  const { body } = await ops.ask('GET', '/v1/admin/audit');
  const { data, is_whole: isWhole } = body as { data: { what: string }[]; is_whole: boolean };
  expect(isWhole).toBe(true);
  const actions = data.map(({ what }) => (JSON.parse(what) as { action: string }).action);
  expect(actions.slice(0, 4)).toEqual(['key.create', 'key.create', 'key.rotate', 'key.revoke']);
  expect(actions.at(-1)).toBe('tenant.erase');
  const { db } = server.services.store;
  const brokenAt = async (): Promise<unknown> =>
    (await ops.ask('GET', '/v1/admin/audit')).body['broken_at'];
  db.run("UPDATE audit SET what = replace(what, 'key.rotate', 'key.create') WHERE number = 3");
  expect(await brokenAt()).toBe(3);
  db.run("UPDATE audit SET what = replace(what, 'key.create', 'key.rotate') WHERE number = 3");
  expect(await brokenAt()).toBeUndefined();
  db.run('DELETE FROM audit WHERE number = 2');
  expect(await brokenAt()).toBe(2);
});
