/**
 * Answers of Qwen and Hermes: a call is JSON, or, from Qwen3-Coder on, tags around each argument.
 *
 *     <tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>
 *     <tool_call><function=add><parameter=a>1</parameter></function></tool_call>
 *
 * Models often leave out the opening tag of the second form, so `<function=` begins a call too.
 *
 * Source: the chat templates of Qwen3, Qwen3-Coder and of Functionary 3.1, whose calls are
 * `<function=f>{…}</function>`.
 */
import type { FormPart } from '../grammar/form/form.ts';
import type { AnswerFormat } from './answer-parser.ts';
import { all, callObject, oneOf, styledCalls, text } from './held-calls.ts';
import type { CallStyle, HeldTool } from './held-calls.ts';
import type { ToolCall } from './messages.ts';
import { allCalls, callOf, isInJsonText, parseJson, parseJsons, valueOf } from './read-call.ts';
import { TaggedAnswer } from './tagged-answer.ts';
import { taggedValues } from './tagged-values.ts';
import { ToolSchemas } from './tool-schemas.ts';

/** A template that has one of them writes answers with tags. */
const TAGS = ['<think>', '<tool_call>', '<function='];

export const QWEN: AnswerFormat = {
  name: 'qwen',
  isUsedBy: ({ template }) => TAGS.some((tag) => template.includes(tag)),
  parser: (prompt, tools) => {
    const schemas = new ToolSchemas(tools);
    const readCalls = (inside: string): ToolCall[] | undefined => read(inside, schemas);
    return new TaggedAnswer({ prompt, readCalls, isOpen, hasBareCalls: true });
  },
  calls: (rule) => {
    if (!rule.template.includes('<function=')) return styledCalls(HERMES, rule);
    const bodies = rule.tools.map((tool) => taggedCall(tool));
    if (bodies.includes(undefined)) return undefined;
    const body = oneOf(bodies as FormPart[]);
    return styledCalls({ ...HERMES, inside: () => body }, rule);
  },
};

const HERMES: CallStyle = {
  opening: '<tool_call>',
  others: ['<function='],
  inside: (tools) =>
    all(
      text('\n'),
      callObject(tools, { name: 'name', values: 'arguments' }),
      text('\n</tool_call>'),
    ),
  between: '\n',
  thinking: { opening: '<think>', closing: '</think>' },
};

/** A call of Qwen3-Coder, behind its opening tag. */
function taggedCall(tool: HeldTool): FormPart | undefined {
  const values = taggedValues(tool, {
    opening: '<parameter=',
    named: '>\n',
    after: '\n</parameter>\n',
  });
  if (values === undefined) return undefined;
  const end = text('</function>\n</tool_call>');
  return all(text(`\n<function=${tool.name}>\n`), values, end);
}

/** A body may hold the closing tag's text: it ends where another call begins, or the end. */
const FUNCTION = /\s*<function=([^<>\s]+)>([^]*?)<\/function>(?=\s*(?:<function=|$))/y;
/** A value may hold the closing tag's text: it ends where another parameter begins, or the end. */
const PARAMETER = /\s*<parameter=([^<>\s]+)>([^]*?)<\/parameter>(?=\s*(?:<parameter=|$))/y;

/** One call, or several between one pair of tags. */
function read(inside: string, schemas: ToolSchemas): ToolCall[] | undefined {
  const calls: (ToolCall | undefined)[] = [];
  if (!inside.startsWith('<function=')) {
    const values = parseJsons(inside) ?? [];
    for (const value of values.flat()) calls.push(callOf(value, schemas));
    return allCalls(calls);
  }
  FUNCTION.lastIndex = 0;
  let end = 0;
  for (let match = FUNCTION.exec(inside); match !== null; match = FUNCTION.exec(inside)) {
    const [, name = '', body = ''] = match;
    calls.push(readTagged(name, body, schemas));
    end = FUNCTION.lastIndex;
  }
  return end === inside.length ? allCalls(calls) : undefined;
}

function readTagged(name: string, body: string, schemas: ToolSchemas): ToolCall | undefined {
  if (body.trim().startsWith('{'))
    return callOf({ name, arguments: parseJson(body) ?? null }, schemas);
  const values: [string, unknown][] = [];
  PARAMETER.lastIndex = 0;
  let end = 0;
  for (let match = PARAMETER.exec(body); match !== null; match = PARAMETER.exec(body)) {
    const [, key = '', value = ''] = match;
    values.push([key, valueOf(value.replace(/^\n|\n$/g, ''), schemas.of(name).named(key))]);
    end = PARAMETER.lastIndex;
  }
  if (body.slice(end).trim() !== '') return undefined;
  return { name, arguments: Object.fromEntries(values) };
}

function isInParameter(text: string): boolean {
  return text.lastIndexOf('<parameter=') > text.lastIndexOf('</parameter>');
}

/** Whether a closing tag here is part of an argument's text. */
function isOpen(inside: string): boolean {
  const text = inside.trimStart();
  if (text.startsWith('<function=')) return isInParameter(text);
  return isInJsonText(text);
}
