/**
 * Attack class A7: parameters out of all bounds are refused by name, and the engine never sees
 * them.
 */
import type { RunningServer } from '@wafer/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, KEY, storiesServer } from './stories-server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await storiesServer();
});
afterAll(() => server.close());

const CHAT = { model: 'stories', messages: [{ role: 'user', content: 'x' }], max_tokens: 1 };

const HOSTILE: readonly [string, unknown][] = [
  ...[1e9, 0, -1, 1.5, '1', [], 2 ** 53].map((n): [string, unknown] => ['n', n]),
  ...[-1, 0, 2 ** 53, '5', 1e308, {}].map((n): [string, unknown] => ['max_tokens', n]),
  ...[-1, 2 ** 53, 1e308].map((n): [string, unknown] => ['max_completion_tokens', n]),
  ...[1e308, -1e-9, 'hot', [0]].map((t): [string, unknown] => ['temperature', t]),
  ...[-2, 2 ** 40, 0.5].map((k): [string, unknown] => ['top_k', k]),
  ...[1.1, -0.1, '1'].map((p): [string, unknown] => ['top_p', p]),
  ...[1e6, -1, '3'].map((n): [string, unknown] => ['top_logprobs', n]),
  ['stop', Array.from({ length: 10_000 }, () => 'x')],
  ['stop', ''],
  ['stop', ['']],
  ['stop', 'x'.repeat(100_000)],
  ['logit_bias', { '-5': 1 }],
  ['logit_bias', { 1_000_000_000: 1 }],
  ['logit_bias', { constructor: 1 }],
  ['logit_bias', { 1: 1e308 }],
  ['logit_bias', { '1e1': 1 }],
  ['logit_bias', Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [i, 1]))],
  ['messages', []],
  ['messages', null],
  ['messages', [null]],
  ['messages', [{}]],
  ['messages', [{ role: 'root', content: 'x' }]],
  ['messages', [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }]],
  ['messages', [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{' } }] }]],
  ['seed', 1.5],
  ['seed', '1'],
  ['frequency_penalty', 3],
  ['presence_penalty', -3],
  ['repetition_penalty', 0],
  ['stream', 'yes'],
  ['stream_options', { other: 1 }],
  ['tools', [{ type: 'function', function: { name: 'a b' } }]],
  ['tools', Array.from({ length: 200 }, () => ({ type: 'function', function: { name: 'f' } }))],
  ['tools', [{ type: 'function', function: { name: 'f', strict: true } }]],
  ['tool_choice', 'sometimes'],
  ['prediction', { type: 'other', content: 'x' }],
  ['min_tokens', -1],
  ['reasoning_effort', 'extreme'],
  ['service_tier', 'gold'],
  ['prompt_cache_key', 'x'.repeat(2000)],
  ['model', 'x'.repeat(10_000)],
  ['chat_template', '{{ 1 }}'],
];

test.each(HOSTILE.map(([param, value], i) => ({ i, param, value })))(
  'number $i is refused by its name: $param',
  async ({ param, value }) => {
    const before = await server.services.models.find('stories').wafer!.metrics();
    const response = await ask(server, '/v1/chat/completions', { ...CHAT, [param]: value });
    const { error } = (await response.json()) as { error: { param: string | null } };
    expect(response.status).toBe(400);
    expect(error.param?.startsWith(param)).toBe(true);
    const after = await server.services.models.find('stories').wafer!.metrics();
    expect(after.generatedTokens).toBe(before.generatedTokens);
  },
);

test.each(['[]', '1', 'null', '"x"', '{', '', '{"model":NaN}', '{"__proto__":{"n":1}}'])(
  'a body that is no request is refused: %s',
  async (body) => {
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toHaveProperty('error.message');
  },
);

test('a field that is null is as if it were absent', async () => {
  const names = ['temperature', 'top_p', 'n', 'stop', 'seed', 'logit_bias', 'tools', 'stream'];
  const nulls = Object.fromEntries(names.map((name) => [name, null]));
  const response = await ask(server, '/v1/chat/completions', { ...CHAT, ...nulls });
  expect(response.status).toBe(200);
});
