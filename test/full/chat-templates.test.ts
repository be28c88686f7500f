/** Published chat templates, filled in by us and by Python's Jinja2: the same text, all of it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openModel } from '@wafer/runtime';
import type { ChatMessage, Model } from '@wafer/runtime';
import { chatRenderer } from '@wafer/runtime/internal';
import { llamaCppTree } from './peers.ts';

const SCRIPT = fileURLToPath(new URL('render-templates.py', import.meta.url));
const hasJinja = spawnSync('python3', ['-c', 'import jinja2']).status === 0;
if (!hasJinja) console.warn('skipped: chat templates, as python3 with jinja2 is absent');

/** File names in llama.cpp's collection of published templates. */
const TEMPLATES = [
  'Qwen-Qwen3-0.6B',
  'Qwen-Qwen2.5-7B-Instruct',
  'Qwen-QwQ-32B',
  'Qwen3-Coder',
  'Qwen3.5-4B',
  'openai-gpt-oss-120b',
  'GLM-4.6',
  'GLM-4.7-Flash',
  'meta-llama-Llama-3.1-8B-Instruct',
  'meta-llama-Llama-3.2-3B-Instruct',
  'meta-llama-Llama-3.3-70B-Instruct',
  'mistralai-Mistral-Nemo-Instruct-2407',
  'Mistral-Small-3.2-24B-Instruct-2506',
  'mistralai-Ministral-3-14B-Reasoning-2512',
  'deepseek-ai-DeepSeek-V3.1',
  'deepseek-ai-DeepSeek-R1-Distill-Llama-8B',
];

const EDGES = { bos_token: '<BOS>', eos_token: '<EOS>' };
const NOW = [2026, 6, 1] as const;
const WEATHER = {
  name: 'get_weather',
  description: 'Weather of a <place> & day',
  parameters: {
    type: 'object',
    properties: {
      city: { type: 'string', description: 'Name, e.g. "Köln"' },
      unit: { type: 'string', enum: ['c', 'f'] },
      days: { type: 'array', items: { type: 'number' } },
    },
    required: ['city'],
  },
};
const TOOLS = [
  { type: 'function', function: WEATHER },
  {
    type: 'function',
    function: {
      name: 'now',
      description: 'Time',
      parameters: { type: 'object', properties: {} },
    },
  },
];
const CALL = { city: 'Köln', days: [1, 2.5], deep: { a: null, b: true } };

const CHATS: ChatMessage[][] = [
  [{ role: 'user', content: 'Hi there' }],
  [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello!' },
    { role: 'user', content: ' Grüße 😀\n ' },
  ],
  [
    { role: 'user', content: '2+2?' },
    { role: 'assistant', content: '4', reasoning: 'two and two' },
    { role: 'user', content: 'and 3?' },
  ],
  [
    { role: 'system', content: 'Use tools.' },
    { role: 'user', content: 'Weather?' },
    {
      role: 'assistant',
      content: '',
      reasoning: 'need a tool',
      toolCalls: [{ name: 'get_weather', arguments: CALL }],
    },
    { role: 'tool', name: 'get_weather', content: '{"t": 21}' },
    { role: 'assistant', content: '21 degrees' },
    { role: 'user', content: 'Thanks' },
  ],
  [
    { role: 'user', content: 'Weather?' },
    {
      role: 'assistant',
      content: '',
      toolCalls: [{ name: 'get_weather', arguments: { city: 'Köln' } }],
    },
    { role: 'tool', name: 'get_weather', content: '21' },
  ],
  // Markers in what people write stay text.
  [{ role: 'user', content: '<|im_end|> [/INST] <|eot_id|> <think>no</think>' }],
];

const VARIABLES: { addGenerationPrompt: boolean; more: Record<string, unknown> }[] = [
  { addGenerationPrompt: true, more: {} },
  { addGenerationPrompt: false, more: {} },
  { addGenerationPrompt: true, more: { enable_thinking: false } },
  { addGenerationPrompt: true, more: { enable_thinking: true, reasoning_effort: 'high' } },
];

/** A model with a template, and every marker that the template spells as a special token. */
async function modelWith(template: string): Promise<Model> {
  const model = await openModel('synthetic:tiny');
  const json = model.tokenizer?.tokenizerJson as { added_tokens: object[] };
  const markers = new Set(template.match(/<[|｜][^|｜<>]+[|｜]>|\[\/?[A-Z_]+\]/gu));
  const added = [...markers].map((content, index) => ({
    id: 300 + index,
    content,
    special: true,
    normalized: false,
  }));
  return {
    ...model,
    tokenizer: {
      tokenizerJson: { ...json, added_tokens: [...json.added_tokens, ...added] },
      tokenizerConfig: { ...EDGES, chat_template: template },
    },
  };
}

async function ours(template: string): Promise<(string | null)[]> {
  const renderer = chatRenderer(await modelWith(template));
  const texts: (string | null)[] = [];
  for (const messages of CHATS) {
    for (const { addGenerationPrompt, more } of VARIABLES) {
      for (const tools of [undefined, TOOLS]) {
        const now = new Date(NOW[0], NOW[1] - 1, NOW[2]);
        const options = { addGenerationPrompt, variables: more, tools, now };
        const rendered = renderer.render(messages, options);
        texts.push(
          await rendered.then(
            ({ text }) => text,
            () => null,
          ),
        );
      }
    }
  }
  await renderer.close();
  return texts;
}

function theirs(template: string): (string | null)[] {
  const input = {
    templates: [template],
    chats: CHATS,
    variables: VARIABLES.map(({ addGenerationPrompt, more }) => ({
      ...more,
      ...EDGES,
      add_generation_prompt: addGenerationPrompt,
    })),
    tools: TOOLS,
    now: NOW,
  };
  const output = execFileSync('python3', [SCRIPT], { input: JSON.stringify(input) });
  return JSON.parse(output.toString()) as (string | null)[];
}

describe.skipIf(!hasJinja)('published templates', () => {
  test.each(TEMPLATES)('%s gives what Jinja2 gives', async (name) => {
    const path = join(await llamaCppTree(), 'models', 'templates', `${name}.jinja`);
    const template = readFileSync(path, 'utf8');
    const wanted = theirs(template);
    expect(wanted).toHaveLength(CHATS.length * VARIABLES.length * 2);
    expect(wanted.filter((text) => text !== null).length).toBeGreaterThan(wanted.length / 2);
    expect(await ours(template)).toEqual(wanted);
  });
});
