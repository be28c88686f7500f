import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANSWER_FORMATS, answerFormat } from './answer-formats.ts';
import type { AnswerFormat } from './answer-parser.ts';
import { WholeAnswer } from './chat.ts';
import type { ChatMessage } from './messages.ts';

const formatOf = (name: string): AnswerFormat => {
  const format = ANSWER_FORMATS.find((known) => known.name === name);
  if (format === undefined) throw new Error(name);
  return format;
};

function parse(name: string, parts: readonly string[], prompt = ''): ChatMessage {
  const parser = formatOf(name).parser(prompt);
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
  ['harmony', 'no header at all', { content: 'no header at all' }],
  ['plain', '<think>x', { content: '<think>x' }],
])('%s: %s', (name, text, expected) => {
  expect(parse(name, [text])).toEqual({ role: 'assistant', ...expected });
});

test.each([
  ['qwen', 'a <tool_call>{"name": 1}</tool_call> b'],
  ['qwen', '<tool_call>{"name": "add", "arguments": {'],
  ['glm', '<tool_call>add <arg_key>a</arg_key></tool_call>'],
  ['qwen', 'a </think> b <think> c </tool_call>'],
])('%s: what has not the form of the format is content: %s', (name, text) => {
  expect(parse(name, [text])).toEqual({ role: 'assistant', content: text });
});

test('thinking that the prompt began goes on in the answer', () => {
  const message = parse('qwen', ['hm</think>four'], 'assistant\n<think>\n');
  expect(message).toEqual({ role: 'assistant', reasoning: 'hm', content: 'four' });
});

test('where the prompt has closed thinking, space before the answer is not part of it', () => {
  const message = parse('glm', ['\n', 'four'], 'assistant\n<think></think>');
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
        expect(parse(name, parts, prompt)).toEqual(parse(name, [text], prompt));
      }),
      { numRuns: 300, seed: 5 },
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
});
