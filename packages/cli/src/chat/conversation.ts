/**
 * What was said so far, and how the next answer is asked for.
 *
 * With a chat template: messages, rendered anew each turn; equal beginnings are found in the KV
 * cache. Without one: one text, which each line and each answer makes longer.
 */
import { KV_BLOCK_TOKENS, plural, WaferError } from '@wafer/core';
import type { ChatMessage, ChatPiece, RenderOptions, RequestOptions, Wafer } from '@wafer/runtime';
import { chatTemplate, WholeAnswer } from '@wafer/text';

export interface Conversation {
  /** Whether the model has a chat template. */
  readonly isTemplated: boolean;
  /** Forgets everything but the system message. */
  reset(): void;
  /** Sets the system message, or takes it away, and forgets the rest. */
  setSystem(text: string | undefined): void;
  /** The turn that a line begins. */
  turn(line: string): Promise<Turn>;
}

export interface Turn {
  promptCount: number;
  /** What had to be forgotten for it, as `2 turns`; undefined where all fits. */
  forgotten: string | undefined;
  /** The answer; what came of it is remembered, also if the loop is left. */
  answer(options: RequestOptions): AsyncGenerator<ChatPiece, void, undefined>;
}

/** Tokens that an answer needs to be worth its turn, where the context holds as many. */
const ANSWER_TOKENS = 64;

/** Longest prompt that leaves room for an answer. */
function promptTokensMax({ plan }: Wafer): number {
  const { contextMax, kvBlockCount } = plan.options;
  const room = Math.min(contextMax, kvBlockCount * KV_BLOCK_TOKENS);
  return room - Math.min(ANSWER_TOKENS, room >>> 2);
}

export function openConversation(wafer: Wafer, rendering: RenderOptions): Conversation {
  const isTemplated = chatTemplate(wafer.model) !== undefined;
  return isTemplated ? new Messages(wafer, rendering) : new PlainText(wafer);
}

/** A question and its answer. */
const MESSAGES_PER_TURN = 2;

class Messages implements Conversation {
  readonly isTemplated = true;
  readonly #wafer: Wafer;
  readonly #rendering: RenderOptions;
  #system: ChatMessage[] = [];
  #said: ChatMessage[] = [];

  constructor(wafer: Wafer, rendering: RenderOptions) {
    this.#wafer = wafer;
    this.#rendering = rendering;
  }

  reset(): void {
    this.#said = [];
  }

  setSystem(text: string | undefined): void {
    this.#system = text === undefined ? [] : [{ role: 'system', content: text }];
    this.reset();
  }

  async turn(line: string): Promise<Turn> {
    const asked: ChatMessage = { role: 'user', content: line };
    const turnCount = this.#said.length / MESSAGES_PER_TURN;
    let messages = [...this.#system, ...this.#said, asked];
    let promptCount = await this.#countTokens(messages);
    while (promptCount > promptTokensMax(this.#wafer) && this.#said.length > 0) {
      this.#said.splice(0, MESSAGES_PER_TURN);
      messages = [...this.#system, ...this.#said, asked];
      promptCount = await this.#countTokens(messages);
    }
    const count = turnCount - this.#said.length / MESSAGES_PER_TURN;
    return {
      promptCount,
      forgotten: count === 0 ? undefined : plural(count, 'turn'),
      answer: (options) => this.#answer(messages, asked, options),
    };
  }

  /** Tokens of the rendered messages; more than any context where they are refused as too many. */
  async #countTokens(messages: readonly ChatMessage[]): Promise<number> {
    try {
      return (await this.#wafer.renderChat(messages, this.#rendering)).tokens.length;
    } catch (error) {
      const isTooLong = error instanceof WaferError && error.code === 'PROMPT_TOO_LONG';
      if (!isTooLong || this.#said.length === 0) throw error;
      return Infinity;
    }
  }

  async *#answer(
    messages: readonly ChatMessage[],
    asked: ChatMessage,
    options: RequestOptions,
  ): AsyncGenerator<ChatPiece, void, undefined> {
    const whole = new WholeAnswer();
    try {
      for await (const piece of this.#wafer.chat(messages, { ...this.#rendering, ...options })) {
        whole.add(piece);
        yield piece;
      }
    } finally {
      const { message } = whole;
      const isEmpty = message.content === '' && message.toolCalls === undefined;
      if (!isEmpty) this.#said.push(asked, message);
    }
  }
}

class PlainText implements Conversation {
  readonly isTemplated = false;
  readonly #wafer: Wafer;
  #tokens: number[] = [];

  constructor(wafer: Wafer) {
    this.#wafer = wafer;
  }

  reset(): void {
    this.#tokens = [];
  }

  setSystem(text: string | undefined): void {
    this.#tokens = text === undefined ? [] : this.#wafer.encode(text);
  }

  async turn(line: string): Promise<Turn> {
    const isFirst = this.#tokens.length === 0;
    const { tokenizer } = this.#wafer;
    const fresh = isFirst ? this.#wafer.encode(line) : tokenizer.encode(line, { addBegin: false });
    const room = Math.max(0, promptTokensMax(this.#wafer) - fresh.length);
    const dropped = Math.max(0, this.#tokens.length - room);
    const prompt = [...this.#tokens.slice(dropped), ...fresh];
    const forgotten = dropped === 0 ? undefined : plural(dropped, 'token');
    return {
      promptCount: prompt.length,
      forgotten,
      answer: (options) => this.#answer(prompt, options),
    };
  }

  async *#answer(
    prompt: readonly number[],
    options: RequestOptions,
  ): AsyncGenerator<ChatPiece, void, undefined> {
    const tokens = [...prompt];
    try {
      for await (const piece of this.#wafer.generate(prompt, options)) {
        if (piece.finish !== 'stop') tokens.push(piece.token);
        const content = piece.text;
        yield { piece, reasoning: '', content, toolCalls: [], message: undefined };
      }
    } finally {
      if (tokens.length > prompt.length) this.#tokens = tokens;
    }
  }
}
