/**
 * A thread that encodes long texts: the caller's thread only hands them over. It starts with the
 * first of them, and holds a tokenizer of its own.
 */
import { Worker } from 'node:worker_threads';
import { reasonOf, WaferError } from '@wafer/core';
import type { ErrorCode } from '@wafer/core';
import type { StandIns } from '../jinja/text.ts';
import { packTokenizer, type PortableTokenizer } from '../tokenizer/portable.ts';
import type { TokenizerDescription } from '../tokenizer/tokenizer-facts.ts';
import type { EncodeOptions } from '../tokenizer/tokenizer.ts';

export type EncodeWork =
  | { kind: 'text'; text: string; options: EncodeOptions }
  | { kind: 'output'; output: string; standIns: StandIns; tokensMax: number };

/** What the thread is started with. */
export interface EncodeThreadData {
  tokenizer: PortableTokenizer;
  path: string;
}

export interface EncodeAnswer {
  id: number;
  ids?: Int32Array;
  refusal?: { code: ErrorCode; details: Readonly<Record<string, unknown>> };
}

type Waiting = PromiseWithResolvers<Int32Array>;

export class EncodeThread {
  readonly #description: TokenizerDescription;
  readonly #path: string;
  readonly #entry: URL;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #count = 0;
  #isClosed = false;

  /** `path` names the model in errors; `entry` is `encode-worker.ts`, or a bundle of it. */
  constructor(description: TokenizerDescription, path: string, entry: URL) {
    this.#description = description;
    this.#path = path;
    this.#entry = entry;
  }

  /** Token ids. Throws: TOKENIZER_INVALID, HOST_REFUSED, WAFER_CLOSED. */
  encode(work: EncodeWork): Promise<Int32Array> {
    if (this.#isClosed) return Promise.reject(new WaferError('WAFER_CLOSED'));
    const waiting: Waiting = Promise.withResolvers();
    const id = this.#count++;
    try {
      const worker = (this.#worker ??= this.#start());
      this.#waiting.set(id, waiting);
      worker.ref();
      worker.postMessage({ id, work });
    } catch (error) {
      this.#waiting.delete(id);
      waiting.reject(refusal(error));
    }
    return waiting.promise;
  }

  /** Ends the thread; what it was at ends with WAFER_CLOSED. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#failAll(new WaferError('WAFER_CLOSED'));
    await worker?.terminate();
  }

  #start(): Worker {
    const tokenizer = packTokenizer(this.#description);
    const workerData: EncodeThreadData = { tokenizer, path: this.#path };
    const worker = new Worker(this.#entry, { env: {}, workerData });
    const end = (error: unknown): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#failAll(refusal(error));
    };
    worker.on('message', (answer: EncodeAnswer) => this.#settle(answer));
    worker.on('error', end).on('exit', () => end('its thread ended'));
    return worker;
  }

  #settle({ id, ids, refusal: refused }: EncodeAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    // An idle thread keeps no process alive.
    if (this.#waiting.size === 0) this.#worker?.unref();
    if (ids !== undefined) waiting?.resolve(ids);
    else if (refused !== undefined) waiting?.reject(WaferError.fromJSON(refused));
  }

  #failAll(error: WaferError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function refusal(error: unknown): WaferError {
  const hint = 'give the process more memory, or send less text';
  const details = { what: 'encode a text in a thread', reason: reasonOf(error), hint };
  return new WaferError('HOST_REFUSED', details);
}
