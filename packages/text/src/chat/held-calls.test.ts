import { expect, test } from 'vitest';
import { Budget } from '../grammar/budget.ts';
import { compileForm } from '../grammar/form/compile-form.ts';
import { markForm, type FormPart } from '../grammar/form/form.ts';
import { GrammarReader, GrammarTables } from '../grammar/run/grammar-reader.ts';
import { makeTokenTrie } from '../grammar/run/token-trie.ts';
import { ANSWER_FORMATS } from './answer-formats.ts';
import { heldTools, type CallRule, type HeldTool } from './held-calls.ts';
import type { ChatMessage } from './messages.ts';
import { WholeAnswer } from './whole-answer.ts';

const encoder = new TextEncoder();
const TOOLS = [
  {
    type: 'function',
    function: {
      name: 'add',
      strict: true,
      parameters: {
        type: 'object',
        properties: {
          a: { type: 'integer', minimum: -9, maximum: 9 },
          kind: { enum: ['x', 'y<'] },
        },
        required: ['a', 'kind'],
        additionalProperties: false,
      },
    },
  },
  {
    type: 'function',
    function: {
      name: 'say',
      strict: true,
      parameters: {
        type: 'object',
        properties: { text: { type: 'string' }, loud: { type: 'boolean' } },
        required: ['text'],
        additionalProperties: false,
      },
    },
  },
  { type: 'function', function: { name: 'now' } },
];

/** What tells the calls of a format: texts of its template, and which of them are tokens. */
const STYLES: readonly [name: string, template: string, special: readonly string[]][] = [
  ['qwen', '<think> <tool_call>', ['<tool_call>', '</tool_call>']],
  ['qwen', '<think> <tool_call>', []],
  ['qwen', '<tool_call> <function=', ['<tool_call>', '</tool_call>']],
  ['glm', '<think> <tool_call> <arg_key>', ['<tool_call>', '<think>', '</think>']],
  ['mistral', '[TOOL_CALLS]', ['[TOOL_CALLS]']],
  ['mistral', '[THINK] [TOOL_CALLS] [ARGS]', ['[TOOL_CALLS]', '[ARGS]', '[THINK]', '[/THINK]']],
  ['llama', '<|python_tag|>', ['<|python_tag|>']],
  ['deepseek', '<think> ```json <｜tool▁calls▁begin｜>', ['<｜tool▁calls▁begin｜>']],
  ['deepseek', '<｜tool▁calls▁begin｜>', ['<｜tool▁calls▁begin｜>', '<｜tool▁call▁end｜>']],
  ['command', '<|START_ACTION|>', ['<|START_ACTION|>', '<|END_ACTION|>']],
  ['command', 'Action: ```json "tool_name"', []],
  ['phi', '<|/tool_call|>', ['<|tool_call|>', '<|/tool_call|>']],
  ['granite', '<|tool_call|>', ['<|tool_call|>']],
  ['nemotron', '<TOOLCALL>', ['<TOOLCALL>']],
  ['firefunction', 'functools', ['functools']],
  [
    'harmony',
    '',
    ['<|start|>', '<|end|>', '<|channel|>', '<|message|>', '<|constrain|>', '<|call|>'],
  ],
];

/** Texts that end what was begun, as tokens of their own, so that random answers end soon. */
const CLOSERS = [
  ...['</think>\n\n', '</think>', '<tool_call>', '<｜tool▁calls▁begin｜>', '"}', '", "', '</'],
  ...[
    '{"',
    '{"n',
    '{"na',
    '{"name',
    '｜',
    '▁',
    '\n</parameter>\n',
    '</arg_value>\n',
    'Action: ```json',
    '<|tool_call|>',
    '[TOOL_CALLS]',
  ],
];

interface Vocabulary {
  texts: readonly string[];
  special: ReadonlyMap<string, number>;
  trie: ReturnType<typeof makeTokenTrie>;
  bytesOf: (token: number) => Uint8Array;
}

function vocabularyOf(special: readonly string[]): Vocabulary {
  const texts = CLOSERS.filter((text) => !special.includes(text));
  const parts = [...Array(256).keys()].map((byte) => Uint8Array.of(byte));
  for (const text of texts) parts.push(encoder.encode(text));
  const first = parts.length;
  for (const _ of special) parts.push(new Uint8Array(0));
  const offsets = new Uint32Array(parts.length + 1);
  parts.forEach((part, i) => (offsets[i + 1] = offsets[i]! + part.length));
  return {
    texts: [...parts.slice(0, first).map((part) => Buffer.from(part).toString()), ...special],
    special: new Map(special.map((text, i) => [text, first + i])),
    trie: makeTokenTrie({ offsets, bytes: new Uint8Array(Buffer.concat(parts)) }),
    bytesOf: (token) => parts[token]!,
  };
}

function formOf(
  [name, template, special]: (typeof STYLES)[number],
  rule: Partial<CallRule>,
): { form: FormPart; read: (parts: readonly string[]) => ChatMessage } {
  const format = ANSWER_FORMATS.find((one) => one.name === name)!;
  const facts = { template, special: new Map(special.map((text, i) => [text, i])) };
  expect(ANSWER_FORMATS.find((one) => one.isUsedBy(facts))?.name).toBe(name);
  const tools = heldTools(TOOLS);
  const whole = { tools, isRequired: true, isParallel: true, content: undefined, prompt: '' };
  const form = format.calls({ ...whole, template, ...rule })!;
  const read = (parts: readonly string[]): ChatMessage => {
    const answer = new WholeAnswer();
    const parser = format.parser(rule.prompt ?? '', TOOLS);
    for (const part of parts) answer.add(parser.push(part));
    answer.add(parser.finish());
    return answer.message;
  };
  return { form, read };
}

/** Random answers that a form allows, as tokens; undefined where one became too long. */
function* answersOf(form: FormPart, vocabulary: Vocabulary, count: number): Generator<string[]> {
  const { trie, bytesOf: tokenBytes, special, texts } = vocabulary;
  const program = compileForm(markForm(form, special), new Budget());
  const tables = new GrammarTables(program, { trie, tokenBytes });
  let state = 1;
  const random = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  for (let i = 0; i < count; i++) {
    const reader = new GrammarReader(tables, []);
    const answer: string[] = [];
    while (!reader.isOver && answer.length < 3000) {
      if (reader.isComplete && (random(12) === 0 || answer.length > 200)) break;
      const mask = reader.mask();
      const may = [...texts.keys()].filter((id) => ((mask[id >>> 5]! >>> (id & 31)) & 1) === 1);
      // A vocabulary of single bytes makes half characters; random answers keep to whole ones.
      const whole = may.filter((id) => id < 128 || id >= 256);
      const long = whole.filter((id) => id >= 256);
      const from = long.length > 0 && random(3) > 0 ? long : whole;
      const token = from[random(from.length)]!;
      reader.accept(token);
      answer.push(texts[token]!);
    }
    expect(reader.isComplete).toBe(true);
    yield answer;
  }
}

function isRight({ name, arguments: given }: { name: string; arguments: object }): boolean {
  const { a, kind, text, loud = true, ...more } = given as Record<string, unknown>;
  if (Object.keys(more).length > 0) return false;
  if (name === 'add') return Number.isInteger(a) && ['x', 'y<'].includes(kind as string);
  if (name === 'say') return typeof text === 'string' && typeof loud === 'boolean';
  return name === 'now' && Object.keys(given).length === 0;
}

test.each(STYLES)('%s (%s): an answer that must call calls, whatever is picked', (...style) => {
  const vocabulary = vocabularyOf(style[2]);
  for (const isParallel of [true, false]) {
    const { form, read } = formOf(style, { isParallel });
    const counts = new Set<number>();
    for (const answer of answersOf(form, vocabulary, 8)) {
      const { toolCalls = [], content } = read(answer);
      expect(toolCalls.length, answer.join('')).toBeGreaterThan(0);
      expect(toolCalls.every(isRight), answer.join('')).toBe(true);
      if (style[0] !== 'harmony') expect(content.trim()).toBe('');
      counts.add(toolCalls.length);
      // However it is cut, it is the same.
      expect(read([answer.join('')])).toEqual(read(answer));
    }
    if (!isParallel) expect([...counts]).toEqual([1]);
    else if (style[0] !== 'harmony') expect(Math.max(...counts)).toBeGreaterThan(1);
  }
});

test.each(STYLES)('%s (%s): an answer that may call is held once a call opens', (...style) => {
  const vocabulary = vocabularyOf(style[2]);
  const { form, read } = formOf(style, { isRequired: false });
  let [callCount, textCount] = [0, 0];
  for (const answer of answersOf(form, vocabulary, 16)) {
    const { toolCalls = [], content } = read(answer);
    expect(toolCalls.every(isRight), answer.join('')).toBe(true);
    if (toolCalls.length > 0) callCount++;
    if (content !== '') textCount++;
  }
  expect(callCount * textCount).toBeGreaterThan(0);
});

test('thinking that the prompt began, or may begin, is no part of what is held', () => {
  const style = STYLES[0]!;
  const vocabulary = vocabularyOf(style[2]);
  const { form, read } = formOf(style, { prompt: 'so: <think>\n' });
  for (const answer of answersOf(form, vocabulary, 6)) {
    expect(answer.join('')).toContain('</think>');
    expect(read(answer).toolCalls!.every(isRight)).toBe(true);
  }
});

test('an answer without calls has the content that was asked for', () => {
  const content: FormPart = { json: { type: 'integer', minimum: 1, maximum: 9 }, path: '' };
  for (const style of [STYLES[0]!, STYLES[6]!, STYLES[11]!]) {
    const { form, read } = formOf(style, { isRequired: false, content });
    for (const answer of answersOf(form, vocabularyOf(style[2]), 6)) {
      const { toolCalls = [], content: said } = read(answer);
      if (toolCalls.length === 0) expect(said, style[0]).toMatch(/^[1-9]$/);
      else expect(toolCalls.every(isRight)).toBe(true);
    }
  }
});

test('what cannot stand between tags is refused where it is strict', () => {
  const parameters = { type: 'object', properties: { a: { type: 'string', pattern: '^a$' } } };
  const tools = (strict: boolean): CallRule['tools'] =>
    heldTools([{ type: 'function', function: { name: 'f', strict, parameters } }]);
  const [glm] = STYLES.filter(([name]) => name === 'glm');
  const format = ANSWER_FORMATS.find(({ name }) => name === 'glm')!;
  const rule = { isRequired: true, isParallel: true, content: undefined, prompt: '' };
  const of = (strict: boolean): FormPart | undefined =>
    format.calls({ ...rule, template: glm![1], tools: tools(strict) });
  expect([of(true) === undefined, of(false) === undefined]).toEqual([true, false]);
});

test.each(['qwen', 'glm'])('%s: tags hold what they can of a tool that is not strict', (name) => {
  const style = STYLES.findLast(([one]) => one === name)!;
  const open = { properties: { color: { type: 'string' } }, minProperties: 2 };
  const deep = { type: 'array', uniqueItems: true, contains: { format: 'color' } };
  const closed = { properties: { list: deep }, required: ['list'] };
  for (const parameters of [open, closed, true, { $ref: '#/$defs/x', $defs: { x: open } }]) {
    const tools = (strict: boolean): HeldTool[] =>
      heldTools([{ type: 'function', function: { name: 'f', strict, parameters } }]);
    const { form, read } = formOf(style, { tools: tools(false) });
    for (const answer of answersOf(form, vocabularyOf(style[2]), 4)) {
      const { toolCalls = [] } = read(answer);
      expect(toolCalls.length, answer.join('')).toBeGreaterThan(0);
      const lists = toolCalls.map(({ arguments: given }) => (given as { list?: unknown }).list);
      if (parameters === closed) expect(lists.every(Array.isArray), answer.join('')).toBe(true);
    }
    const strict = formOf(style, { tools: tools(true) }).form;
    const compile = (): unknown => compileForm(strict, new Budget());
    if (parameters === closed) expect(compile).toThrow(/parameters\.properties\.list/);
    else expect(strict).toBeUndefined();
  }
});

test('a schema that is not enforced is refused if strict; else any object goes', () => {
  const parameters = { type: 'object', properties: { a: { type: 'string', format: 'color' } } };
  const compile = (strict: boolean): unknown => {
    const tools = heldTools([{ type: 'function', function: { name: 'f', strict, parameters } }]);
    const { form } = formOf(STYLES[0]!, { tools });
    return compileForm(form, new Budget());
  };
  expect(() => compile(true)).toThrow(/tools\[0\]\.function\.parameters/);
  expect(compile(false)).toBeDefined();
});
