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
import type { FormPart } from '../grammar/form/form.ts';
import type { AnswerFormat } from './answer-parser.ts';
import { all, oneOf, styledCalls, text, type CallStyle, type HeldTool } from './held-calls.ts';
import type { ToolCall } from './messages.ts';
import { valueOf } from './read-call.ts';
import { TaggedAnswer } from './tagged-answer.ts';
import { taggedValues } from './tagged-values.ts';
import { ToolSchemas } from './tool-schemas.ts';

export const GLM: AnswerFormat = {
  name: 'glm',
  isUsedBy: ({ template }) => template.includes('<arg_key>'),
  parser: (prompt, tools) => {
    const schemas = new ToolSchemas(tools);
    const readCalls = (inside: string): ToolCall[] | undefined => {
      const call = read(inside, schemas);
      return call && [call];
    };
    return new TaggedAnswer({ prompt, readCalls, isOpen, hasBareCalls: false });
  },
  calls: (rule) => {
    const bodies = rule.tools.map((tool) => taggedCall(tool));
    if (bodies.includes(undefined)) return undefined;
    return styledCalls({ ...STYLE, inside: () => oneOf(bodies as FormPart[]) }, rule);
  },
};

const STYLE: Omit<CallStyle, 'inside'> = {
  opening: '<tool_call>',
  between: '\n',
  thinking: { opening: '<think>', closing: '</think>' },
};

/** A call behind its opening tag. */
function taggedCall(tool: HeldTool): FormPart | undefined {
  const values = taggedValues(tool, {
    opening: '<arg_key>',
    named: '</arg_key>\n<arg_value>',
    after: '</arg_value>\n',
  });
  return values && all(text(`${tool.name}\n`), values, text('</tool_call>'));
}

const NAME = /^[^<>\s]+/;
const PAIR =
  /\s*<arg_key>([^]*?)<\/arg_key>\s*<arg_value>([^]*?)<\/arg_value>(?=\s*(?:<arg_key>|$))/y;

function read(inside: string, schemas: ToolSchemas): ToolCall | undefined {
  const name = NAME.exec(inside)?.[0];
  if (name === undefined) return undefined;
  const values: [string, unknown][] = [];
  let end = name.length;
  PAIR.lastIndex = end;
  for (let match = PAIR.exec(inside); match !== null; match = PAIR.exec(inside)) {
    const key = (match[1] ?? '').trim();
    values.push([key, valueOf(match[2] ?? '', schemas.of(name).named(key))]);
    end = PAIR.lastIndex;
  }
  if (inside.slice(end).trim() !== '') return undefined;
  return { name, arguments: Object.fromEntries(values) };
}

function isOpen(inside: string): boolean {
  return inside.lastIndexOf('<arg_value>') > inside.lastIndexOf('</arg_value>');
}
