/**
 * What stands behind a wafer while it runs: threads, texts, the lines of open requests; and its
 * end, which comes once. A failure ends it as closing does: what is open learns why, what comes
 * later is refused.
 */
import { WaferError } from '@wafer/core';
import type { Model } from '@wafer/models';
import { withChatTemplate } from '@wafer/text';
import { refuse } from './engine/sampling-options.ts';
import { LoadedAdapters } from './adapters/loaded-adapters.ts';
import type { LoadedAdapter } from './adapters/loaded-adapters.ts';
import { Texts } from './chat/texts.ts';
import type { WaferFleet } from './fleet/wafer-fleet.ts';
import type { Lifecycle, WaferState } from './options/lifecycle.ts';
import type { Logger } from './options/options.ts';
import type { Prepared } from './prepare.ts';
import type { RequestLines } from './requests/request-lines.ts';
import type { RequestLine } from './requests/request-streams.ts';

export interface RunningParts {
  prepared: Prepared;
  fleet: WaferFleet;
  lines: RequestLines;
  lifecycle: Lifecycle;
  logger: Logger | undefined;
}

export class RunningWafer {
  readonly prepared: Prepared;
  readonly fleet: WaferFleet;
  readonly texts: Texts;
  /** By chat templates that are not the model's. */
  readonly #otherTexts = new Map<string, Texts>();
  readonly adapters: LoadedAdapters;
  readonly #lines: RequestLines;
  readonly #lifecycle: Lifecycle;
  readonly #logger: Logger | undefined;
  #closing: Promise<void> | undefined;

  constructor({ prepared, fleet, lines, lifecycle, logger }: RunningParts) {
    this.prepared = prepared;
    this.fleet = fleet;
    this.#lines = lines;
    this.#lifecycle = lifecycle;
    this.#logger = logger;
    this.texts = this.#textsOf(prepared.model);
    this.adapters = new LoadedAdapters(prepared.plan, fleet.slots);
  }

  get state(): WaferState {
    return this.#lifecycle.state;
  }

  /** Resolves once nothing is left: with the error that ended it, if one did. */
  get closed(): Promise<Error | undefined> {
    return this.#lifecycle.closed;
  }

  /** Throws: WAFER_CLOSED. */
  checkOpen(): void {
    if (this.#closing) throw new WaferError('WAFER_CLOSED');
  }

  /**
   * Texts whose chats go by a template: the model's, or another one, which is kept to the end.
   * Throws: REQUEST_INVALID, WAFER_CLOSED.
   */
  textsBy(chatTemplate: string | undefined): Texts {
    if (chatTemplate === undefined) return this.texts;
    if (typeof chatTemplate !== 'string') refuse('chatTemplate', chatTemplate, 'a text');
    const known = this.#otherTexts.get(chatTemplate);
    if (known !== undefined) return known;
    this.checkOpen();
    const texts = this.#textsOf(withChatTemplate(this.prepared.model, chatTemplate));
    this.#otherTexts.set(chatTemplate, texts);
    return texts;
  }

  #textsOf(model: Model): Texts {
    return new Texts(model, this.prepared.plan.options.contextMax);
  }

  /** Throws: what ended the wafer, WAFER_CLOSED. */
  checkRunning(): void {
    const { failure } = this.#lifecycle;
    if (failure) throw failure;
    this.checkOpen();
  }

  /** Throws: as `LoadedAdapters.load`, `checkRunning`. */
  async loadAdapter(path: string, name: unknown): Promise<LoadedAdapter> {
    this.checkRunning();
    const loaded = await this.adapters.load(path, name);
    // The memory of threads that have ended takes a slot as well.
    this.checkRunning();
    return loaded;
  }

  /** Opens the line of a request. Throws: as `checkRunning`. */
  open(): RequestLine {
    this.checkRunning();
    return this.#lines.open(this.fleet);
  }

  /** Its owner wants its end: every thread ends, open requests with WAFER_CLOSED. */
  async close(): Promise<void> {
    this.#lifecycle.close();
    await this.#end();
    this.#lifecycle.end();
  }

  /** It cannot go on: every thread ends, open requests with this error. */
  fail(error: Error): void {
    this.#lifecycle.fail(error);
    this.#lines.fail(error);
    void this.#end();
    this.#logger?.error({ model: this.prepared.model.name, error: error.message }, 'crashed');
  }

  #end(): Promise<void> {
    this.#closing ??= (async () => {
      this.#lines.fail(new WaferError('WAFER_CLOSED'));
      const texts = [this.texts, ...this.#otherTexts.values()].map((one) => one.close());
      await Promise.all([this.fleet.stop(), ...texts]);
      this.#lines.close();
      this.#lifecycle.end();
      this.#logger?.info({ model: this.prepared.model.name }, 'closed');
    })();
    return this.#closing;
  }
}
