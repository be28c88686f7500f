/**
 * Anthropic's and Ollama's interfaces beside OpenAI's: the same answers in other shapes.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, startTestServer, STORIES, TOOLS } from '../scripts/test-server.ts';
import type { Answer } from '../scripts/test-server.ts';
import type { RunningServer } from './index.ts';

let server: RunningServer;
let expected: string;

const PROMPT = 'Once upon a time';
const messages = [{ role: 'user', content: PROMPT }];

const post = (path: string, body: object): Promise<Answer> =>
  asker(server, 'first').ask('POST', path, body);

beforeAll(async () => {
  server = await startTestServer({ models: [STORIES, TOOLS] });
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
