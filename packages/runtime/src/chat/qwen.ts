/**
 * Answers of Qwen: a call is JSON, or, from Qwen3-Coder on, tags around each argument.
 *
 *     <tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>
 *     <tool_call><function=add><parameter=a>1</parameter></function></tool_call>
 *
 * Source: the chat templates of Qwen3 and Qwen3-Coder.
 */
import type { AnswerFormat } from './answer-parser.ts';
import type { ToolCall } from './messages.ts';
import { callOf, parseJson, valueOf } from './read-call.ts';
import { TaggedAnswer } from './tagged-answer.ts';

export const QWEN: AnswerFormat = {
  name: 'qwen',
  isUsedBy: ({ template }) => template.includes('<think>') || template.includes('<tool_call>'),
  parser: (prompt) => new TaggedAnswer(prompt, readCall),
};

const FUNCTION = /^<function=([^<>\s]+)>([^]*)<\/function>$/;
const PARAMETER = /\s*<parameter=([^<>\s]+)>([^]*?)<\/parameter>/y;

function readCall(inside: string): ToolCall | undefined {
  const [, name, body] = FUNCTION.exec(inside) ?? [];
  if (name === undefined || body === undefined) return callOf(parseJson(inside));
  const values: [string, unknown][] = [];
  PARAMETER.lastIndex = 0;
  let end = 0;
  for (let match = PARAMETER.exec(body); match !== null; match = PARAMETER.exec(body)) {
    values.push([match[1] ?? '', valueOf((match[2] ?? '').replace(/^\n|\n$/g, ''))]);
    end = PARAMETER.lastIndex;
  }
  if (body.slice(end).trim() !== '') return undefined;
  return { name, arguments: Object.fromEntries(values) };
}
