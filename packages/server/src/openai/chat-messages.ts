/**
 * Messages of OpenAI's chat as those of the embedding interface.
 *
 * Contents may be texts or lists of text parts; images, audio and files are refused by name, and
 * nothing is ever fetched.
 */
import type { ChatMessage, ToolCall } from '@wafer/runtime';
import { invalidParam, unsupportedParam } from '../errors/api-error.ts';

/** A message as it was sent, checked by the schema. */
export interface MessageBody {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function';
  content?: string | readonly ContentPart[] | null;
  name?: string;
  refusal?: string | null;
  reasoning?: string | null;
  reasoning_content?: string | null;
  tool_calls?: readonly ToolCallBody[] | null;
  function_call?: { name: string; arguments: string } | null;
  tool_call_id?: string;
  audio?: unknown;
}

export interface ContentPart {
  type: string;
  text?: string;
  refusal?: string;
}

export interface ToolCallBody {
  id?: string;
  type?: string;
  function?: { name: string; arguments: string };
}

/** Throws: ApiError 400, with the message that is meant. */
export function chatMessages(messages: readonly MessageBody[]): ChatMessage[] {
  return messages.map((message, index) => chatMessage(message, `messages[${index}]`));
}

function chatMessage(message: MessageBody, at: string): ChatMessage {
  const { role, name, tool_call_id: toolCallId } = message;
  if (message.audio !== undefined && message.audio !== null) {
    throw unsupportedParam(`${at}.audio`, 'models here read text');
  }
  const reasoning = message.reasoning ?? message.reasoning_content ?? undefined;
  const legacy = message.function_call ? [{ function: message.function_call }] : [];
  const calls = [...(message.tool_calls ?? []), ...legacy];
  return {
    role: role === 'function' ? 'tool' : role,
    content: textOf(message.content, `${at}.content`) || (message.refusal ?? ''),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(calls.length === 0
      ? {}
      : { toolCalls: calls.map((call, i) => toolCall(call, `${at}.tool_calls[${i}]`)) }),
    ...(name === undefined ? {} : { name }),
    ...(toolCallId === undefined ? {} : { toolCallId }),
  };
}

function textOf(content: MessageBody['content'], at: string): string {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  return content
    .map(({ type, text, refusal }, i) => {
      if (type === 'text' && text !== undefined) return text;
      if (type === 'refusal' && refusal !== undefined) return refusal;
      throw unsupportedParam(`${at}[${i}].type`, 'models here read text, and nothing is fetched');
    })
    .join('');
}

function toolCall({ id, function: called }: ToolCallBody, at: string): ToolCall {
  if (called === undefined) throw unsupportedParam(`${at}.type`, 'tools are functions here');
  let parsed: unknown;
  try {
    parsed = called.arguments === '' ? {} : (JSON.parse(called.arguments) as unknown);
  } catch {
    throw invalidParam(`${at}.function.arguments`, 'arguments are to be a JSON object, as text');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalidParam(`${at}.function.arguments`, 'arguments are to be a JSON object, as text');
  }
  const values = parsed as Record<string, unknown>;
  return { name: called.name, arguments: values, ...(id === undefined ? {} : { id }) };
}
