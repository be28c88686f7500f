import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, startTestServer } from '../scripts/test-server.ts';
import type { TestTenant } from '../scripts/test-server.ts';
import type { RunningServer } from './server.ts';

// Attack class A14: what another tenant asked before is to be told by nothing in an answer.

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const PROMPT = 'Once upon a time there was a secret that only one tenant knew. '.repeat(3);

async function cachedTokens(tenant: TestTenant): Promise<number> {
  const { body } = await asker(server, tenant).ask('POST', '/v1/chat/completions', {
    ...{ model: 'stories', temperature: 0, max_tokens: 2 },
    messages: [{ role: 'user', content: PROMPT }],
  });
  const usage = body['usage'] as { prompt_tokens_details: { cached_tokens: number } };
  return usage.prompt_tokens_details.cached_tokens;
}

test('a prefix is found again by its tenant, and by no other', async () => {
  expect(await cachedTokens('first')).toBe(0);
  expect(await cachedTokens('first')).toBeGreaterThan(30);
  expect(await cachedTokens('second')).toBe(0);
  expect(await cachedTokens('second')).toBeGreaterThan(30);
});
