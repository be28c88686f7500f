/**
 * The embedding API: a model on a wafer of worker threads.
 *
 *     await using wafer = await Wafer.start({ model: './model', grid: '2x1' });
 *     for await (const piece of wafer.generate('Once upon a time', { maxTokens: 64 })) …
 *
 * The caller's thread only submits requests and receives pieces. Closing ends every thread.
 */
import type { Dice, Plan, Rounding } from '@wafer/core';
import { sumErrors } from '@wafer/models';
import type { Model, Quantization } from '@wafer/models';
import type {
  ChatMessage,
  EncodeOptions,
  RenderedChat,
  RenderOptions,
  Tokenizer,
} from '@wafer/text';
import type { AdaptedOptions } from './options/adapter-options.ts';
import { answerOf, embedOf, logitsOf, metricsOf, scoreOf } from './asked.ts';
import type { Asked } from './asked.ts';
import { checkFields } from './check-options.ts';
import { streamChat, type ChatOptions, type ChatPiece } from './chat/chat.ts';
import type { EngineMetrics } from './engine/engine-metrics.ts';
import type { PromptLogprob } from './engine/prompt-logprobs.ts';
import type { WaferState } from './options/lifecycle.ts';
import type { EmbedOptions, LanguageModel, ScoreOptions } from './language-model.ts';
import type { LogitsOptions, LogitsStream } from './language-model.ts';
import type { LoadedAdapter } from './adapters/loaded-adapters.ts';
import { readTally } from './expert-tally.ts';
import type { ExpertTally } from './expert-tally.ts';
import { readTraffic } from './metrics.ts';
import type { WaferTraffic } from './metrics.ts';
import { chromeTrace } from './trace/chrome-trace.ts';
import type { ChromeTrace } from './trace/chrome-event.ts';
import type { WaferOptions } from './options/options.ts';
import type { Piece, Prompt, RequestOptions } from './piece.ts';
import type { RunningWafer } from './running-wafer.ts';
import { startWafer } from './start-wafer.ts';

/** A model on a wafer: started once, asked by many at the same time, closed at the end. */
export class Wafer implements LanguageModel {
  readonly model: Model;
  readonly plan: Plan;
  /** How the grid is cut. */
  readonly dice: Dice;
  /** How multiply-add rounds on this wafer. */
  readonly rounding: Rounding;
  readonly #running: RunningWafer;
  /** The same, its texts, and what requests go through that name no adapter. */
  readonly #asked: Asked;

  private constructor(running: RunningWafer, view: AdaptedOptions & { adapter?: string } = {}) {
    ({ plan: this.plan, dice: this.dice, rounding: this.rounding } = running.prepared);
    const texts = running.textsBy(view.chatTemplate);
    this.model = texts.model;
    this.#running = running;
    this.#asked = { running, texts, adapter: view.adapter };
  }

  /**
   * Opens a model, plans it onto the grid, starts the threads and loads the weights.
   * Throws: coded errors of the model's files, PLAN_GRID, PLAN_SRAM, PLAN_OPTION,
   * KERNEL_MISMATCH; the reason of a signal that was aborted.
   */
  static async start(options: WaferOptions): Promise<Wafer> {
    return new Wafer(await startWafer(options));
  }

  /**
   * Token ids of a text, with the special tokens that the model wants around it. This thread waits;
   * for long texts see `encodeAside`. Throws: TOKENIZER_MISSING.
   */
  encode(text: string): number[] {
    return this.tokenizer.encode(text);
  }

  /**
   * Token ids of a text of any length; of long ones in a thread: nobody else waits.
   * Throws: TOKENIZER_MISSING, TOKENIZER_INVALID, HOST_REFUSED, WAFER_CLOSED.
   */
  async encodeAside(text: string, options: EncodeOptions = {}): Promise<Int32Array> {
    this.#running.checkOpen();
    return this.#asked.texts.encode(text, options);
  }

  /** Where the wafer stands: `running` until it fails or is closed. */
  get state(): WaferState {
    return this.#running.state;
  }

  /** Resolves once nothing is left: with the error that ended it, undefined if it was closed. */
  get closed(): Promise<Error | undefined> {
    return this.#running.closed;
  }

  /** Milliseconds that the slowest tile thread of this process took to load; 0 with chips. */
  get loadMs(): number {
    return this.#running.fleet.loadMs;
  }

  /** The model's tokenizer. Throws: TOKENIZER_MISSING. */
  get tokenizer(): Tokenizer {
    return this.#asked.texts.tokenizer;
  }

  /**
   * Streams an answer to a prompt (text or token ids), one piece per token. Leaving the loop early,
   * or aborting the signal, ends the request. Throws: REQUEST_INVALID, PROMPT_TOO_LONG,
   * TOKEN_OUT_OF_RANGE, KV_EXHAUSTED, ADAPTER_UNKNOWN, WAFER_CLOSED.
   */
  generate(
    prompt: string | ArrayLike<number>,
    options: RequestOptions = {},
  ): AsyncGenerator<Piece, void, undefined> {
    return answerOf(this.#asked, prompt, options);
  }

  /**
   * Messages as the model reads them, by its chat template: text for people, and token ids. No
   * text of a message makes a special token. Throws: TEMPLATE_*, REQUEST_INVALID, PROMPT_TOO_LONG,
   * WAFER_CLOSED.
   */
  async renderChat(
    messages: readonly ChatMessage[],
    options: RenderOptions = {},
  ): Promise<RenderedChat> {
    this.#running.checkOpen();
    return this.#asked.texts.renderChat(messages, options);
  }

  /**
   * Streams the answer to messages, one piece per token, in its parts: `reasoning`, `content`,
   * `toolCalls`. The last piece has the whole as a message. Throws: as `renderChat`, `generate`.
   */
  chat(
    messages: readonly ChatMessage[],
    options: ChatOptions = {},
  ): AsyncGenerator<ChatPiece, void, undefined> {
    return streamChat(this, messages, options);
  }

  /**
   * Logits after each token of a prompt, one row of V per position, in order, beginning with
   * position `from` (default: 0). Rows wait in memory until they are taken.
   * Throws: TOKEN_OUT_OF_RANGE, PROMPT_TOO_LONG, REQUEST_INVALID, KV_EXHAUSTED, WAFER_CLOSED.
   */
  logits(prompt: ArrayLike<number>, options: LogitsOptions = {}): LogitsStream {
    return logitsOf(this.#asked, prompt, options);
  }

  /**
   * Logprobs of the tokens of a prompt, from its second one on. The last is not read: ids may be
   * one more than the context. Throws: as `logits`, and TOKENIZER_MISSING for a text.
   */
  score(prompt: Prompt, options: ScoreOptions = {}): Promise<PromptLogprob[]> {
    return scoreOf(this.#asked, prompt, options);
  }

  /**
   * Vectors of texts, [D] each, in their order: states after the final norm, pooled, of length 1
   * unless said. Texts share steps. Throws: as `score`.
   */
  embed(texts: readonly Prompt[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    return embedOf(this.#asked, texts, options);
  }

  /** Figures of the engine since its start. */
  metrics(): Promise<EngineMetrics> {
    return metricsOf(this.#asked);
  }

  /** Traffic of every channel, and how every tile spent its time, since the start. */
  traffic(): WaferTraffic {
    return readTraffic(this.plan, this.#running.fleet.memories);
  }

  /** How many tokens met each expert since the start; undefined where the model has none. */
  expertTally(): ExpertTally | undefined {
    return readTally(this.plan, this.#running.fleet.memories);
  }

  /**
   * What every tile and the engine did last, as Chrome trace events; the newest `traceRecords` of
   * each thread. Complete once no request is under way.
   */
  trace(): ChromeTrace {
    return chromeTrace(this.plan, this.#running.fleet.traceRings, this.dice.chipOf);
  }

  /** What quantizing the weights at load did to them; undefined where it was not asked for. */
  get quantization(): Quantization | undefined {
    const { requantized } = this.model;
    return requantized && sumErrors(requantized, this.#running.fleet.shardErrors);
  }

  /** Processes of the chips that were started for this wafer, by chip; none with `port` links. */
  get processIds(): readonly number[] {
    return this.#running.fleet.processIds;
  }

  /**
   * Reads an adapter, a folder of PEFT's or a GGUF file, into a free slot: requests can name it.
   * Throws: REQUEST_INVALID, ADAPTER_*, WAFER_CLOSED, and coded errors of its files.
   */
  async loadAdapter(path: string, options: { name: string }): Promise<LoadedAdapter> {
    const { name } = checkFields(options, ['name']);
    return this.#running.loadAdapter(path, name);
  }

  /** Takes its name away; resolves when no request goes through it. Throws: ADAPTER_UNKNOWN. */
  unloadAdapter(name: string): Promise<void> {
    return this.#running.adapters.unload(name);
  }

  /** Adapters that requests can name. */
  get adapters(): readonly LoadedAdapter[] {
    return this.#running.adapters.list();
  }

  /**
   * This wafer through an adapter by default; its close ends nothing. Throws: ADAPTER_UNKNOWN,
   * REQUEST_INVALID, WAFER_CLOSED.
   */
  adapted(name: string, options: AdaptedOptions = {}): Wafer {
    this.#running.adapters.check(name);
    const view = checkFields(options, ['chatTemplate']);
    return new Wafer(this.#running, { ...view, adapter: name });
  }

  /** Ends every thread; open requests end with WAFER_CLOSED. */
  async close(): Promise<void> {
    if (this.#asked.adapter === undefined) await this.#running.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
