/**
 * The embedding API: a model on a wafer of worker threads.
 *
 *     await using wafer = await Wafer.start({ model: './model', grid: '2x1' });
 *     for await (const piece of wafer.generate('Once upon a time', { maxTokens: 64 })) …
 *
 * The caller's thread only submits requests and receives pieces. Closing ends every thread.
 */
import { randomInt } from 'node:crypto';
import { KV_BLOCK_TOKENS, WaferError } from '@wafer/core';
import type { Dice, Plan, Rounding } from '@wafer/core';
import { enableRevectorization } from '@wafer/kernels';
import { sumErrors } from '@wafer/models';
import type { Model, Quantization } from '@wafer/models';
import type {
  ChatMessage,
  EncodeOptions,
  RenderedChat,
  RenderOptions,
  Tokenizer,
} from '@wafer/text';
import { checkKernelsOnce, checkWebAssembly, createFleet } from './create-fleet.ts';
import { checkRequest } from './check-options.ts';
import { streamChat, type ChatOptions, type ChatPiece } from './chat/chat.ts';
import { Texts } from './chat/texts.ts';
import { checkWidth, normalizeVector, resolveEmbed } from './embed.ts';
import type { EngineMetrics } from './engine/engine-metrics.ts';
import type { EngineEvent } from './engine/messages.ts';
import type { PromptLogprob } from './engine/prompt-logprobs.ts';
import { resolvePrompt, resolveRequest } from './engine/request.ts';
import { integerIn } from './engine/sampling-options.ts';
import type { WaferFleet } from './fleet.ts';
import { Lifecycle } from './lifecycle.ts';
import type { WaferState } from './lifecycle.ts';
import { Inbox } from './inbox.ts';
import type { EmbedOptions, LanguageModel, ScoreOptions } from './language-model.ts';
import { readTraffic } from './metrics.ts';
import type { WaferTraffic } from './metrics.ts';
import { chromeTrace } from './trace/chrome-trace.ts';
import type { ChromeTrace } from './trace/chrome-event.ts';
import { ProcessHold } from './process-hold.ts';
import { weightBytes } from './options.ts';
import type { Logger, WaferOptions } from './options.ts';
import type { Piece, Prompt, RequestOptions } from './piece.ts';
import { prepare } from './prepare.ts';
import { dispatch, type Inboxes } from './inboxes.ts';
import { askOnce, streamAnswer, streamLogits, type RequestLine } from './request-streams.ts';
import { guessTileThreads, SpareThreads } from './spare-threads.ts';

interface WaferParts {
  model: Model;
  plan: Plan;
  dice: Dice;
  rounding: Rounding;
  logger: Logger | undefined;
  fleet: WaferFleet;
  inboxes: Inboxes;
  lifecycle: Lifecycle;
}

const PROGRESS_INTERVAL_MS = 100;
/** Rows of logits that wait for a slow consumer; then their sequence pauses. */
const ROWS_AHEAD_BYTES = 16 * 2 ** 20;

/** A model on a wafer: started once, asked by many at the same time, closed at the end. */
export class Wafer implements LanguageModel {
  readonly model: Model;
  readonly plan: Plan;
  /** How the grid is cut. */
  readonly dice: Dice;
  /** How multiply-add rounds on this wafer. */
  readonly rounding: Rounding;
  readonly #logger: Logger | undefined;
  readonly #fleet: WaferFleet;
  readonly #inboxes: Inboxes;
  readonly #hold = new ProcessHold();
  readonly #texts: Texts;
  readonly #lifecycle: Lifecycle;
  #closing: Promise<void> | undefined;
  #requestCount = 0;

  private constructor(parts: WaferParts) {
    this.model = parts.model;
    this.plan = parts.plan;
    this.dice = parts.dice;
    this.rounding = parts.rounding;
    this.#logger = parts.logger;
    this.#fleet = parts.fleet;
    this.#inboxes = parts.inboxes;
    this.#lifecycle = parts.lifecycle;
    this.#texts = new Texts(parts.model, parts.plan.options.contextMax);
  }

  /**
   * Opens a model, plans it onto the grid, starts the threads and loads the weights.
   * Throws: coded errors of the model's files, PLAN_GRID, PLAN_SRAM, PLAN_OPTION,
   * KERNEL_MISMATCH; the reason of a signal that was aborted.
   */
  static async start(options: WaferOptions): Promise<Wafer> {
    checkWebAssembly();
    const { logger, signal } = options;
    await using spares = new SpareThreads(guessTileThreads(options));
    const prepared = await prepare(options);
    signal?.throwIfAborted();
    const { model, plan, options: resolved, rounding, threads, dice } = prepared;
    if (options.revectorize ?? false) enableRevectorization();
    const totalBytes = weightBytes(model);
    const { grid, stageCount: stages, activations, kv } = resolved.plan;
    const arithmetic = { rounding, activations, kv };
    logger?.info(
      { model: model.name, grid, stages, threads, ...arithmetic, totalBytes },
      'planned',
    );
    const lifecycle = new Lifecycle(options.onState, (error) =>
      logger?.error({ model: model.name, error: String(error) }, 'onState threw'),
    );
    const inboxes: Inboxes = new Map();
    // Until the wafer is there, a failure ends the start itself: also that of a thread which had
    // said before that it was well.
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    const owner = { fail: (error: Error): void => failed.reject(error) };
    const fleet = await createFleet(plan, resolved, {
      secret: options.secret,
      onEvents: (events) => dispatch(events, inboxes),
      onCrash: (error) => owner.fail(error),
    });
    const report = (): void => {
      const loadedBytes = Math.min(fleet.loadedBytes, totalBytes);
      try {
        options.onProgress?.({ loadedBytes, totalBytes });
      } catch (error) {
        owner.fail(error as Error);
      }
    };
    const timer = setInterval(report, PROGRESS_INTERVAL_MS);
    const abort = (): void => failed.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      const use = { options: resolved, rounding, spares };
      const startEngine = async (): Promise<void> => fleet.startEngine(plan, model, use);
      const check = (): void => checkKernelsOnce(rounding, model);
      const loaded = fleet.load(plan, model, use);
      const started = Promise.all([loaded, startEngine(), fleet.running.then(check)]);
      await Promise.race([started, failed.promise]);
      // A failure of the last moment comes before the success.
      await Promise.race([failed.promise, Promise.resolve()]);
      options.onProgress?.({ loadedBytes: totalBytes, totalBytes });
      logger?.info({ model: model.name }, 'started');
      const wafer = new Wafer({ model, plan, dice, rounding, logger, fleet, inboxes, lifecycle });
      owner.fail = (error) => wafer.#fail(error);
      lifecycle.run();
      return wafer;
    } catch (error) {
      lifecycle.fail(error as Error);
      await fleet.stop();
      lifecycle.end();
      throw error;
    } finally {
      clearInterval(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Token ids of a text, with the special tokens that the model wants around it. This thread waits;
   * for long texts see `encodeAside`.
   * Throws: TOKENIZER_MISSING.
   */
  encode(text: string): number[] {
    return this.tokenizer.encode(text);
  }

  /**
   * Token ids of a text of any length; of long ones in a thread: nobody else waits.
   * Throws: TOKENIZER_MISSING, TOKENIZER_INVALID, HOST_REFUSED, WAFER_CLOSED.
   */
  async encodeAside(text: string, options: EncodeOptions = {}): Promise<Int32Array> {
    if (this.#closing) throw new WaferError('WAFER_CLOSED');
    return this.#texts.encode(text, options);
  }

  /** Where the wafer stands: `running` until it fails or is closed. */
  get state(): WaferState {
    return this.#lifecycle.state;
  }

  /**
   * Resolves once nothing of the wafer is left: with the error that ended it, or with undefined if
   * it was closed. Never rejects.
   */
  get closed(): Promise<Error | undefined> {
    return this.#lifecycle.closed;
  }

  /** Milliseconds that the slowest tile thread of this process took to load; 0 with chips. */
  get loadMs(): number {
    return this.#fleet.loadMs;
  }

  /** The model's tokenizer. Throws: TOKENIZER_MISSING. */
  get tokenizer(): Tokenizer {
    return this.#texts.tokenizer;
  }

  /**
   * Streams an answer to a prompt (text or token ids), one piece per token.
   * Leaving the loop early, or aborting the signal, ends the request.
   * Throws: REQUEST_INVALID, PROMPT_TOO_LONG, TOKEN_OUT_OF_RANGE, KV_EXHAUSTED, WAFER_CLOSED.
   */
  async *generate(
    prompt: string | ArrayLike<number>,
    options: RequestOptions = {},
  ): AsyncGenerator<Piece, void, undefined> {
    const { signal, prediction: guess, ...given } = checkRequest(prompt, options);
    signal?.throwIfAborted();
    const prediction = typeof guess === 'string' ? this.tokenizer.encode(guess) : guess;
    const tokens = await this.#texts.prompt(prompt);
    signal?.throwIfAborted();
    const { vocabCount } = this.model.spec;
    const { contextMax, kvBlockCount } = this.plan.options;
    const kvTokens = kvBlockCount * KV_BLOCK_TOKENS;
    const defaultSeed = randomInt(2 ** 32);
    const request = resolveRequest(
      tokens,
      { ...given, prediction },
      { vocabCount, contextMax, modelContext: this.model.spec.contextMax, kvTokens, defaultSeed },
    );
    const stopTokens = [...new Set([...request.stopTokens, ...this.model.special.ends])];
    const grammar = await this.#texts.grammar(request.format);
    signal?.throwIfAborted();
    yield* streamAnswer(this.#open(), { ...request, stopTokens, grammar }, signal);
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
    if (this.#closing) throw new WaferError('WAFER_CLOSED');
    return this.#texts.renderChat(messages, options);
  }

  /**
   * Streams the answer to messages, one piece per token, in its parts: `reasoning`, `content`,
   * `toolCalls`. The last piece carries the whole as a message.
   * Throws: as `renderChat` and `generate`.
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
  async *logits(
    prompt: ArrayLike<number>,
    options: { from?: number } = {},
  ): AsyncGenerator<{ position: number; logits: Float32Array }, void, undefined> {
    const { vocabCount, contextMax: modelContext } = this.model.spec;
    const { contextMax } = this.plan.options;
    const tokens = resolvePrompt(prompt, { vocabCount, contextMax, modelContext });
    const max = tokens.length - 1;
    const from = integerIn('from', options.from ?? 0, { min: 0, max });
    const line = this.#open();
    const credit = Math.max(2, Math.floor(ROWS_AHEAD_BYTES / (vocabCount * 4)));
    yield* streamLogits(line, { kind: 'logits', id: line.id, tokens, from, credit });
  }

  /**
   * Logprobs of the tokens of a prompt, from its second one on.
   * Throws: as `logits`, and TOKENIZER_MISSING for a text.
   */
  async score(prompt: Prompt, options: ScoreOptions = {}): Promise<PromptLogprob[]> {
    const topCount = integerIn('top', options.top ?? 0, { min: 0, max: 20 });
    const tokens = await this.#tokensOf(prompt);
    const line = this.#open();
    const command = { kind: 'score', id: line.id, tokens, topCount } as const;
    return (await askOnce(line, command, 'scored')).logprobs;
  }

  /**
   * Vectors of texts, [D] each, in their order: states after the final norm, pooled, of length 1
   * unless said. Texts share steps. Throws: as `score`.
   */
  async embed(texts: readonly Prompt[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    const { pooling, isNormalized } = resolveEmbed(options);
    checkWidth(this.model.spec);
    const prompts = await Promise.all(texts.map((text) => this.#tokensOf(text)));
    const vectors = prompts.map(async (tokens) => {
      const line = this.#open();
      const command = { kind: 'embed', id: line.id, tokens, pooling } as const;
      const { embedding } = await askOnce(line, command, 'embedding');
      return isNormalized ? normalizeVector(embedding) : embedding;
    });
    return Promise.all(vectors);
  }

  /** Figures of the engine since its start. */
  async metrics(): Promise<EngineMetrics> {
    const line = this.#open();
    return (await askOnce(line, { kind: 'metrics', id: line.id }, 'metrics')).metrics;
  }

  /** Traffic of every channel, and how every tile spent its time, since the start. */
  traffic(): WaferTraffic {
    return readTraffic(this.plan, this.#fleet.memories);
  }

  /**
   * What every tile and the engine did last, as Chrome trace events; the newest `traceRecords` of
   * each thread. Complete once no request is under way.
   */
  trace(): ChromeTrace {
    return chromeTrace(this.plan, this.#fleet.traceRings, this.dice.chipOf);
  }

  /** What quantizing the weights at load did to them; undefined where it was not asked for. */
  get quantization(): Quantization | undefined {
    const { requantized } = this.model;
    return requantized && sumErrors(requantized, this.#fleet.shardErrors);
  }

  /** Processes of the chips that were started for this wafer, by chip; none with `port` links. */
  get processIds(): readonly number[] {
    return this.#fleet.processIds;
  }

  /** Ends every thread; open requests end with WAFER_CLOSED. */
  close(): Promise<void> {
    this.#lifecycle.close();
    return this.#end().then(() => this.#lifecycle.end());
  }

  #end(): Promise<void> {
    this.#closing ??= (async () => {
      this.#failAll(new WaferError('WAFER_CLOSED'));
      await Promise.all([this.#fleet.stop(), this.#texts.close()]);
      this.#hold.close();
      this.#lifecycle.end();
      this.#logger?.info({ model: this.model.name }, 'closed');
    })();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(): RequestLine {
    const { failure } = this.#lifecycle;
    if (failure) throw failure;
    if (this.#closing) throw new WaferError('WAFER_CLOSED');
    const id = this.#requestCount++;
    const inbox = new Inbox<EngineEvent>();
    this.#inboxes.set(id, inbox);
    return {
      id,
      inbox,
      command: (command) => this.#fleet.command(command),
      take: () => this.#hold.during(inbox.take()),
      close: () => void this.#inboxes.delete(id),
    };
  }

  async #tokensOf(prompt: Prompt): Promise<Int32Array> {
    const tokens = await this.#texts.prompt(prompt);
    const { vocabCount, contextMax: modelContext } = this.model.spec;
    const { contextMax } = this.plan.options;
    return resolvePrompt(tokens, { vocabCount, contextMax, modelContext });
  }

  #fail(error: Error): void {
    this.#lifecycle.fail(error);
    this.#failAll(error);
    void this.#end();
    this.#logger?.error({ model: this.model.name, error: error.message }, 'crashed');
  }

  #failAll(error: unknown): void {
    for (const inbox of this.#inboxes.values()) inbox.fail(error);
  }
}
