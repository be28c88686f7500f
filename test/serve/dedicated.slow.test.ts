/**
 * What is dedicated to a tenant no neighbor can touch: while one asks for many times what there is,
 * every request of the tenant is answered, with the bits that it has alone.
 */
import { expect, test } from 'vitest';
import { ask, KEY, OTHER_KEY, storiesServer, storiesSpec } from './stories-server.ts';

const chat = (content: string, tokens: number): object => ({
  ...{ model: 'stories', max_tokens: tokens, temperature: 0, logprobs: true },
  messages: [{ role: 'user', content }],
});
const BEGINNINGS = ['Once upon a time', 'Lily and Tom', 'The big dog', 'In the park'];

test('a neighbor that asks for all is refused, the tenant is served as if alone', async () => {
  const reservations = [{ tenant: 'first', slots: 2, kvTokens: 512 }];
  const gate = { requestsMax: 24, tenantRequestsMax: 24, promptTokensMax: 2 ** 20 };
  const wafer = { reservations, sequences: 8, kvTokens: 1024, reusePrefixes: false };
  const models = [storiesSpec(wafer, { reservations, gate })];
  await using server = await storiesServer({ models });
  const answer = async (content: string): Promise<unknown> => {
    const response = await ask(server, '/v1/chat/completions', chat(content, 24), { key: KEY });
    expect(response.status).toBe(200);
    const { choices } = (await response.json()) as { choices: unknown[] };
    return choices;
  };
  const alone = [];
  for (const content of BEGINNINGS) alone.push(await answer(content));
  const state = { isOver: false, servedCount: 0, refusedCount: 0 };
  const flood = Array.from({ length: 60 }, async (_, i) => {
    for (let n = 0; !state.isOver; n++) {
      const body = chat(`Neighbor ${i} ${n}`, 200);
      const asked = await ask(server, '/v1/chat/completions', body, { key: OTHER_KEY });
      await asked.text();
      if (asked.status === 200) state.servedCount++;
      else state.refusedCount++;
    }
  });
  while (state.refusedCount === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  for (let round = 0; round < 3; round++) {
    expect(await Promise.all(BEGINNINGS.map(answer))).toEqual(alone);
  }
  state.isOver = true;
  await Promise.all(flood);
  expect(state.refusedCount).toBeGreaterThan(0);
  expect(state.servedCount).toBeGreaterThan(0); // the rest is theirs
  console.log(`neighbor: ${state.servedCount} served, ${state.refusedCount} refused`);
});
