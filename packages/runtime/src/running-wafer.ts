/**
 * What stands behind a wafer while it runs: threads, texts, the lines of open requests; and its
 * end, which comes once. A failure ends it as closing does: what is open learns why, what comes
 * later is refused.
 */
import { WaferError } from '@wafer/core';
import { LoadedAdapters } from './loaded-adapters.ts';
import { Texts } from './chat/texts.ts';
import type { WaferFleet } from './wafer-fleet.ts';
import type { Lifecycle, WaferState } from './lifecycle.ts';
import type { Logger } from './options.ts';
import type { Prepared } from './prepare.ts';
import type { RequestLines } from './request-lines.ts';
import type { RequestLine } from './request-streams.ts';

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
    this.texts = new Texts(prepared.model, prepared.plan.options.contextMax);
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

  /** Opens the line of a request. Throws: what ended the wafer, WAFER_CLOSED. */
  open(): RequestLine {
    const { failure } = this.#lifecycle;
    if (failure) throw failure;
    this.checkOpen();
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
      await Promise.all([this.fleet.stop(), this.texts.close()]);
      this.#lines.close();
      this.#lifecycle.end();
      this.#logger?.info({ model: this.prepared.model.name }, 'closed');
    })();
    return this.#closing;
  }
}
