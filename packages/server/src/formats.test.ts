import { openModel, Wafer } from '@wafer/runtime';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RESTARTS_DEFAULT, startServer, withPlainTemplate } from './index.ts';
import type { RunningServer } from './index.ts';

let server: RunningServer;

beforeAll(async () => {
  const start = async (): Promise<Wafer> =>
    Wafer.start({ model: withPlainTemplate(await openModel('stories')), sequences: 8 });
  server = await startServer({
    models: [{ id: 'stories', isPinned: true, idleMs: 1000, restarts: RESTARTS_DEFAULT, start }],
    port: 0,
    keys: [{ key: 'the-key', tenant: 'first' }],
    version: '0.0.0',
    logger: pino({ level: 'silent' }),
  });
});
afterAll(() => server.close());

async function ask(more: object, path = '/v1/chat/completions'): Promise<Response> {
  const chat = { messages: [{ role: 'user', content: 'Once upon a time' }] };
  const input = path.includes('chat') ? chat : { prompt: 'Once upon a time' };
  return fetch(server.url + path, {
    method: 'POST',
    headers: { authorization: 'Bearer the-key', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'stories', max_tokens: 120, seed: 3, ...input, ...more }),
  });
}

async function contentOf(more: object, path?: string): Promise<string> {
  const response = await ask(more, path);
  const body = (await response.json()) as {
    choices: { message?: { content: string }; text?: string; finish_reason: string }[];
  };
  expect([response.status, body.choices?.[0]?.finish_reason]).toEqual([200, 'stop']);
  return body.choices[0]!.message?.content ?? body.choices[0]!.text!;
}

const schema = {
  type: 'object',
  properties: { age: { type: 'integer', minimum: 1, maximum: 9 }, kind: { enum: ['cat', 'dog'] } },
  required: ['age', 'kind'],
  additionalProperties: false,
};
const isPet = (text: string): boolean =>
  /^\{\s*"age": ?[1-9],\s*"kind": ?"(cat|dog)"\s*\}$/.test(text);

test.each([
  { response_format: { type: 'json_schema', json_schema: { name: 'pet', schema, strict: true } } },
  { structured_outputs: { json: schema } },
  { guided_json: schema },
  { json_schema: schema },
])('a schema by any of its names holds the answer: %j', async (format) => {
  expect(await contentOf(format)).toSatisfy(isPet);
});

test('expressions, choices and grammars hold it, in chats and completions', async () => {
  const path = '/v1/completions';
  expect(await contentOf({ guided_regex: '[a-f]{3}' }, path)).toMatch(/^[a-f]{3}$/);
  expect(await contentOf({ structured_outputs: { choice: ['so', 'no'] } })).toMatch(/^(so|no)$/);
  expect(await contentOf({ grammar: 'root ::= "(" [0-9]{2} ")"' }, path)).toMatch(/^\(\d\d\)$/);
});

test('a stream of a format is the same text', async () => {
  const format = { guided_json: schema };
  const whole = await contentOf(format);
  const events = await (await ask({ ...format, stream: true })).text();
  const texts = [...events.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => {
    const chunk = JSON.parse(json!) as { choices: { delta: { content?: string } }[] };
    return chunk.choices[0]?.delta.content ?? '';
  });
  expect(texts.join('')).toBe(whole);
});

test.each([
  [{ guided_json: { type: 'string', format: 'color' } }, 'grammar_unsupported'],
  [{ guided_regex: '(a' }, 'grammar_invalid'],
  [{ guided_regex: '(x{1000}){1000}' }, 'grammar_limit'],
  [{ guided_regex: 'a', grammar: 'root ::= "a"' }, 'invalid_value'],
  [{ response_format: { type: 'xml' } }, 'unsupported_parameter'],
  [{ response_format: { type: 'json_schema' } }, 'invalid_value'],
])('what is not enforced is refused with 400: %j', async (format, code) => {
  const response = await ask(format);
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  expect([response.status, error.code]).toEqual([400, code]);
});
