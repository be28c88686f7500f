/**
 * A chat with a model: messages in, the parts of an answer out, as they are generated.
 */
import type { Model } from '@wafer/models';
import { answerParser, appendDelta, ChatRenderer, WholeAnswer } from '@wafer/text';
import type { AnswerDelta, ChatMessage, RenderedChat, RenderOptions, Tokenizer } from '@wafer/text';
import type { Piece, RequestOptions } from '../piece.ts';
import { workerEntry } from '../worker-entry.ts';

/** How a chat is rendered, and how its answer is generated. */
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

/** Renders the chats of a model; templates are filled in by a thread of their own. */
export function chatRenderer(model: Model): ChatRenderer {
  return new ChatRenderer(model, {
    template: workerEntry('./chat/worker'),
    encode: workerEntry('./chat/encode-worker'),
  });
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
  yield* streamRendered(wafer, { text, tokens, tools }, request);
}

/** Streams the answers to a chat that was rendered. Throws: what generating throws. */
export async function* streamRendered(
  wafer: Omit<Generator, 'renderChat'>,
  chat: RenderedChat & Pick<RenderOptions, 'tools'>,
  request: RequestOptions,
): AsyncGenerator<ChatPiece, void, undefined> {
  const { model, tokenizer } = wafer;
  const { text: prompt, tools } = chat;
  const markers = new Map([...tokenizer.special].map(([marker, id]) => [id, marker]));
  const answers = Array.from({ length: request.n ?? 1 }, () => ({
    whole: new WholeAnswer(),
    parser: answerParser({ model, tokenizer, prompt, tools }),
  }));
  for await (const piece of wafer.generate(chat.tokens, request)) {
    const { whole, parser } = answers[piece.index]!;
    const isEnd = piece.finish === 'stop';
    // Formats are made of special tokens, which have no text of their own.
    const marker = isEnd ? '' : (markers.get(piece.token) ?? '');
    const delta = parser.push(piece.text + marker);
    if (piece.finish !== undefined) appendDelta(delta, parser.finish());
    whole.add(delta);
    yield { piece, ...delta, message: piece.finish === undefined ? undefined : whole.message };
  }
}
