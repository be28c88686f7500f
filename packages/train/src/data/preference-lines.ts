/**
 * Preferences of a JSONL line: what was asked, the answer that is preferred, and one that is not.
 *
 *   {"prompt": "…", "chosen": "…", "rejected": "…"}                 texts
 *   {"prompt": […], "chosen": […], "rejected": […]}                 messages of chats
 *   {"chosen": […], "rejected": […]}                                whole chats that begin alike
 *   {"input": {"messages": […]}, "preferred_output": […], "non_preferred_output": […]}
 *
 * The last is OpenAI's. Only what answers counts: nothing that both have before they part.
 */
import { isObject } from '@wafer/core';
import { readChatLine } from './chat-lines.ts';
import type { ChatLine } from './chat-lines.ts';
import { completed } from './document.ts';
import type { TextDocument } from './document.ts';

/** Two documents that begin alike. */
export interface Preference {
  chosen: TextDocument;
  rejected: TextDocument;
}

type Json = Readonly<Record<string, unknown>>;

/** Whether a line's texts are messages of chats. */
export function isChatPreference({ input, chosen }: Json): boolean {
  return input !== undefined || Array.isArray(chosen);
}

/** The preference of a line; a text says what is wrong with it. */
export function readPreference(line: Json): Preference | string {
  const { input, prompt, chosen, rejected } = line;
  if (input !== undefined) {
    const messages = isObject(input) ? input['messages'] : undefined;
    const { preferred_output: better, non_preferred_output: other } = line;
    return readChats(messages, ['preferred_output', better], ['non_preferred_output', other]);
  }
  if (isChatPreference(line)) {
    return readChats(prompt ?? [], ['chosen', chosen], ['rejected', rejected]);
  }
  if (typeof prompt !== 'string' || typeof chosen !== 'string' || typeof rejected !== 'string') {
    return 'neither "prompt", "chosen" and "rejected", nor "input" and its two outputs';
  }
  if (chosen === '' || rejected === '') return 'an answer has no text';
  if (chosen === rejected) return SAME;
  return { chosen: completed(prompt, chosen), rejected: completed(prompt, rejected) };
}

const SAME = 'both answers are the same';

type NamedMessages = readonly [name: string, messages: unknown];

function readChats(
  prompt: unknown,
  better: NamedMessages,
  other: NamedMessages,
): Preference | string {
  if (!Array.isArray(prompt)) return 'what was asked is no list of messages';
  const chosen = readChat(prompt, better);
  const rejected = readChat(prompt, other);
  if (typeof chosen === 'string') return chosen;
  if (typeof rejected === 'string') return rejected;
  const shared = sharedCount(chosen, rejected);
  if (shared === Math.max(chosen.messages.length, rejected.messages.length)) return SAME;
  if (shared === 0) return 'the chats have no beginning in common, which would be the prompt';
  for (const chat of [chosen, rejected]) {
    chat.counts.fill(false, 0, Math.max(shared, prompt.length));
    if (!chat.counts.includes(true)) return 'no message of an answer is to be learned';
  }
  return { chosen, rejected };
}

function readChat(prompt: readonly unknown[], [name, answer]: NamedMessages): ChatLine | string {
  if (!Array.isArray(answer) || answer.length === 0) return `"${name}" is no list of messages`;
  const chat = readChatLine([...prompt, ...(answer as unknown[])]);
  return typeof chat === 'string' ? `"${name}": ${chat}` : chat;
}

/** Messages at the beginning that both chats have. */
function sharedCount({ messages }: ChatLine, { messages: others }: ChatLine): number {
  const parts = messages.findIndex(
    (message, index) => JSON.stringify(message) !== JSON.stringify(others[index]),
  );
  return parts < 0 ? messages.length : parts;
}
