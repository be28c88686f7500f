/**
 * The messages of a chat and what is asked of an answer: plain data, checked at the border.
 *
 * Templates get them in the shape that transformers gives: `tool_calls` with a `function` each,
 * thinking as `reasoning_content` and as `thinking`, which families name differently.
 *
 * Source: transformers, "Chat templates"; the message fields that published templates read.
 */
import { WaferError } from '@wafer/core';
import { brief } from '../load/fields.ts';
import { isObject } from '../load/json.ts';

/** Roles stand unprotected in the template's output, so only known ones are let in. */
export const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const;

export interface ToolCall {
  name: string;
  arguments: Record<string, unknown>;
}

export interface ChatMessage {
  role: (typeof ROLES)[number];
  content: string;
  /** What an assistant thought before its answer. */
  reasoning?: string | undefined;
  /** What an assistant asked for. */
  toolCalls?: readonly ToolCall[] | undefined;
  /** Of a tool's answer: which tool. */
  name?: string | undefined;
}

export interface RenderOptions {
  /** Functions the model may call, as JSON schemas in the shape of the OpenAI API. */
  tools?: readonly object[] | undefined;
  /** Asks for the beginning of an answer at the end; true unless given. */
  addGenerationPrompt?: boolean | undefined;
  /** More variables of the template: `enable_thinking`, `reasoning_effort` and their like. */
  variables?: Readonly<Record<string, unknown>> | undefined;
  /** What `strftime_now` tells; the time of the call unless given. */
  now?: Date | undefined;
}

/** Messages as templates read them. Throws: REQUEST_INVALID. */
export function templateMessages(messages: readonly ChatMessage[]): Record<string, unknown>[] {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalid('messages', messages, 'a list of at least one message');
  }
  return messages.map((message: ChatMessage, index) => templateMessage(message, index));
}

function templateMessage(message: ChatMessage, index: number): Record<string, unknown> {
  const at = `messages[${index}]`;
  if (!isObject(message)) throw invalid(at, message, 'an object');
  const { role, content, reasoning, toolCalls, name } = message;
  if (!ROLES.includes(role)) throw invalid(`${at}.role`, role, `one of ${ROLES.join(', ')}`);
  if (typeof content !== 'string') throw invalid(`${at}.content`, content, 'a text');
  for (const [field, value] of Object.entries({ reasoning, name })) {
    if (value !== undefined && typeof value !== 'string') {
      throw invalid(`${at}.${field}`, value, 'a text');
    }
  }
  if (toolCalls !== undefined && !Array.isArray(toolCalls)) {
    throw invalid(`${at}.toolCalls`, toolCalls, 'a list');
  }
  const calls = (toolCalls ?? []).map((call: ToolCall, place) => {
    const isRight = isObject(call) && typeof call.name === 'string' && isObject(call.arguments);
    if (!isRight) throw invalid(`${at}.toolCalls[${place}]`, call, 'a name and arguments');
    return { type: 'function', function: { name: call.name, arguments: call.arguments } };
  });
  return {
    role,
    content,
    ...(name === undefined ? {} : { name }),
    ...(reasoning === undefined ? {} : { reasoning_content: reasoning, thinking: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function invalid(field: string, value: unknown, expected: string): WaferError {
  return new WaferError('REQUEST_INVALID', { field, value: brief(value), expected });
}
