/**
 * Runs batches: below live traffic, some lines at a time, each journaled when it is done.
 *
 *     input ─ parse ─ lines that the journal has not ─▶ endpoint ─▶ journal ─▶ files, once
 *
 * A process may be killed anywhere: what the journal has is never asked again, what it has not is
 * asked anew, and the files of the end are written in the transaction that ends the batch.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '@wafer/core';
import { ApiError, toApiError } from '../errors/api-error.ts';
import type { BodyLimits } from '../http/bodies.ts';
import { checkItems } from '../http/bodies.ts';
import type { Caller } from '../http/keys.ts';
import type { Call, Endpoint } from '../http/route.ts';
import { validator } from '../http/validator.ts';
import { idMaker } from '../requests/ids.ts';
import type { Services } from '../services.ts';
import { BATCH_KIND, isOpen, parseLines, PAYER_KIND } from './batch-body.ts';
import type { BatchBody, BatchLine, BatchPayer } from './batch-body.ts';
import { endBatch } from './batch-end.ts';

export interface BatchOptions {
  /** Lines of one batch that are asked at a time. */
  linesMax: number;
  bodies: BodyLimits;
}

export const BATCH_LINES_DEFAULT = 4;
const RETRY_MS = 1000;
/** Below every priority that a live request can have. */
const PRIORITY = -100;

type Target = Endpoint<Services> & { check: (body: unknown) => void };

export class BatchRunner {
  readonly #services: Services;
  readonly #options: BatchOptions;
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #runs = new Map<string, { stop: AbortController; done: Promise<void> }>();
  readonly #closing = new AbortController();

  constructor(services: Services, endpoints: readonly Endpoint<Services>[], options: BatchOptions) {
    this.#services = services;
    this.#options = options;
    const posts = endpoints.filter(({ method, body }) => method === 'POST' && body);
    this.#targets = new Map(
      posts.map((endpoint) => [
        endpoint.path,
        { ...endpoint, check: validator(endpoint.body ?? {}) },
      ]),
    );
  }

  /** Goes on with what an earlier process left. */
  resume(): void {
    for (const { tenant, body } of this.#services.store.documents.all<BatchBody>(BATCH_KIND)) {
      if (isOpen(body)) this.start(tenant, body.id);
    }
  }

  start(tenant: string, id: string): void {
    if (this.#closing.signal.aborted || this.#runs.has(id)) return;
    const stop = new AbortController();
    const done = this.#work(tenant, id, stop.signal).finally(() => this.#runs.delete(id));
    this.#runs.set(id, { stop, done });
  }

  /** Ends the lines under way; the batch then ends as its document says. */
  stop(tenant: string, id: string): void {
    const run = this.#runs.get(id);
    run?.stop.abort(new Error('the batch is canceled'));
    if (run === undefined) this.start(tenant, id);
  }

  /** Leaves batches where they are, to be gone on with after a start. */
  async close(): Promise<void> {
    this.#closing.abort();
    const runs = [...this.#runs.values()];
    for (const { stop } of runs) stop.abort(new Error('the server ends'));
    await Promise.all(runs.map(({ done }) => done));
  }

  /** Runs a batch to its end; what cannot be stored, as on a full disk, is tried again. */
  async #work(tenant: string, id: string, stopped: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await this.#run(tenant, id, stopped);
      } catch {
        // A batch that is canceled waits as well: its end is to be stored, too.
        const { signal } = this.#closing;
        if (signal.aborted) return;
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #run(tenant: string, id: string, stopped: AbortSignal): Promise<void> {
    const { store, nowSeconds } = this.#services;
    const key = { tenant, kind: BATCH_KIND, id };
    const begun = store.documents.get<BatchBody>(key);
    if (begun === undefined) return;
    const input = store.blobs.read({ tenant, owner: begun.input_file_id }).toString('utf8');
    const { lines, faults } = await parseLines(input, begun.endpoint);
    if (faults.length > 0) {
      store.documents.update<BatchBody>(key, (batch) => ({
        ...{ ...batch, status: 'failed', failed_at: nowSeconds() },
        errors: { object: 'list', data: faults },
      }));
      return;
    }
    store.documents.update<BatchBody>(key, (batch) =>
      batch.status === 'validating'
        ? {
            ...{ ...batch, status: 'in_progress', in_progress_at: nowSeconds() },
            request_counts: { ...batch.request_counts, total: lines.length },
          }
        : batch,
    );
    const left = Math.max(0, begun.expires_at - nowSeconds()) * 1000;
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(Math.min(left, 2 ** 31 - 1))]);
    if (begun.status !== 'cancelling') await this.#lines(tenant, begun, lines, signal);
    if (this.#closing.signal.aborted) return;
    endBatch(this.#services, { tenant, batch: id, lines });
  }

  /** Asks all lines that are not done, some at a time. */
  async #lines(
    tenant: string,
    batch: BatchBody,
    lines: readonly BatchLine[],
    signal: AbortSignal,
  ): Promise<void> {
    const done = this.#services.store.lines.done({ tenant, batch: batch.id });
    const waiting = lines.keys().filter((line) => !done.has(line));
    const work = async (): Promise<void> => {
      for (const line of waiting) {
        if (signal.aborted) return;
        await this.#line({ tenant, batch: batch.id, line }, lines[line]!, signal);
      }
    };
    await Promise.all(Array.from({ length: this.#options.linesMax }, work));
  }

  /** Asks one line until it has an answer, and journals it. */
  async #line(
    at: { tenant: string; batch: string; line: number },
    { custom_id, url, body }: BatchLine,
    signal: AbortSignal,
  ): Promise<void> {
    const { store } = this.#services;
    const newId = idMaker(this.#services);
    for (;;) {
      const id = newId('batch_req');
      const answer = await this.#ask(at, { url, body }, { id, signal });
      if (signal.aborted) return;
      const { status } = answer;
      if (status === 429 || status === 503) {
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
        continue;
      }
      const response = { status_code: status, request_id: id, body: answer.body };
      const line = { id, custom_id, response, error: null };
      store.transaction(() => {
        const isNew = store.lines.add(at, { line: at.line, isError: status >= 400, body: line });
        if (isNew) this.#count(at, status >= 400);
      });
      return;
    }
  }

  #count({ tenant, batch }: { tenant: string; batch: string }, isError: boolean): void {
    const key = { tenant, kind: BATCH_KIND, id: batch };
    this.#services.store.documents.update<BatchBody>(key, (body) => {
      const { total, completed, failed } = body.request_counts;
      const counts = isError
        ? { completed, failed: failed + 1 }
        : { completed: completed + 1, failed };
      return { ...body, request_counts: { total, ...counts } };
    });
  }

  /** The tenant, on the account of the key that began the batch. */
  #callerOf({ tenant, batch }: { tenant: string; batch: string }): Caller {
    const { store, directory } = this.#services;
    const payer = store.documents.get<BatchPayer>({ tenant, kind: PAYER_KIND, id: batch });
    return directory.complete({ tenant, role: 'user', weight: 1, ...payer, isBatch: true });
  }

  /** The endpoint's answer, as it would be over HTTP. Never throws. */
  async #ask(
    at: { tenant: string; batch: string },
    { url, body }: Pick<BatchLine, 'url' | 'body'>,
    { id, signal }: { id: string; signal: AbortSignal },
  ): Promise<{ status: number; body: unknown }> {
    try {
      const target = this.#targets.get(url);
      assert(target !== undefined, 'lines were checked before they are asked', { url });
      checkItems(body, this.#options.bodies);
      target.check(body);
      if (body['stream'] === true || body['background'] === true) {
        const message = 'a line of a batch is answered whole';
        throw new ApiError({
          status: 400,
          code: 'unsupported_parameter',
          param: 'stream',
          message,
        });
      }
      const call: Call = {
        ...{ id, signal, body, params: {}, query: {}, headers: {} },
        caller: this.#callerOf(at),
        arrivedAtMs: performance.now(),
        priority: PRIORITY,
      };
      const reply = await target.handler(call, this.#services);
      if (reply.kind !== 'json') throw new Error(`a line was answered as ${reply.kind}`);
      return { status: reply.status ?? 200, body: reply.body };
    } catch (error) {
      const told = toApiError(error);
      return { status: told.status, body: told.body };
    }
  }
}
