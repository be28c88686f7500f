/**
 * A thread for chat templates, with limits on steps, time, memory and text.
 *
 * One template at a time. A thread that passes the time or the memory limit is ended, and the
 * next call starts another; the time to start it does not count.
 */
import { Worker } from 'node:worker_threads';
import { reasonOf, WaferError } from '@wafer/core';
import type { StandIns } from '../jinja/text.ts';
import type { ChatResult, ChatTask } from './render-chat.ts';

export interface TemplateLimits {
  stepsMax: number;
  timeMaxMs: number;
  memoryMaxMib: number;
  /** Of the template, and of its output. */
  charactersMax: number;
}

/** A chat of a thousand messages takes some 200,000 steps and 50 ms. */
export const TEMPLATE_LIMITS: TemplateLimits = {
  stepsMax: 2_000_000,
  timeMaxMs: 5000,
  memoryMaxMib: 256,
  // Some 30 MiB of memory, and as many tokens as the longest contexts hold.
  charactersMax: 2 ** 24,
};

type Work = Omit<ChatTask, 'stepsMax' | 'charactersMax'>;

/** What a template made of a chat, stand-ins in it. */
export interface TemplateOutput {
  output: string;
  standIns: StandIns;
}

export class TemplateThread {
  readonly #path: string;
  readonly #entry: URL;
  readonly #limits: TemplateLimits;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** `path` names the model in errors; `entry` is `worker.ts`, or a bundle of it. */
  constructor(path: string, entry: URL, limits: Partial<TemplateLimits> = {}) {
    this.#path = path;
    this.#entry = entry;
    this.#limits = { ...TEMPLATE_LIMITS, ...limits };
  }

  /**
   * Fills in a template.
   * Throws: TEMPLATE_INVALID, TEMPLATE_LIMIT, TEMPLATE_REFUSED, REQUEST_INVALID, WAFER_CLOSED.
   */
  render(work: Work): Promise<TemplateOutput> {
    const turn = this.#last.then(() => this.#render(work));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
  }

  async #render(work: Work): Promise<TemplateOutput> {
    if (this.#isClosed) throw new WaferError('WAFER_CLOSED');
    const { stepsMax, charactersMax } = this.#limits;
    const { length } = work.template;
    if (length > charactersMax) throw this.#limit(`${length} characters`, `${charactersMax}`);
    const result = await this.#run({ ...work, stepsMax, charactersMax });
    if (this.#isClosed) throw new WaferError('WAFER_CLOSED');
    if (result.kind === 'chat') return { output: result.output, standIns: result.standIns };
    if (result.kind === 'request') throw new WaferError('REQUEST_INVALID', result.details);
    if (result.kind === 'limit') throw this.#limit(result.limit, result.allowed);
    const code = result.kind === 'refused' ? 'TEMPLATE_REFUSED' : 'TEMPLATE_INVALID';
    throw new WaferError(code, { path: this.#path, reason: result.reason });
  }

  async #run(task: ChatTask): Promise<ChatResult> {
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve } = Promise.withResolvers<ChatResult>();
    let timer: NodeJS.Timeout | undefined;
    let isUnfit = false;
    const failWith = (result: ChatResult): void => {
      isUnfit = true;
      resolve(result);
    };
    const onMessage = (message: { kind: 'started' } | ChatResult): void => {
      if (message.kind !== 'started') return resolve(message);
      const { timeMaxMs } = this.#limits;
      const text = `${timeMaxMs} ms`;
      const fail = (): void => failWith({ kind: 'limit', limit: text, allowed: text });
      // An answer that waits already, as this thread was busy, goes first.
      timer = setTimeout(() => setImmediate(fail), timeMaxMs);
    };
    const onError = (error: Error & { code?: string }): void => {
      const allowed = `${this.#limits.memoryMaxMib} MiB`;
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (isMemory) failWith({ kind: 'limit', limit: `${allowed} of memory`, allowed });
      else failWith({ kind: 'invalid', reason: reasonOf(error) });
    };
    const onExit = (): void => failWith({ kind: 'invalid', reason: 'its thread ended' });
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.ref();
    try {
      post(worker, task);
      return await promise;
    } finally {
      clearTimeout(timer);
      worker.off('message', onMessage).off('exit', onExit);
      worker.unref();
      // The listener for errors stays with a thread that is ended: a late error is nobody's.
      if (isUnfit) await this.#end();
      else worker.off('error', onError);
    }
  }

  #start(): Worker {
    const { memoryMaxMib } = this.#limits;
    return new Worker(this.#entry, {
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: memoryMaxMib, maxYoungGenerationSizeMb: 32 },
    });
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #limit(limit: string, allowed: string): WaferError {
    return new WaferError('TEMPLATE_LIMIT', { path: this.#path, limit, allowed });
  }
}

/** Throws: REQUEST_INVALID, for what is no data. */
function post(worker: Worker, task: ChatTask): void {
  try {
    worker.postMessage(task);
  } catch (error) {
    const expected = 'plain data, as JSON can hold it';
    const details = { field: 'messages, tools or variables', value: reasonOf(error), expected };
    throw new WaferError('REQUEST_INVALID', details);
  }
}
