/**
 * Texts and chats of a wafer as token ids: short ones at once, long ones in threads, and none that
 * cannot fit further than it takes to see that.
 */
import { WaferError } from '@wafer/core';
import type { Model } from '@wafer/models';
import { collectTokenBytes, createTokenizer, GrammarThread } from '@wafer/text';
import type {
  ChatMessage,
  ChatRenderer,
  EncodeOptions,
  FormatSource,
  Grammar,
  RenderedChat,
  RenderOptions,
  Tokenizer,
} from '@wafer/text';
import { promptTooLong, resolvePrompt } from '../engine/request.ts';
import { refuse } from '../engine/sampling-options.ts';
import type { Prompt } from '../piece.ts';
import { workerEntry } from '../worker-entry.ts';
import { chatRenderer } from './chat.ts';

/** Up to so many tokens, and to the model's own context, errors tell the exact count. */
const COUNTED_TOKENS = 2 ** 16;

export class Texts {
  /** Whose texts they are, with the chat template that they go by. */
  readonly model: Model;
  readonly #contextMax: number;
  readonly #countedMax: number;
  #tokenizer: Tokenizer | undefined;
  #renderer: ChatRenderer | undefined;
  #grammars: GrammarThread | undefined;

  /** `contextMax`: positions of the longest sequence. */
  constructor(model: Model, contextMax: number) {
    this.model = model;
    this.#contextMax = contextMax;
    this.#countedMax = Math.max(COUNTED_TOKENS, contextMax, model.spec.contextMax);
  }

  /** Throws: TOKENIZER_MISSING. */
  get tokenizer(): Tokenizer {
    const { tokenizer, name } = this.model;
    if (!tokenizer) throw new WaferError('TOKENIZER_MISSING', { path: name });
    this.#tokenizer ??= createTokenizer(tokenizer, name);
    return this.#tokenizer;
  }

  /** Token ids of a text of any length. */
  encode(text: string, options: EncodeOptions = {}): Promise<Int32Array> {
    if (typeof text !== 'string') refuse('text', text, 'a text');
    return this.#chats.encode(text, options);
  }

  /** Ids of a prompt. Throws: PROMPT_TOO_LONG, as soon as a text cannot fit. */
  async prompt(prompt: Prompt): Promise<ArrayLike<number>> {
    if (typeof prompt !== 'string') return prompt;
    const least = this.tokenizer.leastCount(prompt.length);
    if (least > this.#contextMax) throw this.#tooLong(`at least ${least}`, least);
    return this.#checked(await this.encode(prompt, { tokensMax: this.#countedMax }));
  }

  /** Ids of a prompt, checked. Throws: TOKEN_OUT_OF_RANGE, PROMPT_TOO_LONG, REQUEST_INVALID. */
  async tokens(prompt: Prompt): Promise<Int32Array> {
    return this.checkTokens(await this.prompt(prompt));
  }

  /** Checks a caller's ids, of which the last `unread` are never read. Throws: as `tokens`. */
  checkTokens(tokens: ArrayLike<number>, unread = 0): Int32Array {
    const { vocabCount, contextMax: modelContext } = this.model.spec;
    const contextMax = this.#contextMax + unread;
    return resolvePrompt(tokens, { vocabCount, contextMax, modelContext });
  }

  /** A chat by the model's template. Throws: PROMPT_TOO_LONG where it is far too long. */
  async renderChat(
    messages: readonly ChatMessage[],
    options: RenderOptions,
  ): Promise<RenderedChat> {
    const rendered = await this.#chats.render(messages, options, this.#countedMax);
    this.#checked(rendered.tokens);
    return rendered;
  }

  /** Makes a format runnable, in a thread. Throws: GRAMMAR_*, TOKENIZER_MISSING, WAFER_CLOSED. */
  async grammar(source: FormatSource | undefined): Promise<Grammar | undefined> {
    if (source === undefined) return undefined;
    const { tokenizer } = this;
    const { vocabCount } = this.model.spec;
    this.#grammars ??= new GrammarThread(workerEntry('./chat/grammar-worker'), () =>
      collectTokenBytes(tokenizer, vocabCount),
    );
    return this.#grammars.make(source);
  }

  async close(): Promise<void> {
    await Promise.all([this.#renderer?.close(), this.#grammars?.close()]);
  }

  get #chats(): ChatRenderer {
    return (this.#renderer ??= chatRenderer(this.model));
  }

  /** More ids than are counted are not all there: they are refused here. */
  #checked<Tokens extends ArrayLike<number>>(tokens: Tokens): Tokens {
    const max = this.#countedMax;
    if (tokens.length > max) throw this.#tooLong(`more than ${max}`, tokens.length);
    return tokens;
  }

  #tooLong(shown: string, count: number): WaferError {
    const contextMax = this.#contextMax;
    const { contextMax: modelContext } = this.model.spec;
    return promptTooLong(count, { contextMax, modelContext }, shown);
  }
}
