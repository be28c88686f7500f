/**
 * What was said so far, and how the next answer is asked for.
 *
 * With a chat template: messages, rendered anew each turn; equal beginnings are found in the KV
 * cache. Without one: one text, which each line and each answer makes longer.
 */
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
  /** The answer; what came of it is remembered, also if the loop is left. */
  answer(options: RequestOptions): AsyncGenerator<ChatPiece, void, undefined>;
}

export function openConversation(wafer: Wafer, rendering: RenderOptions): Conversation {
  const isTemplated = chatTemplate(wafer.model) !== undefined;
  return isTemplated ? new Messages(wafer, rendering) : new PlainText(wafer);
}

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
    const messages = [...this.#system, ...this.#said, asked];
    const { tokens } = await this.#wafer.renderChat(messages, this.#rendering);
    return {
      promptCount: tokens.length,
      answer: (options) => this.#answer(messages, asked, options),
    };
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
    const prompt = [...this.#tokens, ...fresh];
    return { promptCount: prompt.length, answer: (options) => this.#answer(prompt, options) };
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
