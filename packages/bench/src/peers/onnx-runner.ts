/**
 * onnxruntime-node in a comparison: the same weights in f32, on a number of threads.
 *
 * The KV cache is memory that is passed in and out again, so that its attention appends in place.
 * Two sessions, each with what it is fastest at: packed matrices for prompts, matrices as they are
 * for single tokens (15 % more tokens/s at 15M). One sequence at a time; what it has no use for
 * (batches of sequences) is refused.
 */
import { assert } from '@wafer/core';
import { promptOf } from '../task/speed-task.ts';
import type { SpeedSample, SpeedTask } from '../task/speed-task.ts';
import { decodeRate } from '../task/decode-rate.ts';
import type { RunnerOf } from '../process/runner.ts';
import { importOnnxRuntime } from './install.ts';

interface OnnxRunnerOptions {
  /** A file that `writeOnnx` wrote. */
  model: string;
  threads: number;
  vocabCount: number;
  layerCount: number;
  kvHeadCount: number;
  headWidth: number;
  contextTokens: number;
  cacheFolder: string;
}

// ---- what is used of onnxruntime-node

interface Tensor {
  data: Float32Array;
}

interface Session {
  run(
    feeds: Record<string, Tensor>,
    fetches: Record<string, Tensor>,
  ): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

interface OnnxRuntime {
  InferenceSession: { create(path: string, options: object): Promise<Session> };
  Tensor: new (type: string, data: ArrayBufferView, shape: number[]) => Tensor;
}

export interface OnnxRole {
  name: 'onnx';
  options: OnnxRunnerOptions;
  task: SpeedTask;
  sample: SpeedSample;
}

export class OnnxRunner implements RunnerOf<OnnxRole> {
  readonly #options: OnnxRunnerOptions;
  readonly #runtime: OnnxRuntime;
  readonly #caches: Record<string, Tensor> = {};
  /** For prompts, and for single tokens. */
  readonly #sessions: { prompt: Session; single: Session };

  private constructor(
    options: OnnxRunnerOptions,
    runtime: OnnxRuntime,
    sessions: { prompt: Session; single: Session },
  ) {
    this.#options = options;
    this.#runtime = runtime;
    this.#sessions = sessions;
    const { layerCount, kvHeadCount, contextTokens, headWidth } = options;
    const shape = [1, kvHeadCount, contextTokens, headWidth];
    for (let layer = 0; layer < layerCount; layer++) {
      for (const kind of ['key', 'value']) {
        const data = new Float32Array(kvHeadCount * contextTokens * headWidth);
        this.#caches[`${layer}.${kind}`] = new runtime.Tensor('float32', data, shape);
      }
    }
  }

  /** Loads the library and the model. Throws: PEER_UNAVAILABLE. */
  static async open(options: OnnxRunnerOptions): Promise<OnnxRunner> {
    const runtime = (await importOnnxRuntime(options.cacheFolder)) as OnnxRuntime;
    const prompt = await createSession(runtime, options, { isPacked: true });
    const single = await createSession(runtime, options, { isPacked: false });
    return new OnnxRunner(options, runtime, { prompt, single });
  }

  async measure(task: SpeedTask): Promise<SpeedSample> {
    const part = await this.#run(task);
    return { tokens: [], ...part, rssBytes: process.memoryUsage.rss() };
  }

  async close(): Promise<void> {
    await this.#sessions.prompt.release();
    await this.#sessions.single.release();
  }

  #run(task: SpeedTask): Promise<Partial<SpeedSample> & { value: number }> {
    switch (task.kind) {
      case 'prefill':
        return this.#prefill(task.promptTokens);
      case 'decode':
        return this.#decode(task);
      case 'start':
        return this.#start(task.promptTokens);
      case 'embed':
        return Promise.reject(new Error('the model that is written has no output for vectors'));
      case 'linear':
        return Promise.reject(new Error('linear layers are measured by a trace of the wafer'));
      case 'logits':
        return this.#logits(task.prompt);
    }
  }

  async #prefill(promptTokens: number): Promise<{ value: number; tokens: number[] }> {
    const prompt = promptOf(this.#options.vocabCount, promptTokens);
    const start = performance.now();
    const token = likeliest(await this.#forward(prompt, 0));
    return { value: promptTokens / ((performance.now() - start) / 1000), tokens: [token] };
  }

  async #decode(
    task: SpeedTask & { kind: 'decode' },
  ): Promise<{ value: number; tokens: number[] }> {
    assert(task.sequences === 1, 'ONNX Runtime is asked for one sequence at a time');
    const prompt = promptOf(this.#options.vocabCount, task.promptTokens);
    const tokens = [likeliest(await this.#forward(prompt, 0))];
    const times = [performance.now()];
    while (tokens.length < task.tokens) {
      const position = prompt.length + tokens.length - 1;
      tokens.push(likeliest(await this.#forward([tokens.at(-1)!], position)));
      times.push(performance.now());
    }
    return { value: decodeRate([times]), tokens };
  }

  async #start(promptTokens: number): Promise<{ value: number; loadMs: number; tokens: number[] }> {
    const prompt = promptOf(this.#options.vocabCount, promptTokens);
    await this.#sessions.prompt.release();
    const start = performance.now();
    this.#sessions.prompt = await createSession(this.#runtime, this.#options, { isPacked: true });
    const loadMs = performance.now() - start;
    const token = likeliest(await this.#forward(prompt, 0));
    return { value: performance.now() - start, loadMs, tokens: [token] };
  }

  async #logits(prompt: readonly number[]): Promise<{ value: number; logits: Float32Array }> {
    // The last token comes alone, so that the cache is compared too.
    if (prompt.length > 1) await this.#forward(prompt.slice(0, -1), 0);
    const logits = await this.#forward(prompt.slice(-1), prompt.length - 1);
    return { value: 0, logits: logits.slice() };
  }

  /** Logits after the last of some tokens that follow `start` others. */
  async #forward(tokens: readonly number[], start: number): Promise<Float32Array> {
    const { Tensor: NewTensor } = this.#runtime;
    const ids = BigInt64Array.from(tokens, BigInt);
    const total = start + tokens.length;
    const feeds: Record<string, Tensor> = {
      tokens: new NewTensor('int64', ids, [1, tokens.length]),
      last: new NewTensor('int32', Int32Array.of(total - 1), [1]),
      total: new NewTensor('int32', Int32Array.of(total), [1]),
    };
    const logits = new Float32Array(this.#options.vocabCount);
    const fetches: Record<string, Tensor> = {
      logits: new NewTensor('float32', logits, [1, 1, logits.length]),
    };
    for (const [name, cache] of Object.entries(this.#caches)) {
      feeds[`past.${name}`] = cache;
      fetches[`present.${name}`] = cache;
    }
    const { prompt, single } = this.#sessions;
    await (tokens.length === 1 ? single : prompt).run(feeds, fetches);
    return logits;
  }
}

function createSession(
  runtime: OnnxRuntime,
  options: OnnxRunnerOptions,
  { isPacked }: { isPacked: boolean },
): Promise<Session> {
  return runtime.InferenceSession.create(options.model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    extra: { session: { disable_prepacking: isPacked ? '0' : '1' } },
  });
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}
