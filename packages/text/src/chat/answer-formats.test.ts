import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANSWER_FORMATS, answerFormat } from './answer-formats.ts';
import type { AnswerFormat } from './answer-parser.ts';
import { WholeAnswer } from './whole-answer.ts';
import type { ChatMessage } from './messages.ts';

const formatOf = (name: string): AnswerFormat => {
  const format = ANSWER_FORMATS.find((known) => known.name === name);
  if (format === undefined) throw new Error(name);
  return format;
};

function parse(
  name: string,
  parts: readonly string[],
  { prompt = '', tools = [] }: { prompt?: string; tools?: readonly object[] } = {},
): ChatMessage {
  const parser = formatOf(name).parser(prompt, tools);
  const whole = new WholeAnswer();
  for (const part of parts) whole.add(parser.push(part));
  whole.add(parser.finish());
  return whole.message;
}

const ADD = [{ name: 'add', arguments: { a: 1, b: 'two' } }];

test.each([
  ['qwen', '<think>\nhm\n</think>\n\nfour', { reasoning: 'hm', content: 'four' }],
  [
    'qwen',
    'so:\n<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": "two"}}\n</tool_call>\n',
    { content: 'so:', toolCalls: ADD },
  ],
  [
    'qwen',
    '<tool_call><function=add><parameter=a>\n1\n</parameter>\n<parameter=b>two</parameter>' +
      '</function></tool_call>',
    { content: '', toolCalls: ADD },
  ],
  [
    'glm',
    '<think>hm</think><tool_call>add\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n' +
      '<arg_key>b</arg_key><arg_value>two</arg_value></tool_call>',
    { reasoning: 'hm', content: '', toolCalls: ADD },
  ],
  [
    'harmony',
    '<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary ' +
      'to=functions.add <|constrain|>json<|message|>{"a":1,"b":"two"}<|call|>',
    { reasoning: 'hm', content: '', toolCalls: ADD },
  ],
  [
    'harmony',
    '<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>four',
    { reasoning: 'hm', content: 'four' },
  ],
  [
    'harmony',
    '<|channel|>commentary<|message|>so<|end|><|start|>assistant<|channel|>commentary ' +
      'to=functions.add<|message|>{"a":1,"b":"two"}<|call|><|start|>assistant<|channel|>' +
      'commentary to=functions.add<|message|>{"a":1,"b":"two"}',
    { content: 'so', toolCalls: [...ADD, ...ADD] },
  ],
  [
    'deepseek',
    '<think>hm</think>so<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n' +
      '```json\n{"a": 1, "b": "two"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    { reasoning: 'hm', content: 'so', toolCalls: ADD },
  ],
  [
    'deepseek',
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{"a": 1, "b": "two"}' +
      '<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>say<｜tool▁sep｜>{"text": "<｜tool▁calls▁end｜>"}' +
      '<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    {
      content: '',
      toolCalls: [...ADD, { name: 'say', arguments: { text: '<｜tool▁calls▁end｜>' } }],
    },
  ],
  [
    'deepseek',
    '<｜tool▁calls▁begin｜>none of it<｜tool▁calls▁end｜>',
    { content: '<｜tool▁calls▁begin｜>none of it<｜tool▁calls▁end｜>' },
  ],
  [
    'command',
    '<|START_THINKING|>hm<|END_THINKING|><|START_ACTION|>[\n {"tool_call_id": "0", ' +
      '"tool_name": "add", "parameters": {"a": 1, "b": "two"}}\n]<|END_ACTION|>',
    { reasoning: 'hm', content: '', toolCalls: [{ ...ADD[0], id: '0' }] },
  ],
  ['command', '<|START_RESPONSE|>four<|END_RESPONSE|>', { content: 'four' }],
  [
    'command',
    'Action: ```json\n[{"tool_name": "add", "parameters": {"a": 1, "b": "two"}}]\n```',
    { content: '', toolCalls: ADD },
  ],
  [
    'command',
    'Action: ```json\n[{"tool_name": "directly_answer", "parameters": {}}]\n```\nfour',
    { content: 'four' },
  ],
  [
    'phi',
    '<|tool_call|>[{"name": "add", "arguments": {"a": 1, "b": "two"}}]<|/tool_call|>',
    { content: '', toolCalls: ADD },
  ],
  [
    'granite',
    '<|tool_call|> [{"name": "add", "arguments": {"a": 1, "b": "two"}}]\nand more',
    { content: 'and more', toolCalls: ADD },
  ],
  [
    'nemotron',
    'so <TOOLCALL>[{"name": "add", "arguments": {"a": 1, "b": "two"}}]</TOOLCALL>',
    { content: 'so', toolCalls: ADD },
  ],
  [
    'firefunction',
    ' functools[{"name": "add", "arguments": {"a": 1, "b": "two"}}]',
    { content: '', toolCalls: ADD },
  ],
  ['firefunction', 'use functools[0]', { content: 'use functools[0]' }],
  [
    'qwen',
    '<tool_call>{"name": "add", "arguments": "{\\"a\\": 1, \\"b\\": \\"two\\"}"}</tool_call>',
    { content: '', toolCalls: ADD },
  ],
  [
    'qwen',
    'so:\n<tool_call>{"name": "add", "arguments": {"a": 1, "b": "two"}}\n' +
      '{"name": "say", "arguments": {"text": "</tool_call>"}}</tool_call>\n\nDone.\n',
    {
      content: 'so:\nDone.\n',
      toolCalls: [...ADD, { name: 'say', arguments: { text: '</tool_call>' } }],
    },
  ],
  [
    'qwen',
    '<tool_call>\n<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\n' +
      'two\n</parameter>\n</function>\n<function=now>\n</function>\n</tool_call>',
    { content: '', toolCalls: [...ADD, { name: 'now', arguments: {} }] },
  ],
  [
    'qwen',
    '<tool_call>[{"type": "function", "function": {"name": "add", "arguments": ' +
      '{"a": 1, "b": "two"}}}, {"name": "now", "arguments": ""}]</tool_call>',
    { content: '', toolCalls: [...ADD, { name: 'now', arguments: {} }] },
  ],
  [
    'harmony',
    '<|channel|>commentary to=functions.now<|message|><|call|>',
    { content: '', toolCalls: [{ name: 'now', arguments: {} }] },
  ],
  [
    'mistral',
    'so[TOOL_CALLS]add[ARGS]{"a": 1, "b": "two"} and more',
    { content: 'so and more', toolCalls: ADD },
  ],
  ['granite', '<|tool_call|>[{"name": 1}]', { content: '<|tool_call|>[{"name": 1}]' }],
  ['harmony', 'no header at all', { content: 'no header at all' }],
  ['plain', '<think>x', { content: '<think>x' }],
  [
    'qwen',
    'I will look.\n\n<function=add>\n<parameter=a>\n1\n</parameter>\n' +
      '<parameter=b>\ntwo\n</parameter>\n</function>\n</tool_call>',
    { content: 'I will look.', toolCalls: ADD },
  ],
  [
    'qwen',
    '<function=add>{"a": 1, "b": "two"}</function>\nand more',
    { content: 'and more', toolCalls: ADD },
  ],
  [
    'qwen',
    '<tool_call>{"name": "say", "arguments": {"text": "</tool_call> or <tool_call>"}}</tool_call>',
    {
      content: '',
      toolCalls: [{ name: 'say', arguments: { text: '</tool_call> or <tool_call>' } }],
    },
  ],
  [
    'qwen',
    '<tool_call>\n<function=say>\n<parameter=text>\n<parameter> </tool_call>\n</parameter>\n' +
      '</function></tool_call>',
    { content: '', toolCalls: [{ name: 'say', arguments: { text: '<parameter> </tool_call>' } }] },
  ],
  [
    'qwen',
    '<tool_call>{"name": "add", "arguments": {"a": "}}</tool_call>\n' +
      '<tool_call>{"name": "add", "arguments": {"a": 1, "b": "two"}}</tool_call>',
    {
      content: '<tool_call>{"name": "add", "arguments": {"a": "}}</tool_call>',
      toolCalls: ADD,
    },
  ],
  [
    'qwen',
    'so <tool_call>{"name": "add", "arguments": {"a": 1, "b": "two"}}',
    { content: 'so', toolCalls: ADD },
  ],
  ['llama', '{"name": "add", "parameters": {"a": 1, "b": "two"}}', { content: '', toolCalls: ADD }],
  [
    'llama',
    'so: <|python_tag|>{"name": "add", "parameters": {"a": 1, "b": "two"}}; ' +
      '{"name": "add", "parameters": {"a": 1, "b": "two"}}<|eom_id|>',
    { content: 'so: ', toolCalls: [...ADD, ...ADD] },
  ],
  ['llama', '[add(a=1, b="two")]', { content: '', toolCalls: ADD }],
  [
    'llama',
    "<|python_start|>[f(x=[1, -2.5], y={'k': None}, z=True), g()]<|python_end|>",
    {
      content: '',
      toolCalls: [
        { name: 'f', arguments: { x: [1, -2.5], y: { k: null }, z: true } },
        { name: 'g', arguments: {} },
      ],
    },
  ],
  ['llama', '{"name": "Ada"}', { content: '{"name": "Ada"}' }],
  ['llama', '[1, 2] is a list', { content: '[1, 2] is a list' }],
  [
    'mistral',
    '[TOOL_CALLS] [{"name": "add", "arguments": {"a": 1, "b": "two"}, "id": "123456789"}]',
    { content: '', toolCalls: [{ ...ADD[0], id: '123456789' }] },
  ],
  [
    'mistral',
    '[THINK]hm[/THINK]so[TOOL_CALLS]add[ARGS]{"a": 1, "b": "two"}' +
      '[TOOL_CALLS]say[CALL_ID]abcdefghi[ARGS]{"text": "[TOOL_CALLS]"}',
    {
      reasoning: 'hm',
      content: 'so',
      toolCalls: [...ADD, { name: 'say', arguments: { text: '[TOOL_CALLS]' }, id: 'abcdefghi' }],
    },
  ],
])('%s: %s', (name, text, expected) => {
  expect(parse(name, [text])).toEqual({ role: 'assistant', ...expected });
});

test.each([
  ['qwen', 'a <tool_call>{"name": 1}</tool_call> b'],
  ['qwen', '<tool_call>\n<tool_call>{"name": 1}</tool_call>'],
  ['qwen', '<tool_call>{"name": "add"}\nand more</tool_call>'],
  ['qwen', '<tool_call>{"name": "add", "arguments": {'],
  ['glm', '<tool_call>add <arg_key>a</arg_key></tool_call>'],
  ['qwen', 'a </think> b <think> c </tool_call>'],
  ['qwen', 'The tag <function=x> begins a call.'],
  ['qwen', '<function=x>\n<parameter=a>\n1\n</parameter>\n'],
  ['qwen', '<function=x</function> </tool_call>'],
  ['qwen', '<function=x>\n<parameter=a>\n1\n</function>'],
  ['harmony', '<|channel|>commentary to=functions.add<|message|>{"a": 1<|call|>'],
  ['harmony', '<|channel|>commentary to=functions.add Hello there<|end|>'],
  ['harmony', '<|start|>assistant<|channel|>final'],
  ['harmony', 'Hello there<|message|>you'],
  ['harmony', '<|channel|>Well, hello<|message|>you'],
  ['mistral', '[TOOL_CALLS]add[ARGS]{"a": 1'],
  ['mistral', '[TOOL_CALLS] I would call a tool'],
  ['llama', '{"name": "add", "parameters": {"a": 1}'],
  ['llama', '<|python_tag|>print(1)'],
  ['llama', '[add(a=b)]'],
])('%s: what has not the form of the format is content: %s', (name, text) => {
  expect(parse(name, [text])).toEqual({ role: 'assistant', content: text });
});

test('thinking that the prompt began goes on in the answer', () => {
  const message = parse('qwen', ['hm</think>four'], { prompt: 'assistant\n<think>\n' });
  expect(message).toEqual({ role: 'assistant', reasoning: 'hm', content: 'four' });
});

test('where the prompt has closed thinking, space before the answer is not part of it', () => {
  const message = parse('glm', ['\n', 'four'], { prompt: 'assistant\n<think></think>' });
  expect(message).toEqual({ role: 'assistant', content: 'four' });
});

const WORDS = [
  '<think>',
  '</think>',
  '<tool_call>',
  '</tool_call>',
  '<arg_key>',
  '</arg_key>',
  '<arg_value>',
  '</arg_value>',
  '<|start|>',
  '<|channel|>',
  '<|message|>',
  '<|end|>',
  '<|call|>',
  'assistant',
  'analysis',
  'final',
  ' to=functions.f',
  '{"name": "f", "arguments": {}}',
  '{}',
  '<',
  '<th',
  '\n',
  ' ',
  'a',
  'é',
  '<function=f>',
  '</function>',
  '<parameter=p>',
  '</parameter>',
  '<|python_tag|>',
  '[f(x=1)]',
  '[TOOL_CALLS]',
  '[ARGS]',
  '[THINK]',
  '[/THINK]',
  '{"name": "f", "parameters": {"é": "[TOOL_CALLS]</tool_call>"}}',
  '<｜tool▁calls▁begin｜>',
  '<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{"x": 1}\n```<｜tool▁call▁end｜>',
  '<｜tool▁call▁begin｜>f<｜tool▁sep｜>{"x": "<｜tool▁calls▁end｜>"}<｜tool▁call▁end｜>',
  '<｜tool▁calls▁end｜>',
  '<|START_ACTION|>',
  '<|END_ACTION|>',
  '<|START_RESPONSE|>',
  '<|END_THINKING|>',
  'Action: ```json',
  '```',
  '[{"tool_name": "f", "parameters": {"é": "```<|END_ACTION|>"}}]',
  '<|tool_call|>',
  '<|/tool_call|>',
  '<TOOLCALL>',
  '</TOOLCALL>',
  'functools',
  '[{"name": "f", "arguments": "{}"}]',
  'x'.repeat(300),
];

test.each(ANSWER_FORMATS.map(({ name }) => name))(
  '%s: an answer in any cuts is parsed as the whole one, and nothing throws',
  (name) => {
    const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 });
    const words = fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 4 })));
    fc.assert(
      fc.property(words, cuts, fc.boolean(), (list, sizes, isOpen) => {
        const text = list.join('');
        const parts: string[] = [];
        for (let at = 0, turn = 0; at < text.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          parts.push(text.slice(at, at + size));
          at += size;
        }
        const prompt = isOpen ? '<think>\n' : '';
        expect(parse(name, parts, { prompt })).toEqual(parse(name, [text], { prompt }));
      }),
      { numRuns: 300, seed: 5 },
    );
  },
);

/** How many letters of a kind that no marker holds. */
const letterCount = (text: string): number => text.match(/[é☃]/g)?.length ?? 0;

test.each(ANSWER_FORMATS.map(({ name }) => name))(
  '%s: whatever is written is said somewhere, in any form',
  (name) => {
    const letters = fc.constantFrom('é', '☃', ' é', '\n☃', '"é"', '{"☃": "é"}');
    const words = fc.array(fc.oneof(fc.constantFrom(...WORDS), letters), { maxLength: 12 });
    fc.assert(
      fc.property(words, (list) => {
        const text = list.join('');
        const said = letterCount(JSON.stringify(parse(name, [text])));
        expect(said).toBe(letterCount(text));
      }),
      { numRuns: 1000, seed: 9 },
    );
  },
);

test('the format is told by markers of the template and the vocabulary', () => {
  const name = (template: string, ...special: string[]): string =>
    answerFormat({ template, special: new Map(special.map((text, id) => [text, id])) }).name;
  expect(name('', '<|channel|>', '<|message|>')).toBe('harmony');
  expect(name('<tool_call><arg_key>')).toBe('glm');
  expect(name("content.split('</think>') <think>")).toBe('qwen');
  expect(name('<|im_start|>')).toBe('plain');
  expect(name('', '[TOOL_CALLS]')).toBe('mistral');
  expect(name('<think>', '<｜tool▁calls▁begin｜>')).toBe('deepseek');
  expect(name('', '<|START_ACTION|>')).toBe('command');
  expect(name('Action: ```json [{"tool_name": …')).toBe('command');
  expect(name('<|tool_call|><|/tool_call|>')).toBe('phi');
  expect(name('', '<|tool_call|>')).toBe('granite');
  expect(name('', '<|python_tag|>')).toBe('llama');
  expect(name('<|python_tag|> <function=name>{}</function>')).toBe('qwen');
  expect(name('<TOOLCALL>')).toBe('nemotron');
  expect(name('functools[')).toBe('firefunction');
});
