/**
 * The messages of a chat and what is asked of an answer: plain data, checked at the border.
 *
 * Templates get them in the shape that transformers gives: `tool_calls` with a `function` each,
 * thinking as `reasoning_content` and as `thinking`, which families name differently.
 *
 * Source: transformers, "Chat templates"; the message fields that published templates read.
 */
import { brief, isObject, WaferError } from '@wafer/core';

/** Roles stand unprotected in the template's output, so only known ones are let in. */
export const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const;

/** A function that the model wants called. */
export interface ToolCall {
  name: string;
  arguments: Record<string, unknown>;
  /** What an answer refers to; numbered unless given. Mistral takes nine letters and digits. */
  id?: string | undefined;
}

/** One turn of a chat: who says what, and the tools that were called. */
export interface ChatMessage {
  role: (typeof ROLES)[number];
  content: string;
  /** What an assistant thought before its answer. */
  reasoning?: string | undefined;
  /** What an assistant asked for. */
  toolCalls?: readonly ToolCall[] | undefined;
  /** Of a tool's answer: which tool. */
  name?: string | undefined;
  /** Of a tool's answer: to which call; the first open one, of that name if there is a name. */
  toolCallId?: string | undefined;
}

/** What a chat template is told beside the messages. */
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
  const calls = new CallNumbers();
  return messages.map((message: ChatMessage, index) => templateMessage(message, index, calls));
}

/** Milliseconds of a point in time. Throws: REQUEST_INVALID, for what is none. */
export function checkNow(now: unknown): number {
  const isDate = Object.prototype.toString.call(now) === '[object Date]';
  const ms = isDate ? (now as Date).getTime() : Number.NaN;
  if (Number.isNaN(ms)) throw invalid('now', now, 'a Date');
  return ms;
}

function templateMessage(
  message: ChatMessage,
  index: number,
  numbers: CallNumbers,
): Record<string, unknown> {
  const at = `messages[${index}]`;
  if (!isObject(message)) throw invalid(at, message, 'an object');
  const { role, content, reasoning, toolCalls, name, toolCallId } = message;
  if (!ROLES.includes(role)) throw invalid(`${at}.role`, role, `one of ${ROLES.join(', ')}`);
  if (typeof content !== 'string') throw invalid(`${at}.content`, content, 'a text');
  for (const [field, value] of Object.entries({ reasoning, name, toolCallId })) {
    if (value !== undefined && typeof value !== 'string') {
      throw invalid(`${at}.${field}`, value, 'a text');
    }
  }
  if (toolCalls !== undefined && !Array.isArray(toolCalls)) {
    throw invalid(`${at}.toolCalls`, toolCalls, 'a list');
  }
  const calls = (toolCalls ?? []).map((call: ToolCall, place) => {
    const isRight = isCall(call);
    if (!isRight) throw invalid(`${at}.toolCalls[${place}]`, call, 'a name and arguments');
    const id = numbers.open(call);
    return { type: 'function', id, function: { name: call.name, arguments: call.arguments } };
  });
  const answered = role === 'tool' ? numbers.answer({ name, id: toolCallId }) : undefined;
  return {
    role,
    content,
    ...(name === undefined ? {} : { name }),
    ...(reasoning === undefined ? {} : { reasoning_content: reasoning, thinking: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...(answered === undefined ? {} : { tool_call_id: answered }),
  };
}

function isCall(call: unknown): boolean {
  if (!isObject(call) || typeof call['name'] !== 'string') return false;
  return isObject(call['arguments']) && ['string', 'undefined'].includes(typeof call['id']);
}

/** Calls of a chat by number, and which of them have no answer yet. */
class CallNumbers {
  #count = 0;
  readonly #open: { name: string; id: string }[] = [];

  /** The id of a call. */
  open({ name, id = `call${String(this.#count).padStart(5, '0')}` }: ToolCall): string {
    this.#count++;
    this.#open.push({ name, id });
    return id;
  }

  /** The id of the call that an answer is for. */
  answer({ name, id }: { name: string | undefined; id: string | undefined }): string | undefined {
    const place = this.#open.findIndex((call) =>
      id === undefined ? name === undefined || call.name === name : call.id === id,
    );
    const [call] = place < 0 ? [] : this.#open.splice(place, 1);
    return id ?? call?.id;
  }
}

function invalid(field: string, value: unknown, expected: string): WaferError {
  return new WaferError('REQUEST_INVALID', { field, value: brief(value), expected });
}
