/**
 * Answers do not depend on load: tokens and logprobs are bit-identical alone and among 64, with a
 * prefix cache and without, guessed and not, preempted and not.
 */
import type { RunningServer } from '@wafer/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, eventsOf, storiesServer } from './stories-server.ts';

const COUNT = 64;
const BEGINNINGS = ['Once upon a time', 'Lily and Tom', 'The big dog', 'In the park'];
const BODIES = Array.from({ length: COUNT }, (_, i) => ({
  model: 'stories',
  messages: [{ role: 'user', content: `${BEGINNINGS[i % 4]}${' and so'.repeat(i % 9)}` }],
  temperature: i % 3 === 0 ? 0 : 1,
  ...{ seed: i, max_tokens: 24, logprobs: true, top_logprobs: 3, stream: true },
}));

interface Chunk {
  choices: { delta: { content?: string }; logprobs: { content: unknown[] } | null }[];
}

interface Streamed {
  text: string;
  logprobs: unknown[];
}

async function streamed(server: RunningServer, body: object): Promise<Streamed> {
  const response = await ask(server, '/v1/chat/completions', body);
  const { events, isDone } = await eventsOf<Chunk>(response);
  expect(isDone).toBe(true);
  const choices = events.flatMap((event) => event.choices);
  return {
    text: choices.map(({ delta }) => delta.content ?? '').join(''),
    logprobs: choices.flatMap(({ logprobs }) => logprobs?.content ?? []),
  };
}

const together = async (server: RunningServer, bodies: object[]): Promise<Streamed[]> =>
  Promise.all(bodies.map(async (body) => streamed(server, body)));

let server: RunningServer;
const alone: Streamed[] = [];
beforeAll(async () => {
  server = await storiesServer({}, { reusePrefixes: false, sequences: 64, kvTokens: 8192 });
  for (const body of BODIES) alone.push(await streamed(server, body));
});
afterAll(() => server.close());

test('the same among 64 as alone', async () => {
  expect(alone.every(({ logprobs }) => logprobs.length > 0)).toBe(true);
  expect(await together(server, BODIES)).toEqual(alone);
});

test('the same with guesses, right and wrong', async () => {
  const guessed = BODIES.map((body, i) => ({
    ...body,
    prediction: { type: 'content', content: alone[(i % 5 === 0 ? i + 1 : i) % COUNT]!.text },
  }));
  expect(await together(server, guessed)).toEqual(alone);
});

test('the same with a prefix cache, twice, and with preemption', async () => {
  await using cached = await storiesServer({}, { sequences: 64, kvTokens: 8192 });
  expect(await together(cached, BODIES)).toEqual(alone);
  expect(await together(cached, BODIES)).toEqual(alone);
  await using small = await storiesServer({}, { sequences: 64, kvTokens: 256 });
  // Whether they meet in the small cache is the machine's matter, what they answer is not.
  let preemptionCount = 0;
  for (let round = 0; round < 10 && preemptionCount === 0; round++) {
    expect(await together(small, BODIES)).toEqual(alone);
    const { scheduler } = await small.services.models.find('stories').wafer!.metrics();
    ({ preemptionCount } = scheduler);
  }
  expect(preemptionCount).toBeGreaterThan(0);
});
