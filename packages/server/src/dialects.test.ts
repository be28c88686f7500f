/**
 * Anthropic's and Ollama's interfaces beside OpenAI's: the same answers in other shapes.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, startTestServer, STORIES, TOOLS } from '../scripts/test-server.ts';
import type { Answer, TestTenant } from '../scripts/test-server.ts';
import type { RunningServer } from './index.ts';

let server: RunningServer;
let expected: string;

const PROMPT = 'Once upon a time';
const messages = [{ role: 'user', content: PROMPT }];

const post = (path: string, body: object): Promise<Answer> =>
  asker(server, 'first').ask('POST', path, body);

beforeAll(async () => {
  const idle = { ...STORIES, id: 'idle', isPinned: false, idleMs: 100 };
  server = await startTestServer({ models: [STORIES, TOOLS, idle] });
  const chat = { model: 'stories', messages, temperature: 0, max_tokens: 12 };
  const { body } = await post('/v1/chat/completions', chat);
  expected = (body as { choices: { message: { content: string } }[] }).choices[0]!.message.content;
});
afterAll(() => server.close());

// ---- Anthropic

interface Block {
  type: string;
  text?: string;
  name?: string;
  input?: Record<string, unknown>;
}

interface Message {
  content: Block[];
  stop_reason: string;
  stop_sequence: string | null;
  usage: Record<string, number>;
}

interface MessageEvent {
  type: string;
  index?: number;
  message?: Message;
  content_block?: Block;
  delta?: { text?: string; partial_json?: string; stop_reason?: string };
  usage?: Record<string, number>;
}

const MESSAGE = { model: 'stories', messages, max_tokens: 12, temperature: 0 };
const ask = async (body: object): Promise<Message> =>
  (await post('/v1/messages', { ...MESSAGE, ...body })).body as unknown as Message;

async function streamed(body: object): Promise<MessageEvent[]> {
  const { text } = await post('/v1/messages', { ...MESSAGE, ...body, stream: true });
  const pairs = [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)];
  return pairs.map(([, name, data]) => {
    const event = JSON.parse(data!) as MessageEvent;
    expect(event.type).toBe(name);
    return event;
  });
}

test('messages: the text of a chat, with usage, whole and as events', async () => {
  const whole = await ask({});
  expect(whole).toMatchObject({
    content: [{ type: 'text', text: expected }],
    stop_reason: 'max_tokens',
    usage: { output_tokens: 12 },
  });
  const { input_tokens: input, cache_read_input_tokens: read } = whole.usage;
  const { body } = await post('/v1/messages/count_tokens', { model: 'stories', messages });
  expect(body).toEqual({ input_tokens: input! + read! });
  const events = await streamed({});
  expect(events.map(({ type }) => type).filter((type) => type !== 'content_block_delta')).toEqual([
    ...['message_start', 'ping', 'content_block_start', 'content_block_stop'],
    ...['message_delta', 'message_stop'],
  ]);
  expect(events.map(({ delta }) => delta?.text ?? '').join('')).toBe(expected);
  expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'max_tokens' } });
});

test('messages: stop sequences, system texts and blocks of text', async () => {
  const stop = expected.slice(4, 9);
  const stopped = await ask({ stop_sequences: [stop] });
  expect(stopped).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: stop });
  const blocks = [{ role: 'user', content: [{ type: 'text', text: PROMPT }] }];
  const cached = { type: 'text', text: 'A story.', cache_control: { type: 'ephemeral' } };
  const [first, second] = await Promise.all([
    ask({ system: 'A story.' }),
    ask({ system: [cached], messages: blocks }),
  ]);
  expect(first.content).toEqual(second.content);
});

const tools = [
  {
    name: 'add',
    strict: true,
    input_schema: {
      type: 'object',
      properties: { a: { type: 'integer', minimum: 1, maximum: 9 } },
      required: ['a'],
      additionalProperties: false,
    },
  },
];

test('messages: a tool that must be used is, and its result is read', async () => {
  const choice = { type: 'any', disable_parallel_tool_use: true };
  const more = { model: 'tools', tools, tool_choice: choice, max_tokens: 100 };
  const whole = await ask(more);
  expect(whole).toMatchObject({
    stop_reason: 'tool_use',
    content: [{ type: 'tool_use', name: 'add' }],
  });
  const events = await streamed(more);
  const json = events.map(({ delta }) => delta?.partial_json ?? '').join('');
  expect(JSON.parse(json)).toEqual(whole.content[0]!.input);
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'three' };
  const call = { type: 'tool_use', id: 'toolu_1', name: 'add', input: { a: 1 } };
  const turns = [
    ...messages,
    { role: 'assistant', content: [call] },
    { role: 'user', content: [result, { type: 'text', text: 'and' }] },
  ];
  const next = await ask({ model: 'tools', tools, messages: turns, max_tokens: 4 });
  expect(next.content[0]).toMatchObject({ type: 'text' });
});

test.each([
  [{ max_tokens: undefined }, 'max_tokens', 400],
  [{ model: 'none' }, 'model', 404],
  [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'tools[0].type', 400],
  [{ messages: [...messages, { role: 'assistant', content: 'He' }] }, 'messages', 400],
  [
    { messages: [{ role: 'user', content: [{ type: 'image' }] }] },
    'messages[0].content[0].type',
    400,
  ],
  [{ thinking: { type: 'enabled', budget_tokens: 1024 } }, 'thinking', 400],
  [{ context_management: { edits: [] } }, 'context_management', 400],
  [{ max_tokens: 4, tools, tool_choice: { type: 'tool', name: 'sub' } }, 'tool_choice', 400],
])('messages: refused by name, in its envelope: %j', async (more, param, status) => {
  const answer = await post('/v1/messages', { ...MESSAGE, ...more });
  expect(answer.status, answer.text).toBe(status);
  const type = status === 404 ? 'not_found_error' : 'invalid_request_error';
  expect(answer.body).toMatchObject({ type: 'error', error: { type, details: { param } } });
  expect(answer.body['request_id']).toBe(answer.headers.get('x-request-id'));
});

test('messages: who comes when there is too much to do is told so in its words', async () => {
  const gate = { requestsMax: 2, tenantRequestsMax: 1, promptTokensMax: 1000 };
  await using busy = await startTestServer({ models: [{ ...STORIES, gate }] });
  using lease = await busy.services.models.lease('stories');
  const hold = (tenant: TestTenant): Disposable =>
    lease.gate.admit({ tenant, tier: 'priority', promptTokens: 1, answerCount: 1 });
  const told = async (): Promise<unknown> => {
    const { status, body } = await asker(busy, 'first').ask('POST', '/v1/messages', MESSAGE);
    return [status, (body['error'] as { type: string } | undefined)?.type];
  };
  {
    using _ = hold('first');
    expect(await told()).toEqual([429, 'rate_limit_error']);
    using __ = hold('second');
    expect(await told()).toEqual([503, 'overloaded_error']);
  }
  expect(await told()).toEqual([200, undefined]);
});

// ---- Ollama

interface OllamaLine {
  response?: string;
  message?: { content: string; tool_calls?: { function: { name: string; arguments: object } }[] };
  done: boolean;
  done_reason?: string;
  eval_count?: number;
  eval_duration?: number;
  error?: string;
}

const OPTIONS = { temperature: 0, num_predict: 12 };

async function ollama(path: string, body: object): Promise<OllamaLine[]> {
  const { text } = await post(path, { model: 'stories:latest', options: OPTIONS, ...body });
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as OllamaLine]));
}

test('ollama: a chat and a text, as lines and whole, are those of a chat', async () => {
  const [chat] = await ollama('/api/chat', { messages, stream: false });
  expect(chat).toMatchObject({
    message: { content: expected },
    done_reason: 'length',
    eval_count: 12,
  });
  // Nanoseconds: no machine says a token in a microsecond.
  expect(chat!.eval_duration).toBeGreaterThan(12 * 1000);
  const lines = await ollama('/api/chat', { messages });
  expect(lines.map(({ message }) => message!.content).join('')).toBe(expected);
  expect(lines.map(({ done }) => done)).toEqual([...lines.slice(1).map(() => false), true]);
  expect(lines.at(-1)).toMatchObject({ done_reason: 'length', eval_count: 12 });
  const texts = await ollama('/api/generate', { prompt: PROMPT });
  expect(texts.map(({ response }) => response).join('')).toBe(expected);
  const [raw] = await ollama('/api/generate', { prompt: PROMPT, raw: true, stream: false });
  const text = { model: 'stories', prompt: PROMPT, temperature: 0, max_tokens: 12 };
  const { body } = await post('/v1/completions', text);
  expect(raw!.response).toBe((body as { choices: { text: string }[] }).choices[0]!.text);
});

test('ollama: formats hold, tools are called, thinking is switched', async () => {
  const schema = { type: 'object', properties: { a: { enum: [1, 2] } }, required: ['a'] };
  const format = { ...schema, additionalProperties: false };
  const long = { options: { num_predict: 100, seed: 1 }, stream: false };
  const [held] = await ollama('/api/chat', { messages, format, ...long });
  expect([1, 2]).toContain((JSON.parse(held!.message!.content) as { a: number }).a);
  const parameters = tools[0]!.input_schema;
  const add = { type: 'function', function: { name: 'add', parameters, strict: true } };
  const called = { function: { name: 'add', arguments: { a: 1 } } };
  const turns = [
    ...messages,
    { role: 'assistant', content: '', tool_calls: [called] },
    { role: 'tool', content: 'two', tool_name: 'add' },
  ];
  const more = { model: 'tools', messages: turns, tools: [add], think: false, stream: false };
  expect((await ollama('/api/chat', more))[0]).toMatchObject({ done: true });
});

test('ollama: models are listed, shown, loaded and turned into vectors', async () => {
  const get = async (path: string): Promise<Answer> => asker(server, 'first').ask('GET', path);
  for (const path of ['/api/tags', '/api/ps']) {
    const { models } = (await get(path)).body as { models: { name: string; size: number }[] };
    const loaded = models.filter(({ size }) => size > 0).map(({ name }) => name);
    expect([models.length, loaded]).toEqual([path === '/api/ps' ? 2 : 3, ['stories', 'tools']]);
  }
  expect((await get('/api/version')).body).toEqual({ version: '0.0.0' });
  const shown = await post('/api/show', { model: 'tools' });
  expect(shown.body).toMatchObject({
    capabilities: ['completion', 'embedding', 'tools', 'thinking'],
  });
  expect(await ollama('/api/pull', {})).toMatchObject([
    { status: 'loading' },
    { status: 'success' },
  ]);
  expect(await ollama('/api/generate', { keep_alive: '5m' })).toMatchObject([
    { done_reason: 'load' },
  ]);
  const { body } = await post('/api/embed', { model: 'stories', input: ['a', 'b'] });
  const { embeddings } = body as { embeddings: number[][] };
  const one = await post('/api/embeddings', { model: 'stories', prompt: 'b' });
  expect(one.body['embedding']).toEqual(embeddings[1]);
});

test('ollama: no tenant holds a model, or takes it from others; one unused goes', async () => {
  const entry = server.services.models.find('idle');
  const until = async (state: string): Promise<void> => {
    while (entry.state !== state) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const load = (keep_alive: unknown, as: TestTenant = 'first'): Promise<Answer> =>
    asker(server, as).ask('POST', '/api/generate', { model: 'idle', keep_alive });
  for (const time of [-1, 0, '5m']) {
    expect((await load(time)).body['error']).toContain('keep_alive');
  }
  expect(entry.state).toBe('absent');
  expect((await load('100ms')).status).toBe(200);
  await until('absent');
  await asker(server, 'first').ask('POST', '/api/pull', { model: 'idle', stream: false });
  await until('absent');
  expect((await load(-1, 'ops')).status).toBe(200);
  expect([entry.state, entry.idleMs]).toEqual(['ready', Infinity]);
  expect((await load(0, 'ops')).body).toMatchObject({ done_reason: 'unload' });
  await until('absent');
});

test.each([
  ['/api/chat', { messages: [{ role: 'user', content: 'x', images: ['aGk='] }] }, 400, 'images'],
  ['/api/generate', { prompt: 'x', template: '{{ x }}' }, 400, 'template'],
  ['/api/generate', { prompt: 'x', options: { mirostat: 1 } }, 400, 'mirostat'],
  ['/api/generate', { prompt: 'x', options: { num_ctx: 1e9 } }, 400, 'num_ctx'],
  ['/api/generate', { prompt: 'x', keep_alive: 'soon' }, 400, 'keep_alive'],
  ['/api/chat', { model: 'none', messages }, 404, 'none'],
  ['/api/create', { from: 'x' }, 403, 'model'],
])('ollama: %s refuses %j by name', async (path, body, status, name) => {
  const answer = await post(path, { model: 'stories', ...body });
  expect(answer.status, answer.text).toBe(status);
  expect(answer.body['error']).toContain(name);
});
