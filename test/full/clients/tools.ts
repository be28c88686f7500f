/**
 * Tools, answers of a schema, usage and errors of clients that speak OpenAI's interface.
 */
import { createCerebras } from '@ai-sdk/cerebras';
import { createOpenResponses } from '@ai-sdk/open-responses';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Cerebras from '@cerebras/cerebras_cloud_sdk';
import { HumanMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, jsonSchema, Output, streamText, tool } from 'ai';
import type { ToolSet } from 'ai';
import Groq from 'groq-sdk';
import type OpenAI from 'openai';
import { expect, test } from 'vitest';
import { KEY } from '../../serve/stories-server.ts';
import { chatTool, FORMAT, isPet, isPetText, messages, PET, PROMPT, STORIES } from './target.ts';
import { baseURL, openai, server, TOOLS } from './target.ts';

/** Clients that speak chat completions, in the shape that they share. */
const CHATS: Readonly<Record<string, () => Pick<OpenAI, 'chat'>>> = {
  openai: () => openai,
  cerebras: () =>
    new Cerebras({ baseURL: server.url, apiKey: KEY, maxRetries: 0 }) as unknown as OpenAI,
  groq: () => new Groq({ baseURL: server.url, apiKey: KEY, maxRetries: 0 }) as unknown as OpenAI,
};

test.each(Object.keys(CHATS))(
  '%s: a tool that must be called, a schema, an error',
  async (name) => {
    const { chat } = CHATS[name]!();
    const request = { model: TOOLS, messages, max_completion_tokens: 150, seed: 3 };
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
    const wrong = chat.completions.create({ ...request, ...choice, model: STORIES });
    await expect(wrong).rejects.toMatchObject({ status: 400 });
  },
);

test('openai: helpers that parse, and responses with tools and a schema', async () => {
  const stream = openai.chat.completions.stream({
    ...{ model: TOOLS, messages, max_completion_tokens: 150, seed: 3 },
    ...{ tools: [chatTool], tool_choice: 'required', parallel_tool_calls: false },
  });
  const final = await stream.finalMessage();
  expect(final.tool_calls![0]).toMatchObject({ function: { name: 'adopt' } });
  const base = { model: TOOLS, input: PROMPT, max_output_tokens: 150 };
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
      includeUsage: true,
    })(TOOLS),
  cerebras: () => createCerebras({ baseURL, apiKey: KEY })(TOOLS),
  'open-responses': () =>
    createOpenResponses({ name: 'wafer', url: `${baseURL}/responses`, apiKey: KEY })(TOOLS),
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
  const options = { configuration: { baseURL }, model: TOOLS, apiKey: KEY, maxRetries: 0 };
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
