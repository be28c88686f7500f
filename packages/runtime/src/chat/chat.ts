/**
 * A chat with a model: messages in, the parts of an answer out, as they are generated.
 */
import type { Piece, RequestOptions } from '../piece.ts';
import type { Model } from '../load/source.ts';
import type { Tokenizer } from '../load/tokenizer.ts';
import { answerFormat } from './answer-formats.ts';
import type { AnswerDelta, AnswerParser } from './answer-parser.ts';
import { chatTemplate, type RenderedChat } from './chat-renderer.ts';
import type { ChatMessage, RenderOptions } from './messages.ts';

export type ChatOptions = RequestOptions & RenderOptions;

/** One token of an answer, and what of the answer became certain with it. */
export interface ChatPiece extends AnswerDelta {
  piece: Piece;
  /** The whole answer, with the last piece: ready to be put behind the messages. */
  message: ChatMessage | undefined;
}

/** What generates: a wafer. */
interface Generator {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  renderChat(messages: readonly ChatMessage[], options: RenderOptions): Promise<RenderedChat>;
  generate(prompt: ArrayLike<number>, options: RequestOptions): AsyncIterable<Piece>;
}

/** Streams an answer. Throws: what rendering and generating throw. */
export async function* streamChat(
  wafer: Generator,
  messages: readonly ChatMessage[],
  options: ChatOptions,
): AsyncGenerator<ChatPiece, void, undefined> {
  const { tools, addGenerationPrompt, variables, now, ...request } = options;
  const rendering = { tools, addGenerationPrompt, variables, now };
  const { text, tokens } = await wafer.renderChat(messages, rendering);
  const { model, tokenizer } = wafer;
  const markers = new Map([...tokenizer.special].map(([marker, id]) => [id, marker]));
  const whole = new WholeAnswer();
  const parser = answerParser({ model, tokenizer, prompt: text, tools });
  for await (const piece of wafer.generate(tokens, request)) {
    const isEnd = piece.finish === 'stop';
    // Formats are made of special tokens, which have no text of their own.
    const marker = isEnd ? '' : (markers.get(piece.token) ?? '');
    const delta = parser.push(piece.text + marker);
    if (piece.finish !== undefined) append(delta, parser.finish());
    whole.add(delta);
    yield { piece, ...delta, message: piece.finish === undefined ? undefined : whole.message };
  }
}

/** What an answer is an answer to: `prompt` is the text before it, `tools` what was offered. */
interface AnswerSource {
  model: Model;
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
    append(this.#parts, delta);
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

function append(delta: AnswerDelta, more: AnswerDelta): void {
  delta.reasoning += more.reasoning;
  delta.content += more.content;
  for (const call of more.toolCalls) delta.toolCalls.push(call);
}
