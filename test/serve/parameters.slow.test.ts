/**
 * Every parameter that OpenAI's interface (2.3.0) has for chats, completions and embeddings: it is
 * taken, or refused by its name. None is unknown, and none is taken that is not in this table.
 */
import { ENDPOINTS } from '@wafer/server';
import type { RunningServer } from '@wafer/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parameterNames } from './spec/schemas.ts';
import { ask, storiesServer } from './stories-server.ts';

type Fate = 'taken' | 'refused';

/** Parameter, a value that asks for something, and what becomes of it with the small model. */
type Table = readonly (readonly [name: string, value: unknown, fate: Fate])[];

const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };

const SAMPLING: Table = [
  ['frequency_penalty', 0.5, 'taken'],
  ['presence_penalty', 0.5, 'taken'],
  ['logit_bias', { 5: 1 }, 'taken'],
  ['n', 2, 'taken'],
  ['seed', -7, 'taken'],
  ['stop', ['.'], 'taken'],
  ['stream', true, 'taken'],
  ['stream_options', { include_usage: true, include_obfuscation: true }, 'taken'],
  ['temperature', 0.5, 'taken'],
  ['top_p', 0.5, 'taken'],
  ['user', 'somebody', 'taken'],
  ['max_tokens', 2, 'taken'],
];

const CHAT: Table = [
  ...SAMPLING,
  ['audio', { voice: 'ash', format: 'wav' }, 'refused'],
  ['function_call', 'auto', 'refused'],
  ['functions', [{ name: 'f' }], 'refused'],
  ['logprobs', true, 'taken'],
  ['max_completion_tokens', 2, 'taken'],
  ['metadata', { a: 'b' }, 'refused'], // without `store`
  ['modalities', ['text', 'audio'], 'refused'],
  ['moderation', { model: 'omni' }, 'refused'],
  ['parallel_tool_calls', false, 'taken'],
  ['prediction', { type: 'content', content: 'x' }, 'taken'],
  ['prompt_cache_key', 'key', 'taken'],
  ['prompt_cache_options', { ttl: '1h' }, 'refused'],
  ['prompt_cache_retention', '24h', 'refused'],
  ['reasoning_effort', 'high', 'refused'], // by a model that does not think
  ['response_format', { type: 'text' }, 'taken'],
  ['safety_identifier', 'somebody', 'taken'],
  ['service_tier', 'flex', 'taken'],
  ['store', true, 'taken'],
  ['tool_choice', 'none', 'taken'],
  ['tools', [tool], 'taken'],
  ['top_logprobs', 2, 'refused'], // without `logprobs`
  ['verbosity', 'high', 'refused'],
  ['web_search_options', {}, 'refused'],
];

const COMPLETION: Table = [
  ...SAMPLING,
  ['best_of', 2, 'taken'],
  ['echo', true, 'taken'],
  ['logprobs', 2, 'taken'],
  ['suffix', 'x', 'refused'], // by a model without tokens for it
];

const EMBEDDING: Table = [
  ['dimensions', 8, 'taken'],
  ['encoding_format', 'base64', 'taken'],
  ['user', 'somebody', 'taken'],
];

const messages = [{ role: 'user', content: 'Once' }];
const CASES: readonly [path: string, base: Record<string, unknown>, table: Table][] = [
  ['/v1/chat/completions', { model: 'stories', messages, max_completion_tokens: 2 }, CHAT],
  ['/v1/completions', { model: 'stories', prompt: 'Once', max_tokens: 2 }, COMPLETION],
  ['/v1/embeddings', { model: 'stories', input: 'Once' }, EMBEDDING],
];

let server: RunningServer;
beforeAll(async () => {
  server = await storiesServer();
});
afterAll(() => server.close());

const all = CASES.flatMap(([path, base, table]) =>
  table.map(([name, value, fate]) => ({ path, base, name, value, fate })),
);

test.each(all)('$path: $name is $fate', async ({ path, base, name, value, fate }) => {
  const needed = name === 'tool_choice' ? { tools: [tool] } : {};
  const response = await ask(server, path, { ...base, ...needed, [name]: value });
  const text = await response.text();
  expect(response.status, text).toBe(fate === 'taken' ? 200 : 400);
  if (fate === 'refused') expect(JSON.parse(text)).toMatchObject({ error: { param: name } });
});

test('what is taken beside them is of other interfaces, and no more than this', () => {
  const extra = CASES.flatMap(([path, base, table]) => {
    const { body } = ENDPOINTS.find((one) => one.path === path && one.method === 'POST')!;
    const known = new Set([...table.map(([name]) => name), ...Object.keys(base)]);
    const names = Object.keys(body!['properties'] as object);
    expect(names).toEqual(expect.arrayContaining([...known]));
    return names.filter((name) => !known.has(name));
  });
  expect([...new Set(extra)].toSorted()).toEqual([
    ...['clear_thinking', 'disable_reasoning', 'grammar', 'guided_choice', 'guided_grammar'],
    ...['guided_json', 'guided_regex', 'json_schema', 'min_p', 'min_tokens', 'prompt_cache_key'],
    ...['reasoning_format', 'repetition_penalty', 'response_format', 'return_raw_tokens'],
    ...['service_tier', 'structured_outputs', 'top_k'],
  ]);
});

test.each([
  ['openai', 'CreateChatCompletionRequest', '/v1/chat/completions', 39],
  ['openai', 'CreateCompletionRequest', '/v1/completions', 18],
  ['openai', 'CreateEmbeddingRequest', '/v1/embeddings', 5],
  ['openai', 'CreateResponse', '/v1/responses', 30],
  ['openai', 'CreateFineTuningJobRequest', '/v1/fine_tuning/jobs', 9],
  ['openResponses', 'CreateResponseBody', '/v1/responses', 26],
  ['openResponses', 'CompactResponseMethodPublicBody', '/v1/responses/compact', 5],
] as const)('%s %s: %s knows each parameter by its name', (spec, name, path, count) => {
  const names = parameterNames(spec, name);
  expect(names.length).toBeGreaterThanOrEqual(count - 5);
  const { body } = ENDPOINTS.find((one) => one.path === path && one.method === 'POST')!;
  expect(Object.keys(body!['properties'] as object)).toEqual(expect.arrayContaining(names));
});
