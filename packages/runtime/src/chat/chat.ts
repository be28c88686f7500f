/**
 * A chat with a model: messages in, the parts of an answer out, as they are generated.
 */
import type { Model } from '@wafer/models';
import { WaferError } from '@wafer/core';
import { answerParser, appendDelta, callsForm, ChatRenderer, WholeAnswer } from '@wafer/text';
import type {
  AnswerDelta,
  AnswerFormat,
  CallChoice,
  ChatMessage,
  RenderedChat,
  RenderOptions,
  Tokenizer,
} from '@wafer/text';
import type { Piece, RequestOptions } from '../piece.ts';
import { workerEntry } from '../worker-entry.ts';

/** How a chat is rendered, and how its answer is generated. */
export type ChatOptions = RequestOptions & RenderOptions & CallChoice;

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
  const { tools: offered, addGenerationPrompt, variables, now, ...rest } = options;
  const { toolChoice, parallelToolCalls, ...request } = rest;
  const tools = toolChoice === 'none' ? undefined : offered;
  const rendering = { tools, addGenerationPrompt, variables, now };
  const { text, tokens } = await wafer.renderChat(messages, rendering);
  const chat = { text, tokens, tools, toolChoice, parallelToolCalls };
  yield* streamRendered(wafer, chat, request);
}

/** What an answer is held to: its own format, that of its calls, or both. */
function heldFormat(
  { model, tokenizer }: Pick<Generator, 'model' | 'tokenizer'>,
  chat: RenderedChat & Pick<RenderOptions, 'tools'> & CallChoice,
  format: AnswerFormat | undefined,
): AnswerFormat | undefined {
  if (chat.tools === undefined || chat.tools.length === 0) {
    const { toolChoice: value } = chat;
    if (value === undefined || value === 'auto' || value === 'none') return format;
    throw new WaferError('REQUEST_INVALID', { field: 'toolChoice', value, expected: 'tools' });
  }
  const content = contentSchema(format);
  const source = { model, tokenizer, prompt: chat.text, tools: chat.tools };
  const form = callsForm(source, chat, content);
  return form === undefined ? format : { form };
}

/** The schema of a format that an answer without calls has. Throws: REQUEST_INVALID. */
function contentSchema(format: AnswerFormat | undefined): unknown {
  if (format === undefined) return undefined;
  if ('json' in format) return format.json;
  if ('jsonMode' in format) return { type: 'object' };
  const expected = 'json or jsonMode, beside tools';
  const [value] = Object.keys(format);
  throw new WaferError('REQUEST_INVALID', { field: 'format', value, expected });
}

/** Streams the answers to a chat that was rendered. Throws: what generating throws. */
export async function* streamRendered(
  wafer: Omit<Generator, 'renderChat'>,
  chat: RenderedChat & Pick<RenderOptions, 'tools'> & CallChoice,
  request: RequestOptions,
): AsyncGenerator<ChatPiece, void, undefined> {
  const { model, tokenizer } = wafer;
  const { text: prompt, tools } = chat;
  const markers = new Map([...tokenizer.special].map(([marker, id]) => [id, marker]));
  const answers = Array.from({ length: request.n ?? 1 }, () => ({
    whole: new WholeAnswer(),
    parser: answerParser({ model, tokenizer, prompt, tools }),
  }));
  const format = heldFormat(wafer, chat, request.format);
  for await (const piece of wafer.generate(chat.tokens, { ...request, format })) {
    const { whole, parser } = answers[piece.index]!;
    const isEnd = piece.stop !== undefined && !('format' in piece.stop);
    // Formats are made of special tokens, which have no text of their own.
    const marker = isEnd ? '' : (markers.get(piece.token) ?? '');
    const delta = parser.push(piece.text + marker);
    if (piece.finish !== undefined) appendDelta(delta, parser.finish());
    whole.add(delta);
    yield { piece, ...delta, message: piece.finish === undefined ? undefined : whole.message };
  }
}
