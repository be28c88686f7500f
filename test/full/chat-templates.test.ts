/** Published chat templates, filled in by us and by Python's Jinja2: the same text, all of it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openModel } from '@wafer/runtime';
import type { ChatMessage, Model } from '@wafer/runtime';
import { chatRenderer } from '@wafer/runtime/internal';
import { renderTemplate } from '@wafer/text';
import { llamaCppTree } from './peers.ts';

const SCRIPT = fileURLToPath(new URL('render-templates.py', import.meta.url));
const hasJinja = spawnSync('python3', ['-c', 'import jinja2']).status === 0;
if (!hasJinja) console.warn('skipped: chat templates, as python3 with jinja2 is absent');

/** llama.cpp's collection of published templates. */
const TEMPLATES: Readonly<Record<string, string>> = hasJinja ? await publishedTemplates() : {};

async function publishedTemplates(): Promise<Record<string, string>> {
  const folder = join(await llamaCppTree(), 'models', 'templates');
  const files = readdirSync(folder).filter((name) => name.endsWith('.jinja'));
  return Object.fromEntries(
    files.map((name) => [basename(name, '.jinja'), readFileSync(join(folder, name), 'utf8')]),
  );
}

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

/** Messages as programs of Python hand them over, in shapes that ours does not take. */
const RAW_CHATS: object[][] = [
  [{ role: 'user', content: '' }],
  [
    { role: 'user', content: ' a\r\nb\n' },
    { role: 'assistant', content: '\n\n x \t' },
  ],
  [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'one' },
        { type: 'text', text: ' two' },
      ],
    },
  ],
  [{ role: 'user', content: [{ type: 'image' }, { type: 'text', text: 'what?' }] }],
  [
    { role: 'developer', content: 'Dev' },
    { role: 'user', content: 'Hi /no_think' },
  ],
  [
    { role: 'system', content: [{ type: 'text', text: 'sys' }] },
    { role: 'user', content: 'Hi' },
  ],
  [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
    { role: 'assistant', content: '<think>\nt\n</think>\n\nc' },
  ],
  asked(null, [rawCall({ city: 'Köln', f: 1e-7, deep: CALL })]),
  asked(null, [rawCall({}, 'call00000'), rawCall({ text: null }, 'call00001')]),
  asked(undefined, [rawCall('{"city": "Köln"}')]),
  asked('Sure', [rawCall({ s: `it's "q"\n`, l: [], d: {}, t: true, big: 2 ** 53 }, 'abcdefghi')]),
  [...asked('', [rawCall(CALL)]), { role: 'assistant', content: 'so', prefix: true }],
];

function rawCall(args: unknown, id = 'call00000'): object {
  return { type: 'function', id, function: { name: 'get_weather', arguments: args } };
}

function asked(content: unknown, calls: object[]): object[] {
  return [
    { role: 'user', content: 'Weather?' },
    { role: 'assistant', ...(content === undefined ? {} : { content }), tool_calls: calls },
    { role: 'tool', tool_call_id: 'call00000', name: 'get_weather', content: '21' },
  ];
}

const RAW_VARIABLES = RAW_CHATS.map((messages, index) => ({
  ...EDGES,
  messages,
  add_generation_prompt: index % 2 === 0,
  ...(index % 3 === 0 ? {} : { tools: TOOLS }),
}));

function python(input: object): (string | null)[] {
  const given = { chats: [], variables: [], raw: [], tools: TOOLS, now: NOW, ...input };
  const output = execFileSync('python3', ['-W', 'ignore', SCRIPT], {
    input: JSON.stringify(given),
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(output.toString()) as (string | null)[];
}

function theirs(template: string): (string | null)[] {
  const variables = VARIABLES.map(({ addGenerationPrompt, more }) => ({
    ...more,
    ...EDGES,
    add_generation_prompt: addGenerationPrompt,
  }));
  return python({ templates: [template], chats: CHATS, variables });
}

/** Those that go through the thread of templates too, with stand-ins: one or two of each family. */
const THREADED = [
  'Qwen-Qwen3-0.6B',
  'Qwen3-Coder',
  'Qwen3.5-4B',
  'openai-gpt-oss-120b',
  'GLM-4.6',
  'meta-llama-Llama-3.2-3B-Instruct',
  'mistralai-Mistral-Nemo-Instruct-2407',
  'Mistral-Small-3.2-24B-Instruct-2506',
  'deepseek-ai-DeepSeek-V3.1',
  'HuggingFaceTB-SmolLM3-3B',
];

describe.skipIf(!hasJinja)('published templates', () => {
  test.each(THREADED)('%s gives what Jinja2 gives', async (name) => {
    const template = TEMPLATES[name] ?? '';
    const wanted = theirs(template);
    expect(wanted).toHaveLength(CHATS.length * VARIABLES.length * 2);
    expect(await ours(template)).toEqual(wanted);
  });

  test('messages of any shape give what Jinja2 gives, and are refused where it refuses', () => {
    const templates = Object.values(TEMPLATES);
    const wanted = python({ templates, raw: RAW_VARIABLES });
    expect(wanted).toHaveLength(templates.length * RAW_CHATS.length);
    expect(wanted.filter((text) => text !== null).length).toBeGreaterThan(wanted.length / 2);
    const nowMs = new Date(NOW[0], NOW[1] - 1, NOW[2]).getTime();
    const given = templates.flatMap((template) =>
      RAW_VARIABLES.map((variables) => {
        const limits = { nowMs, stepsMax: 1e6, charactersMax: 1e6 };
        const result = renderTemplate({ template, variables, ...limits });
        return result.kind === 'text' ? result.text : null;
      }),
    );
    expect(given).toEqual(wanted);
  });
});
