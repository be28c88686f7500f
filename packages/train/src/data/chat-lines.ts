/**
 * Messages of a JSONL line, in the shape of OpenAI's interface, as the messages of a chat.
 *
 * An assistant's message with `"weight": 0` is read and not learned.
 */
import { isObject } from '@wafer/core';
import type { ChatMessage, ToolCall } from '@wafer/text';

/** A chat of a line; `counts[i]`: whether message i is learned, where it is an answer. */
export interface ChatLine {
  messages: ChatMessage[];
  counts: boolean[];
}

/** The chat of `"messages"`; a text says what is wrong with it. */
export function readChatLine(value: unknown): ChatLine | string {
  if (!Array.isArray(value) || value.length === 0) return '"messages" is no list of messages';
  const chat: ChatLine = { messages: [], counts: [] };
  for (const [index, message] of (value as unknown[]).entries()) {
    const read = isObject(message) ? readMessage(message) : 'is no object';
    if (typeof read === 'string') return `message ${index} ${read}`;
    chat.messages.push(read);
    chat.counts.push(read.role === 'assistant' && (message as Json)['weight'] !== 0);
  }
  if (chat.messages.at(-1)?.role !== 'assistant') return 'the last message is no assistant’s';
  return chat.counts.includes(true) ? chat : 'no message is to be learned';
}

type Json = Record<string, unknown>;

const ROLES: readonly string[] = ['system', 'developer', 'user', 'assistant', 'tool'];

function readMessage(message: Json): ChatMessage | string {
  const { role, content, name, weight, tool_calls: calls, tool_call_id: callId } = message;
  if (typeof role !== 'string' || !ROLES.includes(role)) {
    return `has the role ${JSON.stringify(role)}; expected one of ${ROLES.join(', ')}`;
  }
  const hasCalls = role === 'assistant' && Array.isArray(calls) && calls.length > 0;
  const isAbsent = content === null || content === undefined;
  if (typeof content !== 'string' && !(hasCalls && isAbsent)) return 'has no text as its content';
  if (weight !== undefined && weight !== 0 && weight !== 1)
    return 'has a weight other than 0 and 1';
  const toolCalls = hasCalls ? calls.map(readCall) : [];
  if (toolCalls.includes(undefined)) return 'has a call without a name or JSON arguments';
  return {
    role: role as ChatMessage['role'],
    content: typeof content === 'string' ? content : '',
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof callId === 'string' ? { toolCallId: callId } : {}),
    ...(toolCalls.length > 0 ? { toolCalls: toolCalls as ToolCall[] } : {}),
  };
}

function readCall(call: unknown): ToolCall | undefined {
  if (!isObject(call) || !isObject(call['function'])) return undefined;
  const { name, arguments: text } = call['function'];
  if (typeof name !== 'string' || typeof text !== 'string') return undefined;
  try {
    const values: unknown = JSON.parse(text);
    if (!isObject(values)) return undefined;
    return {
      name,
      arguments: values,
      ...(typeof call['id'] === 'string' ? { id: call['id'] } : {}),
    };
  } catch {
    return undefined;
  }
}
