/**
 * An answer put together from the deltas that a parser makes of it.
 */
import { answerFormat } from './answer-formats.ts';
import type { AnswerDelta, AnswerParser } from './answer-parser.ts';
import { chatTemplate } from './chat-renderer.ts';
import type { ChatModel } from './chat-renderer.ts';
import type { ChatMessage } from './messages.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** What an answer is an answer to: `prompt` is the text before it, `tools` what was offered. */
export interface AnswerSource {
  model: ChatModel;
  tokenizer: Tokenizer;
  prompt: string;
  tools?: readonly object[] | undefined;
}

/** A parser for the answers of a model. */
export function answerParser({ model, tokenizer, prompt, tools }: AnswerSource): AnswerParser {
  const template = chatTemplate(model, tools !== undefined && tools.length > 0) ?? '';
  return answerFormat({ template, special: tokenizer.special }).parser(prompt, tools);
}

/** Deltas put together. */
export class WholeAnswer {
  #parts: AnswerDelta = { reasoning: '', content: '', toolCalls: [] };

  add(delta: AnswerDelta): void {
    appendDelta(this.#parts, delta);
  }

  /** The answer so far, as a message. */
  get message(): ChatMessage {
    const { reasoning, content, toolCalls } = this.#parts;
    return {
      role: 'assistant',
      content,
      ...(reasoning === '' ? {} : { reasoning }),
      ...(toolCalls.length === 0 ? {} : { toolCalls: [...toolCalls] }),
    };
  }
}

/** Puts what came later behind. */
export function appendDelta(delta: AnswerDelta, more: AnswerDelta): void {
  delta.reasoning += more.reasoning;
  delta.content += more.content;
  for (const call of more.toolCalls) delta.toolCalls.push(call);
}
