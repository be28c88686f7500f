import { once } from 'node:events';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkedSocket } from '../../../../test/serve/spec/checked-socket.ts';
import type { SocketEvent } from '../../../../test/serve/spec/checked-socket.ts';
import { asker, keyOf, startTestServer } from '../../scripts/test-server.ts';
import { CANCELED } from '../http/wire-words.ts';
import type { RunningServer } from '../server.ts';
import { stopTurn } from './create-response.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const PATH = '/v1/responses';
const ASK = { model: 'stories', input: 'Once upon a time', temperature: 0, max_output_tokens: 16 };

interface Event {
  type: string;
  sequence_number: number;
  delta?: string;
  item?: Record<string, unknown>;
  response?: Record<string, unknown>;
}

function eventsOf(text: string): Event[] {
  const lines = text.split('\n').filter((line) => line.startsWith('data: '));
  return lines.map((line) => JSON.parse(line.slice(6)) as Event);
}

/** What differs from one response to the next. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll(/"(resp|msg)_[0-9a-f]+"/g, '"id"')
      .replaceAll(/"(created|completed)_at":\d+/g, '"at":0')
      .replaceAll(/"cached_tokens":\d+/g, '"cached_tokens":0'),
  );

test('a stream tells each item in its order, and ends with the whole response', async () => {
  const { ask } = asker(server, 'first');
  const whole = (await ask('POST', PATH, ASK)).body;
  expect(whole).toMatchObject({ status: 'incomplete', completed_at: null });
  const events = eventsOf((await ask('POST', PATH, { ...ASK, stream: true })).text);
  const types = events.map(({ type }) => type.replace('response.', ''));
  const isDelta = (type: string): boolean => type === 'output_text.delta';
  expect(types.filter((type) => !isDelta(type))).toEqual([
    ...['created', 'in_progress', 'output_item.added', 'content_part.added'],
    ...['output_text.done', 'content_part.done', 'output_item.done', 'incomplete'],
  ]);
  expect(types.slice(4, -4).every(isDelta)).toBe(true);
  expect(events.map(({ sequence_number: at }) => at)).toEqual(events.map((_, at) => at));
  const { output } = whole as { output: { content: { text: string }[] }[] };
  const streamed = events.map(({ delta }) => delta ?? '').join('');
  expect(streamed).toBe(output[0]!.content[0]!.text);
  expect(streamed.length).toBeGreaterThan(10);
  expect(plain(events.at(-1)!.response)).toEqual(plain(whole));
});

test('a chain is carried on, is its tenant’s alone, and ends with a deleted link', async () => {
  const { ask } = asker(server, 'first');
  const other = asker(server, 'second');
  const first = (await ask('POST', PATH, ASK)).body as { id: string; usage: { input_tokens: 0 } };
  const next = { ...ASK, input: 'And then', previous_response_id: first.id };
  const second = (await ask('POST', PATH, next)).body as typeof first;
  expect(second.usage.input_tokens).toBeGreaterThan(first.usage.input_tokens + 16);
  const counted = (await ask('POST', `${PATH}/input_tokens`, { ...next, temperature: undefined }))
    .status;
  expect(counted).toBe(400);
  const { max_output_tokens, temperature, ...asked } = next;
  expect([max_output_tokens, temperature]).toEqual([16, 0]);
  const count = (await ask('POST', `${PATH}/input_tokens`, asked)).body;
  expect(count).toEqual({
    object: 'response.input_tokens',
    input_tokens: second.usage.input_tokens,
  });
  const items = (await ask('GET', `${PATH}/${second.id}/input_items`)).body;
  expect(items).toMatchObject({ data: [{ role: 'user', content: [{ text: 'And then' }] }] });
  for (const [method, path] of [
    ['GET', `${PATH}/${first.id}`],
    ['GET', `${PATH}/${first.id}/input_items`],
    ['POST', `${PATH}/${first.id}/cancel`],
    ['DELETE', `${PATH}/${first.id}`],
  ] as const) {
    expect((await other.ask(method, path)).status).toBe(404);
  }
  const stolen = await other.ask('POST', PATH, next);
  expect([stolen.status, stolen.text]).toEqual([400, expect.stringContaining('not found')]);
  expect((await ask('DELETE', `${PATH}/${first.id}`)).body).toMatchObject({ deleted: true });
  const late = await ask('POST', PATH, { ...next, previous_response_id: second.id });
  expect(late.body).toMatchObject({ error: { code: 'previous_response_not_found' } });
});

test('what is not to be stored is not, and nothing unasked reaches the store', async () => {
  const { ask } = asker(server, 'first');
  const { body: passing } = await ask('POST', PATH, { ...ASK, store: false });
  expect((await ask('GET', `${PATH}/${String(passing['id'])}`)).status).toBe(404);
  await ask('POST', PATH, ASK);
  const { store } = server.services;
  expect(store.documents.all('response')).toEqual([]);
  const { body: kept } = await ask('POST', PATH, { ...ASK, store: true });
  expect(store.documents.all('response').map(({ tenant }) => tenant)).toEqual(['first']);
  expect((await ask('GET', `${PATH}/${String(kept['id'])}`)).body).toEqual(kept);
});

test('items of an input are told page by page, the last ones first unless asked', async () => {
  const { ask } = asker(server, 'first');
  const texts = ['one', 'two', 'three'];
  const input = texts.map((content) => ({ role: 'user', content }));
  const { id } = (await ask('POST', PATH, { ...ASK, input })).body;
  const page = async (query: string): Promise<{ texts: string[]; last: string; more: boolean }> => {
    const { body } = await ask('GET', `${PATH}/${String(id)}/input_items?${query}`);
    const data = body['data'] as { content: { text: string }[] }[];
    const [last, more] = [String(body['last_id']), body['has_more'] === true];
    return { texts: data.map(({ content }) => content[0]!.text), last, more };
  };
  expect(await page('')).toMatchObject({ texts: texts.toReversed(), more: false });
  const first = await page('order=asc&limit=2');
  expect(first).toMatchObject({ texts: ['one', 'two'], more: true });
  expect(await page(`order=asc&limit=1&after=${first.last}`)).toMatchObject({
    ...{ texts: ['three'], more: false },
  });
  expect(await page('after=msg_none')).toMatchObject({ texts: [], more: false });
});

test('in the background a response is polled until it is done, or canceled', async () => {
  const { ask } = asker(server, 'first');
  const behind = { ...ASK, background: true, store: true };
  const queued = (await ask('POST', PATH, behind)).body as { id: string; status: string };
  expect(queued.status).toBe('queued');
  for (let status = 'queued'; status === 'queued';) {
    status = String((await ask('GET', `${PATH}/${queued.id}`)).body['status']);
    if (status !== 'queued') expect(status).toBe('incomplete');
  }
  expect(stopTurn(server.services, queued.id)).toBe(false);
  const long = { ...behind, max_output_tokens: 400 };
  const { id } = (await ask('POST', PATH, long)).body as { id: string };
  expect((await ask('POST', `${PATH}/${id}/cancel`)).body['status']).toBe(CANCELED);
  expect((await ask('GET', `${PATH}/${id}`)).body['status']).toBe(CANCELED);
});

test.each(['cancel', 'delete'])('what runs in the background ends by %s', async (how) => {
  const { ask } = asker(server, 'first');
  const { wafer } = server.services.models.entries[0]!;
  const aborted = async (): Promise<number> => (await wafer!.metrics()).requests.aborted;
  const before = await aborted();
  const long = { ...ASK, background: true, max_output_tokens: 480, temperature: 1 };
  const { id } = (await ask('POST', PATH, long)).body as { id: string };
  const gone =
    how === 'cancel' ? ask('POST', `${PATH}/${id}/cancel`) : ask('DELETE', `${PATH}/${id}`);
  expect((await gone).status).toBe(200);
  await vi.waitFor(async () => expect(await aborted()).toBe(before + 1));
  expect((await ask('GET', `${PATH}/${id}`)).status).toBe(how === 'cancel' ? 200 : 404);
});

test('what is whole says when it was', async () => {
  const { ask } = asker(server, 'first');
  const schema = { type: 'object', properties: { a: { const: 1 } }, required: ['a'] };
  const format = {
    type: 'json_schema',
    name: 'one',
    schema: { ...schema, additionalProperties: false },
  };
  const { body } = await ask('POST', PATH, { ...ASK, text: { format }, max_output_tokens: 60 });
  expect(body['status']).toBe('completed');
  expect(body['completed_at']).toBeGreaterThanOrEqual(Number(body['created_at']));
});

test('a compacted conversation is carried on, by its tenant only', async () => {
  const { ask } = asker(server, 'first');
  const input = [
    { role: 'user', content: 'We meet on Tuesday.' },
    { role: 'assistant', content: 'Yes.' },
  ];
  const compacted = await ask('POST', `${PATH}/compact`, { model: 'stories', input });
  const { output } = compacted.body as { output: { type: string }[] };
  expect(output.map(({ type }) => type)).toEqual(['message', 'compaction']);
  const next = { ...ASK, input: [...output, { role: 'user', content: 'When?' }] };
  expect((await ask('POST', PATH, next)).status).toBe(200);
  const stolen = await asker(server, 'second').ask('POST', PATH, next);
  expect(stolen.body).toMatchObject({ error: { code: 'invalid_encrypted_content' } });
});

test.each([
  [{ input: [] }, 'input'],
  [{ input: null }, 'input'],
  [{ input: [{ role: 'user' }] }, 'input[0].content'],
  [{ input: [{ type: 'web_search_call' }] }, 'input[0].type'],
  [
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'http://x' }] }] },
    'input[0].content[0].type',
  ],
  [{ input: [{ type: 'function_call_output', call_id: 'c', output: '' }] }, 'input[0].call_id'],
  [{ tools: [{ type: 'web_search' }] }, 'tools[0].type'],
  [{ include: ['file_search_call.results'] }, 'include'],
  [{ conversation: 'conv_1' }, 'conversation'],
  [{ truncation: 'auto' }, 'truncation'],
  [{ unknown: 1 }, 'unknown'],
])('a response refuses by name: %j', async (change, param) => {
  const { status, body } = await asker(server, 'first').ask('POST', PATH, { ...ASK, ...change });
  expect([status, (body['error'] as { param: string }).param]).toEqual([400, param]);
});

test('a WebSocket whose key was revoked asks nothing more', async () => {
  const admin = asker(server, 'ops');
  const made = (await admin.ask('POST', '/v1/admin/keys', { tenant: 'first' })).body;
  const headers = { authorization: `Bearer ${String(made['key'])}` };
  const ws = new WebSocket(`${server.url.replace('http', 'ws')}${PATH}`, { headers });
  await once(ws, 'open');
  const turn = async (): Promise<string | undefined> => {
    const end = Promise.withResolvers<string | undefined>();
    ws.on('message', (data: Buffer) => {
      const { type, error } = JSON.parse(data.toString()) as { type: string; error?: object };
      if (type === 'response.incomplete') end.resolve(type);
      if (type === 'error') end.resolve((error as { code: string }).code);
    });
    ws.send(JSON.stringify({ type: 'response.create', ...ASK, store: false }));
    return end.promise.finally(() => ws.removeAllListeners('message'));
  };
  expect(await turn()).toBe('response.incomplete');
  await admin.ask('DELETE', `/v1/admin/keys/${String(made['id'])}`);
  expect(await turn()).toBe('invalid_api_key');
  ws.close();
});

test('a WebSocket carries turns on that are not stored, until one fails', async () => {
  const authorization = `Bearer ${keyOf('first')}`;
  const connect = async (): ReturnType<typeof checkedSocket> =>
    checkedSocket(server.url + PATH, { authorization });
  const { turn, [Symbol.dispose]: close } = await connect();
  const passing = { ...ASK, store: false };
  const first = await turn(passing);
  const { id } = first.at(-1)!.response as { id: string };
  expect(first[0]!.type).toBe('response.created');
  const codeOf = (events: SocketEvent[]): unknown => events.at(-1)!.error?.code;
  const next = { ...passing, previous_response_id: id };
  expect(codeOf(await turn(next))).toBeUndefined();
  const bad = { ...next, input: [{ type: 'function_call_output', call_id: 'x', output: 'y' }] };
  expect(codeOf(await turn(bad))).toBe('no_tool_call');
  expect(codeOf(await turn(next))).toBe('previous_response_not_found');
  expect(codeOf(await turn({ ...ASK, stream: true }))).toBe('unsupported_parameter');
  close();
  using again = await connect();
  expect(codeOf(await again.turn(next))).toBe('previous_response_not_found');
});

test('a WebSocket whose client asks on and on, and reads nothing, is cut', async () => {
  await using own = await startTestServer({
    streams: { bufferedBytesMax: 16_384, stallMs: 30_000 },
  });
  const headers = { authorization: `Bearer ${keyOf('first')}` };
  const ws = new WebSocket(`${own.url.replace('http', 'ws')}${PATH}`, { headers });
  ws.on('error', () => undefined);
  await once(ws, 'open');
  ws.pause();
  const refused = '[]';
  for (let sent = 0; sent < 200_000 && ws.readyState === ws.OPEN; sent++) {
    ws.send(refused);
    if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(ws.readyState).not.toBe(ws.OPEN);
});

test.each([{}, { authorization: 'Bearer wrong' }])(
  'a WebSocket needs a key: %j',
  async (headers) => {
    const ws = new WebSocket(`${server.url.replace('http', 'ws')}${PATH}`, { headers });
    const [error] = (await once(ws, 'error')) as [Error];
    expect(error.message).toContain('401');
  },
);
