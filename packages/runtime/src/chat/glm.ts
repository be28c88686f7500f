/**
 * Answers of GLM-4.5 and later: a call is a name, then keys and values in tags.
 *
 *     <tool_call>add
 *     <arg_key>a</arg_key>
 *     <arg_value>1</arg_value>
 *     </tool_call>
 *
 * Source: the chat template of GLM-4.5.
 */
import type { AnswerFormat } from './answer-parser.ts';
import type { ToolCall } from './messages.ts';
import { valueOf } from './read-call.ts';
import { TaggedAnswer } from './tagged-answer.ts';

export const GLM: AnswerFormat = {
  name: 'glm',
  isUsedBy: ({ template }) => template.includes('<arg_key>'),
  parser: (prompt) => new TaggedAnswer(prompt, readCall),
};

const NAME = /^[^<>\s]+/;
const PAIR = /\s*<arg_key>([^]*?)<\/arg_key>\s*<arg_value>([^]*?)<\/arg_value>/y;

function readCall(inside: string): ToolCall | undefined {
  const name = NAME.exec(inside)?.[0];
  if (name === undefined) return undefined;
  const values: [string, unknown][] = [];
  let end = name.length;
  PAIR.lastIndex = end;
  for (let match = PAIR.exec(inside); match !== null; match = PAIR.exec(inside)) {
    values.push([(match[1] ?? '').trim(), valueOf(match[2] ?? '')]);
    end = PAIR.lastIndex;
  }
  if (inside.slice(end).trim() !== '') return undefined;
  return { name, arguments: Object.fromEntries(values) };
}
