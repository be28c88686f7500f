/**
 * Questions of a JSONL file, each with the answer that is right.
 *
 *   {"messages": […, assistant]}, {"prompt", "completion"}    the last text word for word
 *   {"prompt", "choices": […], "answer": i}                   the likeliest of some texts
 */
import { WaferError } from '@wafer/core';
import type { ChatMessage } from '@wafer/text';
import { readChatLine } from './chat-lines.ts';
import { linesOf, objectOfLine, readText } from './text-data.ts';

/** What is asked, and what is right. */
export type Question =
  | { kind: 'chat'; messages: ChatMessage[]; answer: string }
  | { kind: 'text'; prompt: string; answer: string }
  | { kind: 'choice'; prompt: string; choices: string[]; answer: number };

/** Reads questions. Throws: DATA_INVALID. */
export function readQuestions(path: string): Question[] {
  return linesOf(readText(path)).map(({ line, number }) => {
    const question = questionOf(objectOfLine(path, line, number));
    if (typeof question !== 'string') return question;
    throw new WaferError('DATA_INVALID', { path, line: number, reason: question });
  });
}

function questionOf(value: Record<string, unknown>): Question | string {
  const { messages, prompt, completion, choices, answer } = value;
  if (messages !== undefined) {
    const chat = readChatLine(messages);
    if (typeof chat === 'string') return chat;
    const { content } = chat.messages.at(-1)!;
    if (content === '') return 'its last message has no text';
    return { kind: 'chat', messages: chat.messages.slice(0, -1), answer: content };
  }
  if (typeof prompt !== 'string') return 'neither "messages" nor a "prompt"';
  if (typeof completion === 'string') return { kind: 'text', prompt, answer: completion };
  const isList = Array.isArray(choices) && choices.every((one) => typeof one === 'string' && one);
  if (!isList) return 'neither "completion" nor "choices", texts that are not empty';
  const place = answer as number;
  if (!Number.isSafeInteger(place) || place < 0 || place >= choices.length) {
    return `"answer" is none of the numbers 0 to ${choices.length - 1}`;
  }
  return { kind: 'choice', prompt, choices: choices as string[], answer: place };
}
