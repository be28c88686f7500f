import { openModel, Wafer } from '@wafer/runtime';
import type { Model } from '@wafer/runtime';
import { pino } from 'pino';
import { SMALL_MODEL } from '../scripts/test-server.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RESTARTS_DEFAULT, startServer, withPlainTemplate } from './index.ts';
import type { RunningServer, ServedModelSpec } from './index.ts';

let server: RunningServer;

/** A template that knows of tools, as Hermes writes their calls. */
const TEMPLATE =
  '{% for t in tools or [] %}{{ t.function.name }} {% endfor %}' +
  '{% for m in messages %}{{ m.content }}{% endfor %}{# <tool_call> #}';

function withTemplate(model: Model): Model {
  const tokenizerConfig = {
    ...(model.tokenizer!.tokenizerConfig as object),
    chat_template: TEMPLATE,
  };
  return { ...model, tokenizer: { ...model.tokenizer!, tokenizerConfig } };
}

beforeAll(async () => {
  const specOf = (id: string, change: (model: Model) => Model): ServedModelSpec => ({
    ...{ id, isPinned: true, idleMs: 1000, restarts: RESTARTS_DEFAULT },
    start: async () => Wafer.start({ model: change(await openModel(SMALL_MODEL)), sequences: 8 }),
  });
  server = await startServer({
    models: [specOf('stories', withPlainTemplate), specOf('tools', withTemplate)],
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

// ---- calls of tools

const add = {
  type: 'object',
  properties: { a: { type: 'integer', minimum: 1, maximum: 9 }, kind: { enum: ['cat', 'dog'] } },
  required: ['a', 'kind'],
  additionalProperties: false,
};
const tools = [
  { type: 'function', function: { name: 'add', parameters: add, strict: true } },
  { type: 'function', function: { name: 'now' } },
];

interface CallBody {
  index?: number;
  id?: string;
  function: { name?: string; arguments: string };
}

interface ChatAnswer {
  choices: {
    index: number;
    message?: { content: string | null; tool_calls?: CallBody[] };
    delta?: { content?: string; tool_calls?: CallBody[] };
    finish_reason: string | null;
  }[];
  error?: { param: string; code: string; message: string };
}

const asTools = { model: 'tools', max_tokens: 120, tools };

async function answer(more: object): Promise<ChatAnswer> {
  return (await (await ask({ ...asTools, ...more })).json()) as ChatAnswer;
}

function callsOf({ choices: [choice] }: ChatAnswer): { name: string; arguments: unknown }[] {
  return (choice!.message!.tool_calls ?? []).map(({ function: called }) => ({
    name: called.name!,
    arguments: JSON.parse(called.arguments) as unknown,
  }));
}

const isAdd = (given: unknown): boolean => {
  const { a, kind, ...more } = given as { a: number; kind: string };
  const isRight = Number.isInteger(a) && a >= 1 && a <= 9 && /^(cat|dog)$/.test(kind);
  return isRight && Object.keys(more).length === 0;
};

test('a call that is required comes, and has arguments of its schema', async () => {
  for (let seed = 0; seed < 2; seed++) {
    const named = { type: 'function', function: { name: 'add' } };
    for (const choice of ['required', named]) {
      const whole = await answer({ tool_choice: choice, temperature: 1.5, seed });
      expect(whole.choices[0]).toMatchObject({ finish_reason: 'tool_calls' });
      const calls = callsOf(whole);
      expect(calls.length).toBeGreaterThan(0);
      const isRight = calls.every((call) =>
        call.name === 'add'
          ? isAdd(call.arguments)
          : choice === 'required' && JSON.stringify(call.arguments) === '{}',
      );
      expect(isRight, JSON.stringify(calls)).toBe(true);
    }
  }
});

test('one call at a time where no more are wanted', async () => {
  const more = { tool_choice: 'required', temperature: 2, max_tokens: 300 };
  const countOf = async (seed: number, isParallel: boolean): Promise<number> =>
    callsOf(await answer({ ...more, seed, parallel_tool_calls: isParallel })).length;
  expect([await countOf(0, false), await countOf(1, false)]).toEqual([1, 1]);
  let most = 0;
  for (let seed = 0; most < 2 && seed < 8; seed++) most = await countOf(seed, true);
  expect(most).toBeGreaterThan(1);
});

test.each([
  { tool_choice: 'required', seed: 5, temperature: 1 },
  { tool_choice: 'auto', seed: 6, max_tokens: 24 },
  { tool_choice: 'required', seed: 7, n: 2, temperature: 1 },
])('calls are the same streamed and whole: %j', async (more) => {
  const whole = await answer(more);
  const text = await (await ask({ ...asTools, ...more, stream: true })).text();
  const chunks = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, one]) => JSON.parse(one!));
  for (const { index, message, finish_reason: finish } of whole.choices) {
    const own = (chunks as ChatAnswer[]).flatMap(({ choices }) =>
      choices.filter((choice) => choice.index === index),
    );
    const calls = own.flatMap(({ delta }) => delta!.tool_calls ?? []);
    // Ids are of a request.
    const texts = (message!.tool_calls ?? []).map((call) => call.function);
    expect(calls.map((call) => call.function)).toEqual(texts);
    expect(own.map(({ delta }) => delta!.content ?? '').join('')).toBe(message!.content ?? '');
    expect(own.at(-1)!.finish_reason).toBe(finish);
    // What is streamed of arguments can always become JSON; here it is whole.
    for (const call of calls) expect(JSON.parse(call.function.arguments)).toBeTypeOf('object');
  }
});

test('beside tools an answer that calls nothing keeps to its format', async () => {
  const format = { type: 'json_schema', json_schema: { name: 'pet', schema } };
  for (let seed = 0; seed < 2; seed++) {
    const whole = await answer({ response_format: format, seed, temperature: 1.5 });
    const { content, tool_calls: calls = [] } = whole.choices[0]!.message!;
    if (calls.length === 0) expect(content).toSatisfy(isPet);
    else
      expect(callsOf(whole).every(({ name, arguments: given }) => name === 'now' || isAdd(given)));
  }
});

test('responses take the same choices', async () => {
  const flat = tools.map(({ type, function: one }) => ({ type, ...one }));
  const more = { model: 'tools', input: 'Once', tools: flat, max_output_tokens: 300 };
  const choice = { type: 'function', name: 'add' };
  const response = await fetch(`${server.url}/v1/responses`, {
    method: 'POST',
    headers: { authorization: 'Bearer the-key', 'content-type': 'application/json' },
    body: JSON.stringify({ ...more, tool_choice: choice, parallel_tool_calls: false }),
  });
  const { output, status } = (await response.json()) as {
    status: string;
    output: { type: string; name: string; arguments: string }[];
  };
  expect([status, output.map(({ type }) => type)]).toEqual(['completed', ['function_call']]);
  expect(output[0]!.name).toBe('add');
  expect(JSON.parse(output[0]!.arguments)).toSatisfy(isAdd);
});

test.each([
  [{ tool_choice: { type: 'function', function: { name: 'none' } } }, 'tool_choice'],
  [{ tools: [], tool_choice: 'required' }, 'tool_choice'],
  [{ model: 'stories', tool_choice: 'required' }, 'tool_choice'],
  [{ model: 'stories' }, 'tools'],
  [{ response_format: undefined, guided_regex: 'a', tool_choice: 'required' }, 'response_format'],
])('calls that cannot be held are refused by name: %j', async (more, param) => {
  const { error } = await answer(more);
  expect(error).toMatchObject({ param });
});

test('a strict tool whose schema is not enforced is refused with its place', async () => {
  const parameters = { type: 'object', properties: { a: { type: 'string', format: 'color' } } };
  const own = (strict: boolean): object => ({
    tools: [{ type: 'function', function: { name: 'add', parameters, strict } }],
    tool_choice: 'required',
  });
  const { error } = await answer(own(true));
  expect(error).toMatchObject({ code: 'grammar_unsupported' });
  expect(error!.message).toContain('tools[0].function.parameters');
  expect((await answer({ ...own(false), max_tokens: 1 })).error).toBeUndefined();
});
