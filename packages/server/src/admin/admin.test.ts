import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, startTestServer } from '../../scripts/test-server.ts';
import type { Asker } from '../../scripts/test-server.ts';
import type { RunningServer } from '../server.ts';
import { Store } from '../store/store.ts';
import { appendAudit, findBreak } from '../tenants/audit-log.ts';

let server: RunningServer;
let ops: Asker;
beforeAll(async () => {
  server = await startTestServer({ prices: { stories: { input: 1, cached: 0.5, output: 4 } } });
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

/** Asks with any key. */
async function askWith(key: string, path: string, body?: object): Promise<Response> {
  return fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
}

const makeKey = async (asked: object): Promise<Made> =>
  (await ops.ask('POST', KEYS, asked)).body as unknown as Made;

const chatOf = (tokens: number): object => ({
  ...{ model: 'stories', max_tokens: tokens, temperature: 0 },
  messages: [{ role: 'user', content: 'Once upon a time' }],
});

test('a key does what its role and scopes are for, and nothing else', async () => {
  const tenant = 'scoped';
  const auditor = await makeKey({ tenant, role: 'auditor' });
  const reader = await makeKey({ tenant, scopes: ['storage'] });
  const asker1 = await makeKey({ tenant, scopes: ['inference'] });
  const paths = ['/v1/files', '/v1/admin/audit', '/metrics', KEYS];
  const statuses = async ({ key }: Made): Promise<number[]> =>
    Promise.all([
      askWith(key, '/v1/chat/completions', chatOf(1)).then(({ status }) => status),
      ...paths.map(async (path) => statusWith(key, path)),
    ]);
  expect(await statuses(auditor)).toEqual([403, 403, 200, 200, 403]);
  expect(await statuses(reader)).toEqual([403, 200, 403, 403, 403]);
  expect(await statuses(asker1)).toEqual([200, 403, 403, 403, 403]);
});

test('limits of a key, its project and its organization hold, and headers tell them', async () => {
  // A day's bucket fills too slowly to matter, however slow the machine is.
  const limits = { tokens_per_day: 1000, requests_per_day: 5 };
  await ops.ask('POST', '/v1/admin/organizations', { id: 'corp', limits });
  for (const id of ['one', 'two']) {
    await ops.ask('POST', '/v1/admin/projects', { id, organization: 'corp', weight: 2 });
  }
  const [one, two] = [
    await makeKey({ tenant: 'one', limits: { requests_per_minute: 2 } }),
    await makeKey({ tenant: 'two' }),
  ];
  const path = '/v1/chat/completions';
  const first = await askWith(one.key, path, chatOf(4));
  const { usage } = (await first.json()) as { usage: { total_tokens: number } };
  const next = await askWith(one.key, path, { ...chatOf(4), stream: true });
  await next.text();
  const header = (response: Response, name: string): string | null =>
    response.headers.get(`x-ratelimit-${name}`);
  expect(header(first, 'remaining-requests-minute')).toBe('1');
  expect(header(first, 'remaining-requests-day')).toBe('4');
  expect(header(next, 'remaining-requests')).toBe('0');
  expect(header(next, 'limit-tokens')).toBe('1000');
  const left = Number(header(await askWith(two.key, '/v1/models'), 'remaining-tokens-day'));
  expect(left).toBeGreaterThanOrEqual(1000 - 2 * usage.total_tokens);
  expect(left).toBeLessThan(1000);
  const refused = await askWith(one.key, path, chatOf(4));
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({
    error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  });
  const other = await askWith(two.key, path, chatOf(left));
  expect(other.status).toBe(429);
  expect(await other.text()).toContain('organization corp is 1000 tokens per day');
  expect((await askWith(two.key, path, chatOf(4))).status).toBe(200);
});

test('usage and cost are told in buckets, as OpenAI does, and as CSV', async () => {
  const start = Math.floor(Date.now() / 1000) - 3600;
  const embedding = { model: 'stories', input: 'a text' };
  await asker(server, 'second').ask('POST', '/v1/embeddings', embedding);
  const query = `start_time=${start}&bucket_width=1d&group_by[]=project_id&project_ids[]=one`;
  const { body } = await ops.ask('GET', `/v1/organization/usage/completions?${query}`);
  const results = (body as { data: { results: object[] }[] }).data.flatMap((one) => one.results);
  expect(results).toEqual([
    expect.objectContaining({
      object: 'organization.usage.completions.result',
      ...{ project_id: 'one', num_model_requests: 2, output_tokens: 8, model: null },
    }),
  ]);
  const asked = `start_time=${start}&group_by=project_id`;
  const costs = await ops.ask('GET', `/v1/organization/costs?${asked}`);
  const amounts = (
    costs.body as { data: { results: { project_id: string; amount: object }[] }[] }
  ).data.flatMap((one) => one.results);
  const [used] = results as { input_tokens: number; input_cached_tokens: number }[];
  const { input_tokens: input, input_cached_tokens: cached } = used!;
  const value = (input - cached + cached * 0.5 + 8 * 4) / 1e6;
  expect(amounts.find((one) => one.project_id === 'one')?.amount).toEqual({
    ...{ value: expect.closeTo(value, 12), currency: 'usd' },
  });
  const vectors = await ops.ask('GET', `/v1/organization/usage/embeddings?${asked}`);
  expect(vectors.text).toContain('"project_id":"second"');
  const csv = await ops.ask('GET', `/v1/admin/usage?start_time=${start}&format=csv`);
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(csv.text).toMatch(/,corp,one,key_[0-9a-f]+,stories,completions,false,2,/);
  expect((await ops.ask('GET', '/v1/organization/costs')).body).toMatchObject({
    error: { param: 'start_time' },
  });
});

test('an export is whole however long its time, and takes no page', async () => {
  const dayAgo = (days: number): number => Math.floor(Date.now() / 60_000 - days * 24 * 60) * 60;
  const counts = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, costNanos: 0 };
  for (const days of [90, 40]) {
    server.services.usage.ledger.add({
      ...{ minute: dayAgo(days), organization: 'old', project: 'old', key: 'k', model: 'm' },
      ...{ kind: 'completions', isBatch: false, requests: 1, ...counts },
    });
  }
  const query = `start_time=${dayAgo(100)}&project_ids=old&format=csv`;
  const { text } = await ops.ask('GET', `/v1/admin/usage?${query}`);
  expect(text.trim().split('\r\n')).toHaveLength(3);
  expect((await ops.ask('GET', `/v1/admin/usage?${query}&limit=1`)).status).toBe(400);
});

test('what is not said of an organization or a project stays as it was', async () => {
  const [limits, weight] = [{ requests_per_day: 7 }, 3];
  await ops.ask('POST', '/v1/admin/organizations', { id: 'kept', limits });
  await ops.ask('POST', '/v1/admin/projects', { id: 'p', organization: 'kept', limits, weight });
  const organization = { id: 'kept', name: 'Kept' };
  const renamed = await ops.ask('POST', '/v1/admin/organizations', organization);
  expect(renamed.body).toMatchObject({ ...organization, limits });
  const project = (await ops.ask('POST', '/v1/admin/projects', { id: 'p', name: 'P' })).body;
  expect(project).toMatchObject({ name: 'P', organization: 'kept', limits, weight });
  const freed = await ops.ask('POST', '/v1/admin/organizations', { id: 'kept', limits: {} });
  expect(freed.body).toMatchObject({ name: 'Kept', limits: {} });
});

test('the log of all that is whole, and a change, a gap or another order is found', async () => {
  const { body } = await ops.ask('GET', '/v1/admin/audit');
  const { data, is_whole: isWhole } = body as { data: { what: string }[]; is_whole: boolean };
  expect(isWhole).toBe(true);
  const actions = data.map(({ what }) => (JSON.parse(what) as { action: string }).action);
  expect(actions.slice(0, 4)).toEqual(['key.create', 'key.create', 'key.rotate', 'key.revoke']);
  expect(actions).toContain('tenant.erase');
  expect(actions).toContain('organization.put');
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

test('each hash covers the one before, number, time and what was done, on every page', () => {
  using store = new Store();
  const { db } = store;
  let before = '0'.repeat(64);
  db.transaction(() => {
    for (let number = 1; number <= 1200; number++) {
      const entry = appendAudit(db, 1e9 + number, { number });
      const text = `${before}\n${number}\n${1e9 + number}\n{"number":${number}}`;
      before = createHash('sha256').update(text).digest('hex');
      if (entry.hash !== before) throw new Error(`entry ${number} has another hash`);
    }
  });
  expect(findBreak(db)).toBeUndefined();
  db.run('UPDATE audit SET at = at + 1 WHERE number = 1100');
  expect(findBreak(db)).toBe(1100);
});
