/** Lines of a batch wait while there is too much to do: they take a second to ask again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { asker, startTestServer, STORIES } from '../../scripts/test-server.ts';

test.each([
  ['the queue is full', { requestsMax: 1, tenantRequestsMax: 9 }, 503],
  ['its tenant has enough under way', { requestsMax: 99, tenantRequestsMax: 1 }, 429],
])('a line that finds that %s is asked again', async (_, limits, status) => {
  const gate = { ...limits, promptTokensMax: 1000 };
  await using server = await startTestServer({ models: [{ ...STORIES, gate }] });
  const { ask } = asker(server, 'first');
  const body = { model: 'stories', prompt: 'Once', max_tokens: 2 };
  const url = '/v1/completions';
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([JSON.stringify({ custom_id: 'a', method: 'POST', url, body })]), 'f');
  const { id } = (await ask('POST', '/v1/files', form)).body;
  using lease = await server.services.models.lease('stories');
  const one = { tenant: 'first', tier: 'priority', promptTokens: 1, answerCount: 1 } as const;
  const held = lease.gate.admit(one);
  expect((await ask('POST', url, body)).status).toBe(status);
  const asked = { input_file_id: id, endpoint: url, completion_window: '24h' };
  const batch = (await ask('POST', '/v1/batches', asked)).body;
  const now = async (): Promise<Record<string, unknown>> =>
    (await ask('GET', `/v1/batches/${String(batch['id'])}`)).body;
  await sleep(300);
  expect(await now()).toMatchObject({ status: 'in_progress', request_counts: { failed: 0 } });
  held[Symbol.dispose]();
  await expect.poll(async () => (await now())['status'], { timeout: 10_000 }).toBe('completed');
  expect((await now())['request_counts']).toEqual({ total: 1, completed: 1, failed: 0 });
});
