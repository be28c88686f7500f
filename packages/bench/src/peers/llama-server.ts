/**
 * A small HTTP server over node-llama-cpp: the peer of `wafer bench serve`, on the same file.
 *
 * It is not llama.cpp's own server, which npm does not carry, and is named so in reports. As that
 * one does, it has a number of slots, batches what runs in them, keeps the tokens of a slot and
 * gives a request the slot that shares the longest prefix; the others wait in order, without bound.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assert } from '@wafer/core';
import type { Runner } from '../process/runner.ts';
import { BATCH_ROWS, openLlama } from './node-llama-cpp.ts';
import type { NativeModel } from './node-llama-cpp.ts';

export interface LlamaServerOptions {
  /** A GGUF file. */
  model: string;
  threads: number;
  /** Requests that run at once. */
  slots: number;
  /** Positions of a slot. */
  contextTokens: number;
  cacheFolder: string;
}

/** Where it listens. */
export interface LlamaServerPlace {
  url: string;
}

/** The same as a child process. */
export interface LlamaServerRole {
  name: 'llama-server';
  options: LlamaServerOptions;
  task: undefined;
  sample: LlamaServerPlace;
}

// ---- what is used of node-llama-cpp

interface Slot {
  readonly contextTokens: readonly number[];
  adaptStateToTokens(tokens: readonly number[], allowShift?: boolean): Promise<void>;
  evaluate(tokens: readonly number[], options: object): AsyncIterable<number>;
}

interface Length {
  max_tokens?: number;
  stream?: boolean;
}

interface Asked extends Length {
  prompt: number[] | string;
}

const MODEL_ID = 'llama.cpp';

export class LlamaServer implements Runner<undefined, LlamaServerPlace> {
  readonly #http: Server;
  readonly #free: Slot[];
  readonly #waiting: (() => void)[] = [];
  readonly #model: NativeModel<Slot>;
  readonly #end: () => Promise<void>;

  private constructor(model: NativeModel<Slot>, slots: Slot[], end: () => Promise<void>) {
    this.#model = model;
    this.#free = slots;
    this.#end = end;
    this.#http = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500);
        response.end(String(error));
      });
    });
  }

  /** Loads the library and the model, and listens. Throws: PEER_UNAVAILABLE. */
  static async open(options: LlamaServerOptions): Promise<LlamaServer> {
    const { threads, slots, contextTokens } = options;
    const llama = await openLlama<Slot>(options);
    const model = await llama.loadModel({ modelPath: options.model, gpuLayers: 0 });
    const context = await model.createContext({
      ...{ contextSize: contextTokens, batchSize: BATCH_ROWS, sequences: slots },
      threads: { ideal: threads, min: threads },
    });
    const sequences = Array.from({ length: slots }, () => context.getSequence());
    const server = new LlamaServer(model, sequences, async () => {
      await context.dispose();
      await model.dispose();
      await llama.dispose();
    });
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  measure(): Promise<LlamaServerPlace> {
    const { port } = this.#http.address() as AddressInfo;
    return Promise.resolve({ url: `http://127.0.0.1:${port}/v1` });
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await this.#end();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/health') return sendJson(response, { status: 'ok' });
    if (request.url === '/v1/models') return sendJson(response, { data: [{ id: MODEL_ID }] });
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const asked = JSON.parse(text) as Asked;
    const prompt =
      typeof asked.prompt === 'string' ? this.#model.tokenize(asked.prompt) : asked.prompt;
    while (this.#free.length === 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const slot = this.#takeSlot(prompt);
    try {
      await this.#write(slot, { ...asked, prompt }, response);
    } finally {
      this.#free.push(slot);
      this.#waiting.shift()?.();
    }
  }

  /** The free slot whose tokens begin like the prompt the longest. */
  #takeSlot(prompt: readonly number[]): Slot {
    const shares = this.#free.map(({ contextTokens }) => sharedLength(contextTokens, prompt));
    const best = shares.reduce((at, share, i) => (share > shares[at]! ? i : at), 0);
    const [slot] = this.#free.splice(best, 1);
    assert(slot !== undefined, 'a slot is free', { free: this.#free.length });
    return slot;
  }

  async #write(
    slot: Slot,
    { prompt, max_tokens: count = 16, stream }: Length & { prompt: number[] },
    response: ServerResponse,
  ): Promise<void> {
    await slot.adaptStateToTokens(prompt.slice(0, -1), false);
    const cached = slot.contextTokens.length;
    if (stream === true) response.writeHead(200, { 'content-type': 'text/event-stream' });
    const event = (data: unknown): void => {
      if (stream === true) response.write(`data: ${JSON.stringify(data)}\n\n`);
    };
    const tokens: number[] = [];
    const options = { temperature: 0, yieldEogToken: true };
    for await (const token of slot.evaluate(prompt.slice(cached), options)) {
      tokens.push(token);
      // A token that shows nothing is still a token that came.
      event({ choices: [{ index: 0, text: this.#model.detokenize([token]) || ' ' }] });
      if (tokens.length >= count || response.destroyed) break;
    }
    const usage = {
      ...{ prompt_tokens: prompt.length, completion_tokens: tokens.length },
      prompt_tokens_details: { cached_tokens: cached },
    };
    if (stream !== true) return sendJson(response, { choices: [{ text: '' }], usage });
    event({ choices: [], usage });
    response.end('data: [DONE]\n\n');
  }
}

function sharedLength(left: readonly number[], right: readonly number[]): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
