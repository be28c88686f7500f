/**
 * Clients with a shape of their own: LlamaIndex, agents, and those of Anthropic's and Ollama's
 * interfaces: tools, answers of a schema, streams, usage and errors.
 */
import Anthropic from '@anthropic-ai/sdk';
import { OpenAI as LlamaIndexOpenAI } from '@llamaindex/openai';
import { Agent, OpenAIProvider, Runner, tool as agentTool } from '@openai/agents';
import type { JsonSchemaDefinition } from '@openai/agents';
import { Ollama } from 'ollama';
import { expect, test } from 'vitest';
import { KEY } from '../../serve/stories-server.ts';
import { chatTool, FORMAT, isPet, isPetText, messages, PET, PROMPT } from './target.ts';
import { baseURL, openai, server, STORIES, TOOLS, WIDTH } from './target.ts';

test('LlamaIndex, with its old client: tools, a schema, a stream, usage, an error', async () => {
  const of = (model: string, maxTokens = 150): LlamaIndexOpenAI =>
    new LlamaIndexOpenAI({ model, apiKey: KEY, baseURL, maxTokens, maxRetries: 0 });
  const whole = await of(TOOLS, 8).chat({ messages });
  expect(whole.raw).toMatchObject({ usage: { completion_tokens: 8 } });
  let text = '';
  for await (const { delta } of await of(TOOLS, 8).chat({ messages, stream: true })) text += delta;
  expect(text).not.toBe('');
  const { name, description, parameters } = chatTool.function;
  const called = await of(TOOLS).chat({
    messages,
    tools: [{ metadata: { name, description, parameters: parameters as never } }],
    additionalChatOptions: { tool_choice: 'required', parallel_tool_calls: false },
  });
  const [call] = (called.message.options as { toolCall: { input: string }[] }).toolCall;
  expect(call!.input).toSatisfy(isPetText);
  const held = await of(TOOLS).chat({ messages, responseFormat: FORMAT });
  expect(held.message.content).toSatisfy(isPetText);
  await expect(of('none').chat({ messages })).rejects.toMatchObject({ status: 404 });
});

test.each([false, true])('agents of OpenAI, by responses: %s', async (useResponses) => {
  const modelProvider = new OpenAIProvider({ openAIClient: openai as never, useResponses });
  const runner = new Runner({ modelProvider, tracingDisabled: true });
  const adopted: unknown[] = [];
  const adopt = agentTool({
    ...{ name: 'adopt', description: 'Adopts a pet', parameters: PET as never, strict: true },
    execute: (input: unknown) => {
      adopted.push(input);
      return 'done';
    },
  });
  const agent = new Agent({
    ...{ name: 'one', model: TOOLS, instructions: '', tools: [adopt] },
    toolUseBehavior: 'stop_on_first_tool' as const,
    modelSettings: { toolChoice: 'required' as const, maxTokens: 150, parallelToolCalls: false },
  });
  const result = await runner.run(agent, PROMPT);
  expect(result.finalOutput).toBe('done');
  expect(adopted).toHaveLength(1);
  expect(adopted[0]).toSatisfy(isPet);
  const format = { type: 'json_schema', name: 'pet', strict: true, schema: PET };
  const outputType = format as unknown as JsonSchemaDefinition;
  const keeper = new Agent({
    ...{ name: 'two', model: TOOLS, instructions: '', outputType },
    modelSettings: { maxTokens: 150 },
  });
  const streamed = await runner.run(keeper, PROMPT, { stream: true });
  const kinds = new Set<string>();
  for await (const event of streamed) kinds.add(event.type);
  await streamed.completed;
  expect(kinds).toContain('raw_model_stream_event');
  expect(streamed.finalOutput).toSatisfy(isPet);
  expect(streamed.rawResponses[0]!.usage.outputTokens).toBeGreaterThan(0);
  const missing = new Agent({ name: 'three', model: 'none', instructions: '' });
  await expect(runner.run(missing, PROMPT)).rejects.toMatchObject({ status: 404 });
});

test("Anthropic's client: whole, streamed, tools, counts, errors", async () => {
  const client = new Anthropic({ baseURL: server.url, apiKey: KEY, maxRetries: 0 });
  const request = { model: TOOLS, messages, max_tokens: 8, temperature: 0 };
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
  const { input_tokens: count } = await client.messages.countTokens({ model: TOOLS, messages });
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
  const whole = await ollama.chat({ model: TOOLS, messages, options });
  expect(whole).toMatchObject({ done_reason: 'length', eval_count: 8 });
  let text = '';
  for await (const part of await ollama.chat({ model: TOOLS, messages, options, stream: true })) {
    text += part.message.content;
  }
  expect(text).toBe(whole.message.content);
  const raw = await ollama.generate({ model: TOOLS, prompt: PROMPT, raw: true, options });
  expect(raw.response).not.toBe('');
  const long = { temperature: 0, num_predict: 150 };
  const held = await ollama.chat({ model: TOOLS, messages, options: long, format: PET });
  expect(held.message.content).toSatisfy(isPetText);
  const offered = await ollama.chat({ model: TOOLS, messages, options, tools: [chatTool] });
  expect(offered.done).toBe(true);
  const { embeddings } = await ollama.embed({ model: TOOLS, input: [PROMPT, 'Lily'] });
  expect(embeddings.map(({ length }) => length)).toEqual([WIDTH, WIDTH]);
  const { models } = await ollama.list();
  expect(models.map(({ name }) => name)).toEqual([STORIES, TOOLS]);
  expect((await ollama.show({ model: TOOLS })).capabilities).toContain('tools');
  const missing = ollama.chat({ model: 'none', messages });
  await expect(missing).rejects.toMatchObject({ status_code: 404 });
});
