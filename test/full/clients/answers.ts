/**
 * Whole and streamed answers of clients of other makers, with usage and errors, are those of the
 * embedding interface.
 */
import { createCerebras } from '@ai-sdk/cerebras';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Cerebras from '@cerebras/cerebras_cloud_sdk';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { embed, generateText, streamText } from 'ai';
import Groq from 'groq-sdk';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { KEY } from '../../serve/stories-server.ts';
import { expected, messages, openai, PROMPT, server, STORIES, TOOLS, WIDTH } from './target.ts';

test('openai: whole, streamed, completions, embeddings, models, a typed error', async () => {
  const request = { model: STORIES, messages, temperature: 0, max_completion_tokens: 16 };
  const whole = await openai.chat.completions.create({
    ...{ ...request, logprobs: true, top_logprobs: 2 },
  });
  expect(whole.choices[0]!.message.content).toBe(expected);
  expect(whole.choices[0]!.logprobs!.content).toHaveLength(16);
  expect(whole.usage).toMatchObject({ completion_tokens: 16 });
  expect(whole._request_id).toMatch(/^req_/);
  const stream = openai.chat.completions.stream({
    ...{ ...request, stream_options: { include_usage: true } },
  });
  expect(await stream.finalContent()).toBe(expected);
  expect(await stream.totalUsage()).toMatchObject({ completion_tokens: 16 });
  const completion = { model: STORIES, prompt: PROMPT, temperature: 0, max_tokens: 16 };
  const text = await openai.completions.create(completion);
  expect(text.choices[0]!.text).toBe(expected);
  const { data } = await openai.embeddings.create({ model: STORIES, input: [PROMPT, 'Lily'] });
  expect(data.map(({ embedding }) => embedding.length)).toEqual([WIDTH, WIDTH]);
  const ids = [];
  for await (const { id } of openai.models.list()) ids.push(id);
  expect(ids).toEqual([STORIES, TOOLS]);
  const missing = openai.chat.completions.create({ ...request, model: 'none' });
  await expect(missing).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  await expect(missing).rejects.toMatchObject({ code: 'model_not_found', param: 'model' });
  const wrongKey = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
  await expect(wrongKey.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
});

test('openai: an answer that is given up frees its slot', async () => {
  const stream = await openai.chat.completions.create({
    ...{ model: STORIES, messages, max_completion_tokens: 400, stream: true },
  });
  for await (const chunk of stream) {
    expect(chunk.object).toBe('chat.completion.chunk');
    break;
  }
  const { gate } = await server.services.models.lease(STORIES);
  for (let i = 0; i < 100 && gate.requestCount > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(gate.requestCount).toBe(0);
});

test.each(['openai-compatible', 'cerebras'])('ai with the provider %s', async (name) => {
  const baseURL = `${server.url}/v1`;
  const compatible = createOpenAICompatible({ name: 'wafer', baseURL, apiKey: KEY });
  const model =
    name === 'cerebras'
      ? createCerebras({ baseURL, apiKey: KEY })(STORIES)
      : compatible.chatModel(STORIES);
  const request = { model, messages, temperature: 0, maxOutputTokens: 16, maxRetries: 0 };
  const whole = await generateText(request);
  expect(whole.text).toBe(expected);
  expect(whole.finishReason).toBe('length');
  expect(whole.usage.outputTokens).toBe(16);
  const streamed = streamText(request);
  let text = '';
  for await (const delta of streamed.textStream) text += delta;
  expect(text).toBe(expected);
  if (name === 'cerebras') return;
  const embeddings = compatible.embeddingModel(STORIES);
  const { embedding } = await embed({ model: embeddings, value: PROMPT, maxRetries: 0 });
  expect(embedding).toHaveLength(WIDTH);
});

test.each(['', '/v1'])("Cerebras' client, its base URL ending in '%s'", async (end) => {
  const client = new Cerebras({ baseURL: server.url + end, apiKey: KEY, maxRetries: 0 });
  const request = { model: STORIES, messages, temperature: 0, max_completion_tokens: 16 };
  const whole = await client.chat.completions.create(request);
  expect(whole).toMatchObject({
    choices: [{ message: { content: expected } }],
    time_info: { total_time: expect.any(Number) },
  });
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
    const { choices } = chunk as { choices: { delta: { content?: string } }[] };
    text += choices[0]?.delta.content ?? '';
  }
  expect(text).toBe(expected);
});

test("Groq's client, with its prefix", async () => {
  const groq = new Groq({ baseURL: server.url, apiKey: KEY, maxRetries: 0 });
  const request = { model: STORIES, messages, temperature: 0, max_completion_tokens: 16 };
  const whole = await groq.chat.completions.create(request);
  expect(whole.choices[0]!.message.content).toBe(expected);
  let text = '';
  for await (const chunk of await groq.chat.completions.create({ ...request, stream: true })) {
    text += chunk.choices[0]?.delta.content ?? '';
  }
  expect(text).toBe(expected);
});

test('LangChain: invoked, streamed, embedded', async () => {
  const configuration = { baseURL: `${server.url}/v1` };
  const options = { configuration, model: STORIES, apiKey: KEY, maxRetries: 0 };
  const chat = new ChatOpenAI({ ...options, temperature: 0, maxTokens: 16 });
  const whole = await chat.invoke(PROMPT);
  expect(whole.content).toBe(expected);
  expect(whole.usage_metadata).toMatchObject({ output_tokens: 16 });
  let text = '';
  for await (const chunk of await chat.stream(PROMPT)) text += String(chunk.content);
  expect(text).toBe(expected);
  const vectors = await new OpenAIEmbeddings(options).embedQuery(PROMPT);
  expect(vectors).toHaveLength(WIDTH);
});
