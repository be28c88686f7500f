/**
 * Formats of answers with calls in blocks: DeepSeek, Command-R, Phi-4, Granite.
 *
 *     DeepSeek V3    <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add ```json {…}
 *     DeepSeek V3.1  <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{…}<｜tool▁call▁end｜>…
 *     Command-R7B    <|START_ACTION|>[{"tool_call_id": "0", "tool_name": "add", "parameters": {}}]…
 *     Command-R      Action: ```json [{"tool_name": "add", "parameters": {}}] ```
 *     Phi-4          <|tool_call|>[{"name": "add", "arguments": {}}]<|/tool_call|>
 *     Granite 3      <|tool_call|>[{"name": "add", "arguments": {}}]
 *
 * Source: the chat templates that these models are published with.
 */
import { isObject } from '@wafer/core';
import type { AnswerFormat } from './answer-parser.ts';
import { BlockAnswer, type BlockForm } from './block-answer.ts';
import type { ToolCall } from './messages.ts';
import type { FormPart } from '../grammar/form/form.ts';
import {
  all,
  argumentsOf,
  callObject,
  listOf,
  oneOf,
  styledCalls,
  text,
  times,
} from './held-calls.ts';
import type { CallRule, CallStyle, HeldTool } from './held-calls.ts';
import { callOf, parseJson } from './read-call.ts';
import { ToolSchemas } from './tool-schemas.ts';

const DEEP_CALLS = '<｜tool▁calls▁begin｜>';
const DEEP_SEPARATOR = '<｜tool▁sep｜>';
/** Name and arguments of one call, in either version; another call, or the end, is behind it. */
const DEEP_CALL = new RegExp(
  [
    String.raw`\s*<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?([^\s<｜]+)`,
    String.raw`(?:<｜tool▁sep｜>|\s*${'`'}{3}json)\s*([^]*?)\s*(?:${'`'}{3}\s*)?<｜tool▁call▁end｜>`,
    String.raw`(?=\s*(?:<｜tool▁call▁begin｜>|$))`,
  ].join(''),
  'y',
);
const COMMAND_ACTION = '<|START_ACTION|>';
const TOOL_CALL = '<|tool_call|>';
const PHI_CLOSING = '<|/tool_call|>';

/** What a model of Cohere calls where it needs no tool. */
const NO_TOOL = /^directly[-_]answer$/;

type Facts = Parameters<AnswerFormat['isUsedBy']>[0];

const has = ({ template, special }: Facts, text: string): boolean =>
  special.has(text) || template.includes(text);

/** A format whose form depends on the tools alone. */
function blockFormat(
  name: string,
  isUsedBy: AnswerFormat['isUsedBy'],
  formOf: (tools: ToolSchemas) => BlockForm,
  calls: AnswerFormat['calls'],
): AnswerFormat {
  const parser: AnswerFormat['parser'] = (prompt, tools) =>
    new BlockAnswer(formOf(new ToolSchemas(tools)), prompt);
  return { name, isUsedBy, parser, calls };
}

const thinking = { opening: '<think>', closing: '</think>' };
const KEYS = { name: 'name', values: 'arguments' };
const DEEP_NEXT = '<｜tool▁call▁begin｜>';
const DEEP_CLOSING = '<｜tool▁call▁end｜>';

/** Calls of DeepSeek: a block of blocks, whose arguments version 3 fences. */
function deepCalls(rule: CallRule): FormPart {
  const isFenced = rule.template.includes('```json');
  const call = (tools: readonly HeldTool[]): FormPart =>
    oneOf(
      tools.map((tool) => {
        const { name } = tool;
        const head = isFenced
          ? `function${DEEP_SEPARATOR}${name}\n\`\`\`json\n`
          : `${name}${DEEP_SEPARATOR}`;
        const end = isFenced ? `\n\`\`\`${DEEP_CLOSING}` : DEEP_CLOSING;
        return all(text(DEEP_NEXT + head), argumentsOf(tool), text(end));
      }),
    );
  const listInside = (tools: readonly HeldTool[], max: number): FormPart => {
    const more = times(all(text(isFenced ? '\n' : ''), call(tools)), 0, max - 1);
    return all(call(tools), ...(max > 1 ? [more] : []), text('<｜tool▁calls▁end｜>'));
  };
  return styledCalls(
    { opening: DEEP_CALLS, inside: call, listInside, between: '', thinking },
    rule,
  );
}

/** Calls of Cohere's models: a list, in a block of markers or of a fence. */
function commandCalls(rule: CallRule): FormPart {
  const isMarked = rule.template.includes(COMMAND_ACTION);
  const keys = { name: 'tool_name', values: 'parameters' };
  const call = (tools: readonly HeldTool[]): FormPart => callObject(tools, keys);
  const style: CallStyle = {
    opening: isMarked ? COMMAND_ACTION : 'Action: ```json',
    inside: call,
    listInside: (tools, max) =>
      all(text('\n'), listOf(call(tools), max), text(isMarked ? '\n<|END_ACTION|>' : '\n```')),
    between: '',
    thinking: { opening: '<|START_THINKING|>', closing: '<|END_THINKING|>' },
  };
  return styledCalls(style, rule);
}

/** Calls in a list behind a marker. */
function listCalls(closing: string): AnswerFormat['calls'] {
  const call = (tools: readonly HeldTool[]): FormPart => callObject(tools, KEYS);
  const style: CallStyle = {
    opening: TOOL_CALL,
    inside: call,
    listInside: (tools, max) => all(listOf(call(tools), max), text(closing)),
    between: '',
    thinking,
  };
  return (rule) => styledCalls(style, rule);
}

export const DEEPSEEK: AnswerFormat = blockFormat(
  'deepseek',
  (facts) => has(facts, DEEP_CALLS),
  (tools) => ({
    thinking: { opening: '<think>', closing: '</think>' },
    frames: [],
    blocks: [
      {
        opening: DEEP_CALLS,
        closing: '<｜tool▁calls▁end｜>',
        read: (inside) => readDeepSeek(inside, tools),
        jsonStart: (inside) => inside.indexOf('{', inside.lastIndexOf(DEEP_SEPARATOR)),
      },
    ],
  }),
  deepCalls,
);

export const COMMAND: AnswerFormat = blockFormat(
  'command',
  (facts) => has(facts, COMMAND_ACTION) || /Action:[^]*"tool_name"/.test(facts.template),
  (tools) => {
    const read = (inside: string): ToolCall[] | undefined => readCommand(inside, tools);
    const jsonStart = listStart;
    return {
      thinking: { opening: '<|START_THINKING|>', closing: '<|END_THINKING|>' },
      frames: ['<|START_RESPONSE|>', '<|END_RESPONSE|>'],
      blocks: [
        { opening: COMMAND_ACTION, closing: '<|END_ACTION|>', read, jsonStart },
        { opening: 'Action: ```json', closing: '```', read, jsonStart },
      ],
    };
  },
  commandCalls,
);

export const PHI: AnswerFormat = blockFormat(
  'phi',
  (facts) => has(facts, PHI_CLOSING),
  (tools) => listForm(tools, PHI_CLOSING),
  listCalls(PHI_CLOSING),
);

export const GRANITE: AnswerFormat = blockFormat(
  'granite',
  (facts) => has(facts, TOOL_CALL),
  (tools) => listForm(tools, undefined),
  listCalls(''),
);

function listForm(tools: ToolSchemas, closing: string | undefined): BlockForm {
  const read = (inside: string): ToolCall[] | undefined =>
    allCalls([parseJson(inside)].flat(), tools);
  return {
    thinking: { opening: '<think>', closing: '</think>' },
    frames: [],
    blocks: [{ opening: TOOL_CALL, closing, read, jsonStart: listStart }],
  };
}

function listStart(inside: string): number {
  return inside.search(/[[{]/);
}

function readDeepSeek(inside: string, tools: ToolSchemas): ToolCall[] | undefined {
  const items: unknown[] = [];
  DEEP_CALL.lastIndex = 0;
  let end = 0;
  for (let match = DEEP_CALL.exec(inside); match !== null; match = DEEP_CALL.exec(inside)) {
    items.push({ name: match[1], arguments: parseJson(match[2] ?? '') ?? null });
    end = DEEP_CALL.lastIndex;
  }
  return inside.slice(end).trim() === '' ? allCalls(items, tools) : undefined;
}

function readCommand(inside: string, tools: ToolSchemas): ToolCall[] | undefined {
  const items = [parseJson(inside)].flat().map((item: unknown) => {
    if (!isObject(item)) return item;
    const { tool_name: name, tool_call_id: id, parameters } = item;
    return { name, parameters, ...(typeof id === 'string' ? { id } : {}) };
  });
  return allCalls(items, tools)?.filter(({ name }) => !NO_TOOL.test(name));
}

function allCalls(items: readonly unknown[], tools: ToolSchemas): ToolCall[] | undefined {
  const calls = items.map((item) => callOf(item, tools));
  const real = calls.filter((call) => call !== undefined);
  return real.length === calls.length && real.length > 0 ? real : undefined;
}
