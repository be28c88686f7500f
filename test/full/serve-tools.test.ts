/**
 * Clients of other makers, as they come: tools, answers of a schema, usage and errors. Each is told
 * of the base URL and a key, and of nothing else.
 */
import { createCerebras } from '@ai-sdk/cerebras';
import { createOpenResponses } from '@ai-sdk/open-responses';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import Cerebras from '@cerebras/cerebras_cloud_sdk';
import { HumanMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { OpenAI as LlamaIndexOpenAI } from '@llamaindex/openai';
import { Agent, OpenAIProvider, Runner, tool as agentTool } from '@openai/agents';
import type { RunningServer } from '@wafer/server';
import { generateText, jsonSchema, Output, streamText, tool } from 'ai';
import type { ToolSet } from 'ai';
import Groq from 'groq-sdk';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEY, storiesServer, storiesSpec } from '../serve/stories-server.ts';
import { toolsSpec } from '../serve/tools-model.ts';

const MODEL = 'tools';
const PROMPT = 'Once upon a time';
const messages = [{ role: 'user' as const, content: PROMPT }];

const PET = {
  type: 'object' as const,
  properties: { age: { type: 'integer', minimum: 1, maximum: 9 }, kind: { enum: ['cat', 'dog'] } },
  required: ['age', 'kind'],
  additionalProperties: false as const,
};
const isPet = (value: unknown): boolean => {
  const { age, kind, ...more } = value as { age: number; kind: string };
  const isRight = Number.isInteger(age) && age > 0 && age < 10 && ['cat', 'dog'].includes(kind);
  return isRight && Object.keys(more).length === 0;
};
const isPetText = (text: string | null | undefined): boolean => isPet(JSON.parse(text ?? 'null'));
const chatTool = {
  type: 'function' as const,
  function: { name: 'adopt', description: 'Adopts a pet', parameters: PET, strict: true },
};
const FORMAT = {
  type: 'json_schema' as const,
  json_schema: { name: 'pet', schema: PET, strict: true },
};

let server: RunningServer;
let baseURL: string;
beforeAll(async () => {
  server = await storiesServer({ models: [storiesSpec({}), toolsSpec()] });
  baseURL = `${server.url}/v1`;
});
afterAll(() => server.close());

/** Clients that speak chat completions, in the shape that they share. */
const CHATS: Readonly<Record<string, () => Pick<OpenAI, 'chat'>>> = {
  openai: () => new OpenAI({ baseURL, apiKey: KEY, maxRetries: 0 }),
  cerebras: () =>
    new Cerebras({ baseURL: server.url, apiKey: KEY, maxRetries: 0 }) as unknown as OpenAI,
  groq: () => new Groq({ baseURL: server.url, apiKey: KEY, maxRetries: 0 }) as unknown as OpenAI,
};

test.each(Object.keys(CHATS))(
  '%s: a tool that must be called, a schema, an error',
  async (name) => {
    const { chat } = CHATS[name]!();
    const request = { model: MODEL, messages, max_completion_tokens: 150, seed: 3 };
    const choice = {
      tools: [chatTool],
      tool_choice: 'required' as const,
      parallel_tool_calls: false,
    };
    const whole = await chat.completions.create({ ...request, ...choice });
    const [call] = whole.choices[0]!.message.tool_calls!;
    expect(call).toMatchObject({ type: 'function', function: { name: 'adopt' } });
    const text = (call as { function: { arguments: string } }).function.arguments;
    expect(text).toSatisfy(isPetText);
    expect(whole.usage!.completion_tokens).toBeGreaterThan(0);
    let streamed = '';
    for await (const chunk of await chat.completions.create({
      ...request,
      ...choice,
      stream: true,
    })) {
      streamed += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '';
    }
    expect(streamed).toBe(text);
    const held = await chat.completions.create({ ...request, response_format: FORMAT });
    expect(held.choices[0]!.message.content).toSatisfy(isPetText);
    const missing = chat.completions.create({ ...request, model: 'none' });
    await expect(missing).rejects.toMatchObject({ status: 404 });
    const wrong = chat.completions.create({ ...request, ...choice, model: 'stories' });
    await expect(wrong).rejects.toMatchObject({ status: 400 });
  },
);

test('openai: helpers that parse, and responses with tools and a schema', async () => {
  const openai = new OpenAI({ baseURL, apiKey: KEY, maxRetries: 0 });
  const stream = openai.chat.completions.stream({
    ...{ model: MODEL, messages, max_completion_tokens: 150, seed: 3 },
    ...{ tools: [chatTool], tool_choice: 'required', parallel_tool_calls: false },
  });
  const final = await stream.finalMessage();
  expect(final.tool_calls![0]).toMatchObject({ function: { name: 'adopt' } });
  const base = { model: MODEL, input: PROMPT, max_output_tokens: 150 };
  const flat = { type: 'function' as const, name: 'adopt', parameters: PET, strict: true };
  const called = await openai.responses.create({ ...base, tools: [flat], tool_choice: 'required' });
  const [item] = called.output;
  expect(item).toMatchObject({ type: 'function_call', name: 'adopt' });
  expect((item as { arguments: string }).arguments).toSatisfy(isPetText);
  const format = { type: 'json_schema' as const, name: 'pet', schema: PET, strict: true };
  const held = await openai.responses.create({ ...base, text: { format } });
  expect(held.output_text).toSatisfy(isPetText);
  const types: string[] = [];
  for await (const event of await openai.responses.create({ ...base, stream: true })) {
    types.push(event.type);
  }
  expect(types[0]).toBe('response.created');
  expect(types.at(-1)).toMatch(/^response\.(completed|incomplete)$/);
});

const PROVIDERS = {
  'openai-compatible': () =>
    createOpenAICompatible({
      name: 'wafer',
      baseURL,
      apiKey: KEY,
      supportsStructuredOutputs: true,
    })(MODEL),
  cerebras: () => createCerebras({ baseURL, apiKey: KEY })(MODEL),
  'open-responses': () =>
    createOpenResponses({ name: 'wafer', url: `${baseURL}/responses`, apiKey: KEY })(MODEL),
};

test.each(Object.keys(PROVIDERS) as (keyof typeof PROVIDERS)[])(
  'ai with the provider %s: a tool, a schema, a stream, an error',
  async (name) => {
    const model = PROVIDERS[name]();
    const request = { model, prompt: PROMPT, maxOutputTokens: 150, maxRetries: 0 };
    const tools = { adopt: tool({ inputSchema: jsonSchema<object>(PET as never) }) } as ToolSet;
    const called = await generateText({ ...request, tools, toolChoice: 'required' });
    expect(called.toolCalls.length).toBeGreaterThan(0);
    expect(
      called.toolCalls.every(({ toolName, input }) => toolName === 'adopt' && isPet(input)),
    ).toBe(true);
    expect(called.finishReason).toBe('tool-calls');
    expect(called.usage.outputTokens).toBeGreaterThan(0);
    const output = Output.object({ schema: jsonSchema<object>(PET as never) });
    expect((await generateText({ ...request, output })).output).toSatisfy(isPet);
    const streamed = streamText({ ...request, maxOutputTokens: 8 });
    let text = '';
    for await (const delta of streamed.textStream) text += delta;
    expect(text).not.toBe('');
    // Cerebras' provider does not ask a stream for its usage.
    if (name !== 'cerebras') expect((await streamed.usage).outputTokens).toBe(8);
    const refused = generateText({ ...request, temperature: 9 });
    await expect(refused).rejects.toMatchObject({ statusCode: 400 });
  },
);

test('LangChain: tools that are bound, answers of a schema, an error', async () => {
  const options = { configuration: { baseURL }, model: MODEL, apiKey: KEY, maxRetries: 0 };
  const chat = new ChatOpenAI({ ...options, maxTokens: 150 });
  const bound = chat.bindTools([chatTool], { tool_choice: 'adopt' });
  const { tool_calls: calls = [], usage_metadata: usage } = await bound.invoke([
    new HumanMessage(PROMPT),
  ]);
  expect(calls[0]!.name).toBe('adopt');
  expect(calls[0]!.args).toSatisfy(isPet);
  expect((usage as { output_tokens: number } | undefined)!.output_tokens).toBeGreaterThan(0);
  const held = chat.withStructuredOutput(PET, { name: 'pet', method: 'jsonSchema' });
  expect(await held.invoke(PROMPT)).toSatisfy(isPet);
  const missing = new ChatOpenAI({ ...options, model: 'none' }).invoke(PROMPT);
  await expect(missing).rejects.toMatchObject({ status: 404 });
});

test('LlamaIndex, which brings an old client: whole, streamed, an error', async () => {
  const of = (model: string): LlamaIndexOpenAI =>
    new LlamaIndexOpenAI({ model, apiKey: KEY, baseURL, maxTokens: 8, maxRetries: 0 });
  const whole = await of(MODEL).chat({ messages });
  expect(whole.message.content).not.toBe('');
  let text = '';
  for await (const { delta } of await of(MODEL).chat({ messages, stream: true })) text += delta;
  expect(text).not.toBe('');
  await expect(of('none').chat({ messages })).rejects.toMatchObject({ status: 404 });
});

test.each([false, true])('agents of OpenAI, by responses: %s', async (useResponses) => {
  const adopted: unknown[] = [];
  const adopt = agentTool({
    ...{ name: 'adopt', description: 'Adopts a pet', parameters: PET as never, strict: true },
    execute: (input: unknown) => {
      adopted.push(input);
      return 'done';
    },
  });
  const agent = new Agent({
    ...{ name: 'one', model: MODEL, instructions: '', tools: [adopt] },
    toolUseBehavior: 'stop_on_first_tool' as const,
    modelSettings: { toolChoice: 'required' as const, maxTokens: 150, parallelToolCalls: false },
  });
  const openAIClient = new OpenAI({ baseURL, apiKey: KEY, maxRetries: 0 });
  const modelProvider = new OpenAIProvider({ openAIClient: openAIClient as never, useResponses });
  const runner = new Runner({ modelProvider, tracingDisabled: true });
  const result = await runner.run(agent, PROMPT);
  expect(result.finalOutput).toBe('done');
  expect(adopted).toHaveLength(1);
  expect(adopted[0]).toSatisfy(isPet);
});

test("Anthropic's client: whole, streamed, tools, counts, errors", async () => {
  const client = new Anthropic({ baseURL: server.url, apiKey: KEY, maxRetries: 0 });
  const request = { model: MODEL, messages, max_tokens: 8, temperature: 0 };
  const whole = await client.messages.create(request);
  expect(whole).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 8 } });
  const final = await client.messages.stream(request).finalMessage();
  expect(final.content).toEqual(whole.content);
  const called = await client.messages
    .stream({
      ...{ ...request, max_tokens: 150 },
      tools: [{ name: 'adopt', input_schema: PET, strict: true }],
      tool_choice: { type: 'tool', name: 'adopt', disable_parallel_tool_use: true },
    })
    .finalMessage();
  expect(called).toMatchObject({ stop_reason: 'tool_use', content: [{ name: 'adopt' }] });
  expect((called.content[0] as { input: unknown }).input).toSatisfy(isPet);
  const format = { type: 'json_schema' as const, schema: PET };
  const held = await client.messages.create({
    ...{ ...request, max_tokens: 150, output_config: { format } },
  });
  expect((held.content[0] as { text: string }).text).toSatisfy(isPetText);
  const { input_tokens: count } = await client.messages.countTokens({ model: MODEL, messages });
  const { input_tokens: fresh, cache_read_input_tokens: read } = whole.usage;
  expect(count).toBe(fresh + read!);
  const missing = client.messages.create({ ...request, model: 'none' });
  await expect(missing).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  const wrongKey = new Anthropic({ baseURL: server.url, apiKey: 'wrong', maxRetries: 0 });
  await expect(wrongKey.messages.create(request)).rejects.toMatchObject({
    ...{ status: 401, type: 'authentication_error' },
  });
});

test("Ollama's client: chats, texts, formats, tools, vectors, models, errors", async () => {
  const headers = { authorization: `Bearer ${KEY}` };
  const ollama = new Ollama({ host: server.url, headers });
  const options = { temperature: 0, num_predict: 8 };
  const whole = await ollama.chat({ model: MODEL, messages, options });
  expect(whole).toMatchObject({ done_reason: 'length', eval_count: 8 });
  let text = '';
  for await (const part of await ollama.chat({ model: MODEL, messages, options, stream: true })) {
    text += part.message.content;
  }
  expect(text).toBe(whole.message.content);
  const raw = await ollama.generate({ model: MODEL, prompt: PROMPT, raw: true, options });
  expect(raw.response).not.toBe('');
  const long = { temperature: 0, num_predict: 150 };
  const held = await ollama.chat({ model: MODEL, messages, options: long, format: PET });
  expect(held.message.content).toSatisfy(isPetText);
  const offered = await ollama.chat({ model: MODEL, messages, options, tools: [chatTool] });
  expect(offered.done).toBe(true);
  const { embeddings } = await ollama.embed({ model: MODEL, input: [PROMPT, 'Lily'] });
  expect(embeddings.map(({ length }) => length)).toEqual([64, 64]);
  const { models } = await ollama.list();
  expect(models.map(({ name }) => name)).toEqual(['stories', 'tools']);
  expect((await ollama.show({ model: MODEL })).capabilities).toContain('tools');
  const missing = ollama.chat({ model: 'none', messages });
  await expect(missing).rejects.toMatchObject({ status_code: 404 });
});
