/**
 * The seventeen cases of Open Responses' compliance suite (2026-04-24), in our own words and with
 * more asserted, by HTTP and by WebSocket. Each body and each event is held to the schemas of both
 * specifications (`spec/checked-fetch.ts`, `spec/checked-socket.ts`). The model is one that says
 * what it is asked to, so that answers end, and tools are called, of themselves.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openModel, Wafer } from '@wafer/runtime';
import { RESTARTS_DEFAULT } from '@wafer/server';
import type { RunningServer } from '@wafer/server';
import { temporaryFolder } from '../e2e/cli-process.ts';
import { writeScriptedModel } from '../e2e/scripted-model.ts';
import { prepareChecks } from './spec/checked-fetch.ts';
import { checkedSocket, createFaults } from './spec/checked-socket.ts';
import type { CheckedSocket, SocketEvent } from './spec/checked-socket.ts';
import { ask, KEY, OTHER_KEY, storiesServer } from './stories-server.ts';

const PATH = '/v1/responses';
const MODEL = 'scripted';
const folder = temporaryFolder();
let server: RunningServer;

beforeAll(async () => {
  prepareChecks();
  const path = join(folder.path, MODEL);
  await writeScriptedModel(path);
  const start = async (): Promise<Wafer> =>
    Wafer.start({ model: await openModel(path), grid: '1x1' });
  const spec = { id: MODEL, isPinned: true, idleMs: 60_000, restarts: RESTARTS_DEFAULT, start };
  server = await storiesServer({ models: [spec] });
});
afterAll(async () => {
  await server.close();
  folder[Symbol.dispose]();
});

interface Message {
  type: string;
  role?: string;
  name?: string;
  arguments?: string;
  call_id?: string;
  encrypted_content?: string;
  content?: { type: string; text: string }[];
}
interface Whole {
  id: string;
  object: string;
  status: string;
  output: Message[];
  usage: { input_tokens: number };
  previous_response_id: string | null;
}

const user = (content: string): object => ({ type: 'message', role: 'user', content });
const assistant = (content: string, more: object = {}): object => ({
  ...{ type: 'message', role: 'assistant', content },
  ...more,
});

async function post<Body = Whole>(path: string, body: object, key = KEY): Promise<Body> {
  const response = await ask(server, path, { model: MODEL, ...body }, { key });
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as Body;
}

const textOf = ({ output }: Pick<Whole, 'output'>): string =>
  output.flatMap(({ type, content }) => (type === 'message' ? (content ?? []) : []))[0]?.text ?? '';

/** Holds what a turn by events ended with. */
function wholeOf(events: readonly SocketEvent[]): Whole {
  expect(events.map(({ sequence_number: at }) => at)).toEqual(events.map((_, at) => at));
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual([
    'response.created',
    'response.in_progress',
  ]);
  const { type, response } = events.at(-1)!;
  expect(type).toBe('response.completed');
  const whole = response as unknown as Whole;
  const isText = (one: SocketEvent): boolean => one.type === 'response.output_text.delta';
  const deltas = events.filter(isText).map(({ delta }) => delta);
  expect(deltas.join('')).toBe(textOf(whole));
  expect([whole.status, textOf(whole)]).toEqual(['completed', 'It is four.']);
  return whole;
}

const socketOf = async (key = KEY): Promise<CheckedSocket> =>
  checkedSocket(server.url + PATH, { authorization: `Bearer ${key}` });

/** A turn of a client that keeps to the specification. */
async function turnOf(socket: CheckedSocket, body: object): Promise<SocketEvent[]> {
  const sent = { model: MODEL, ...body };
  expect(createFaults(sent)).toEqual([]);
  return socket.turn(sent);
}

const codeOf = (events: readonly SocketEvent[]): string | undefined => events.at(-1)!.error?.code;
const passing = { store: false };

/** By id of the suite. */
const CASES: Readonly<Record<string, () => Promise<void>>> = {
  'basic-response': async () => {
    const whole = await post(PATH, { input: [user('think')] });
    expect([whole.status, textOf(whole)]).toEqual(['completed', 'It is four.']);
  },
  'assistant-phase': async () => {
    const said = [
      assistant('I look it up.', { phase: 'commentary' }),
      assistant('Four.', { phase: 'final_answer' }),
    ];
    const { id, status } = await post(PATH, { input: [...said, user('think')] });
    expect(status).toBe('completed');
    const items = await ask(server, `${PATH}/${id}/input_items?order=asc`);
    const { data } = (await items.json()) as { data: { phase?: string }[] };
    expect(data.map(({ phase }) => phase)).toEqual(['commentary', 'final_answer', undefined]);
  },
  'response-output-phase-schema': async () => {
    // The suite holds its own fixture to the schema; ours is an answer that is sent back as input.
    const { output } = await post(PATH, { input: 'think' });
    const told = output.filter(({ type }) => type === 'message');
    const again = told.map((item) => ({ ...item, phase: 'final_answer' }));
    expect(await post(PATH, { input: [...again, user('think')] })).toMatchObject({
      status: 'completed',
    });
  },
  'streaming-response': async () => {
    const body = { model: MODEL, input: [user('think')], stream: true };
    const text = await (await ask(server, PATH, body)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('data: '));
    const events = lines.map((line) => JSON.parse(line.slice(6)) as SocketEvent);
    const names = text.split('\n').filter((line) => line.startsWith('event: '));
    expect(names).toEqual(events.map(({ type }) => `event: ${type}`));
    wholeOf(events);
  },
  'websocket-response': async () => {
    using socket = await socketOf();
    wholeOf(await turnOf(socket, { input: [user('think')] }));
  },
  'websocket-sequential-responses': async () => {
    using socket = await socketOf();
    const ids = [];
    for (const input of ['think', 'think again']) {
      ids.push(wholeOf(await turnOf(socket, { ...passing, input })).id);
    }
    expect(new Set(ids).size).toBe(2);
  },
  'websocket-continuation': async () => {
    using socket = await socketOf();
    const first = wholeOf(await turnOf(socket, { ...passing, input: 'think of cobalt' }));
    const next = { ...passing, previous_response_id: first.id, input: 'think' };
    const second = wholeOf(await turnOf(socket, next));
    expect(second.previous_response_id).toBe(first.id);
    const alone = wholeOf(await turnOf(socket, { ...passing, input: 'think' }));
    expect(second.usage.input_tokens).toBeGreaterThan(alone.usage.input_tokens);
  },
  'websocket-reconnect-store-false-recovery': async () => {
    let id = '';
    {
      using socket = await socketOf();
      ({ id } = wholeOf(await turnOf(socket, { ...passing, input: 'think' })));
    }
    using again = await socketOf();
    const lost = { ...passing, previous_response_id: id, input: 'think' };
    expect(codeOf(await turnOf(again, lost))).toBe('previous_response_not_found');
    const { previous_response_id: previous } = wholeOf(
      await turnOf(again, { ...passing, input: [user('think anew')] }),
    );
    expect(previous).toBeNull();
  },
  'websocket-previous-response-not-found': async () => {
    using socket = await socketOf();
    const body = { ...passing, previous_response_id: 'resp_missing', input: 'think' };
    const events = await turnOf(socket, body);
    expect(events).toMatchObject([
      {
        ...{ type: 'error', status: 400 },
        error: { code: 'previous_response_not_found', param: 'previous_response_id' },
      },
    ]);
  },
  'websocket-failed-continuation-evicts-cache': async () => {
    using socket = await socketOf();
    const { id } = wholeOf(await turnOf(socket, { ...passing, input: 'think' }));
    const next = { ...passing, previous_response_id: id };
    const output = { type: 'function_call_output', call_id: 'call_missing', output: 'nothing' };
    expect(codeOf(await turnOf(socket, { ...next, input: [output] }))).toBe('no_tool_call');
    const stale = await turnOf(socket, { ...next, input: 'think' });
    expect(codeOf(stale)).toBe('previous_response_not_found');
  },
  'websocket-compact-new-chain': async () => {
    const input = [user('The word is slate.'), assistant('Yes.'), user('think of less')];
    const { output } = await post(`${PATH}/compact`, { input });
    using socket = await socketOf();
    const body = { ...passing, input: [...output, user('think')] };
    expect(wholeOf(await turnOf(socket, body)).previous_response_id).toBeNull();
    using other = await socketOf(OTHER_KEY);
    expect(codeOf(await turnOf(other, body))).toBe('invalid_encrypted_content');
  },
  'system-prompt': async () => {
    const system = { type: 'message', role: 'system', content: 'You are a pirate.' };
    const whole = await post(PATH, { input: [system, user('think')] });
    const alone = await post(PATH, { input: [user('think')] });
    expect(whole.status).toBe('completed');
    expect(whole.usage.input_tokens).toBeGreaterThan(alone.usage.input_tokens);
  },
  'tool-calling': async () => {
    const properties = { a: { type: 'integer' } };
    const parameters = { type: 'object', properties, required: ['a'] };
    const tools = [{ type: 'function', name: 'add', description: 'Adds', parameters }];
    const first = await post(PATH, { input: [user('call')], tools });
    const [call] = first.output.filter(({ type }) => type === 'function_call');
    expect(call).toMatchObject({ name: 'add', arguments: '{"a":2}' });
    const output = { type: 'function_call_output', call_id: call!.call_id, output: 'think' };
    const second = { previous_response_id: first.id, input: [output], tools };
    expect(textOf(await post(PATH, second))).toBe('It is four.');
  },
  'image-input': async () => {
    // No model here sees: what a client sends is not passed over in silence.
    const content = [
      { type: 'input_text', text: 'think: what is it?' },
      { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' },
    ];
    const body = { model: MODEL, input: [{ type: 'message', role: 'user', content }] };
    const response = await ask(server, PATH, body);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'unsupported_parameter', param: 'input[0].content[1].type' } },
    ]);
  },
  'multi-turn': async () => {
    const input = [user('I am Alice.'), assistant('Hello Alice!'), user('think: who am I?')];
    const whole = await post(PATH, { input });
    const alone = await post(PATH, { input: input.slice(-1) });
    expect(whole.status).toBe('completed');
    expect(whole.usage.input_tokens).toBeGreaterThan(alone.usage.input_tokens);
  },
  'compact-response': async () => {
    const input = [user('think: it is on Tuesday.'), assistant('Understood.')];
    const body = { prompt_cache_key: 'key', input };
    const { object, output } = await post(`${PATH}/compact`, body);
    expect(object).toBe('response.compaction');
    expect(output.map(({ type }) => type)).toEqual(['message', 'compaction']);
    expect(output[1]!.encrypted_content).not.toContain('four');
  },
  'compact-missing-model': async () => {
    const response = await ask(server, `${PATH}/compact`, { input: [user('think')] });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { param: 'model', code: 'missing_required_parameter' } },
    ]);
  },
};

test('the suite has seventeen cases', () => {
  expect(Object.keys(CASES)).toHaveLength(17);
});

test.each(Object.keys(CASES))('%s', async (id) => CASES[id]!());

test('a kept response is listed by its items, canceled, and deleted', async () => {
  const { id } = await post(PATH, { input: [user('one'), user('think')], store: true });
  const page = async (query: string): Promise<{ data: { id: string }[]; has_more: boolean }> =>
    (await (await ask(server, `${PATH}/${id}/input_items?${query}`)).json()) as Awaited<
      ReturnType<typeof page>
    >;
  const all = await page('order=asc');
  const one = await page('order=asc&limit=1');
  expect([one.data, one.has_more]).toEqual([all.data.slice(0, 1), true]);
  const rest = await page(`order=asc&after=${one.data[0]!.id}`);
  expect([...one.data, ...rest.data]).toEqual(all.data);
  const long = await post(PATH, { input: 'loop', background: true, max_output_tokens: 20_000 });
  expect(long.status).toBe('queued');
  const end = await ask(server, `${PATH}/${long.id}/cancel`, {});
  expect(await end.json()).toMatchObject({ id: long.id, status: expect.stringMatching(/^cancel/) });
  const headers = { authorization: `Bearer ${KEY}` };
  const gone = await fetch(`${server.url}${PATH}/${id}`, { method: 'DELETE', headers });
  expect(await gone.json()).toMatchObject({ id, deleted: true });
  expect((await ask(server, `${PATH}/${id}`)).status).toBe(404);
});

test.each(['stream', 'stream_options', 'background'])(
  'a WebSocket refuses %s, which the specification forbids there',
  async (name) => {
    const body = { model: MODEL, input: 'think', [name]: name === 'stream_options' ? {} : true };
    expect(createFaults(body)).not.toEqual([]);
    using socket = await socketOf();
    const [event] = await socket.turn(body);
    expect(event!.error).toMatchObject({ code: 'unsupported_parameter', param: name });
  },
);
