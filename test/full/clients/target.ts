/**
 * The server that clients of other makers are tried on, and what they ask it: each is told of the
 * base URL and a key, and of nothing else.
 */
import type { RunningServer } from '@wafer/server';
import OpenAI from 'openai';
import { afterAll, beforeAll } from 'vitest';
import { KEY, storiesServer, storiesSpec } from '../../serve/stories-server.ts';
import { prepareChecks } from '../../serve/spec/checked-fetch.ts';
import { toolsSpec } from '../../serve/tools-model.ts';

/** A model that writes stories, and the same as one that calls tools. */
export const STORIES = 'stories';
export const TOOLS = 'tools';
/** Numbers of a vector of either. */
export const WIDTH = 64;

export const PROMPT = 'Once upon a time';
export const messages = [{ role: 'user' as const, content: PROMPT }];

/** What is there while tests run: imported by them, started and ended with them. */
export let server: RunningServer;
export let baseURL: string;
export let openai: OpenAI;
/** 16 tokens of the stories behind the prompt, the likeliest, by the embedding interface. */
export let expected: string;

beforeAll(async () => {
  prepareChecks();
  server = await storiesServer({ models: [storiesSpec({ sequences: 16 }), toolsSpec()] });
  baseURL = `${server.url}/v1`;
  openai = new OpenAI({ baseURL, apiKey: KEY, maxRetries: 0 });
  const wafer = server.services.models.find(STORIES).wafer!;
  const whole: string[] = [];
  for await (const { content } of wafer.chat(messages, { temperature: 0, maxTokens: 16 })) {
    whole.push(content);
  }
  expected = whole.join('');
});
afterAll(() => server.close());

// ---- what tools take, and answers are to be

export const PET = {
  type: 'object' as const,
  properties: { age: { type: 'integer', minimum: 1, maximum: 9 }, kind: { enum: ['cat', 'dog'] } },
  required: ['age', 'kind'],
  additionalProperties: false as const,
};

/** Whether a value is valid by the schema. */
export function isPet(value: unknown): boolean {
  const { age, kind, ...more } = value as { age: number; kind: string };
  const isRight = Number.isInteger(age) && age > 0 && age < 10 && ['cat', 'dog'].includes(kind);
  return isRight && Object.keys(more).length === 0;
}

export const isPetText = (text: string | null | undefined): boolean =>
  isPet(JSON.parse(text ?? 'null'));

export const chatTool = {
  type: 'function' as const,
  function: { name: 'adopt', description: 'Adopts a pet', parameters: PET, strict: true },
};

export const FORMAT = {
  type: 'json_schema' as const,
  json_schema: { name: 'pet', schema: PET, strict: true },
};
