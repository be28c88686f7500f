/**
 * node-llama-cpp in a comparison: the same GGUF file, with a number of threads.
 *
 * As it comes: KV cache in f16, no flash attention. A prefill reads the prompt without computing
 * logits, as its own benchmark does. One context per number of sequences, made before it is timed.
 */
import { decodeRate } from '../task/decode-rate.ts';
import { promptOf, textsOf } from '../task/speed-task.ts';
import type { SpeedSample, SpeedTask } from '../task/speed-task.ts';
import type { RunnerOf } from '../process/runner.ts';
import { BATCH_ROWS, openLlama } from './node-llama-cpp.ts';
import type { EmbeddingContext, Llama, NativeModel } from './node-llama-cpp.ts';

interface LlamaCppRunnerOptions {
  /** A GGUF file. */
  model: string;
  threads: number;
  vocabCount: number;
  /** Positions of a sequence that runs alone. */
  contextTokens: number;
  /** Positions of each of several sequences. */
  batchContextTokens: number;
  cacheFolder: string;
}

// ---- what is used of node-llama-cpp

interface Sequence {
  clearHistory(): Promise<void>;
  evaluate(tokens: number[], options: object): AsyncIterable<number>;
  evaluateWithoutGeneratingNewTokens(tokens: number[]): Promise<void>;
  controlledEvaluate(
    input: (number | [number, object])[],
  ): Promise<({ next: { logits: Map<number, number> } } | undefined)[]>;
}

/** Contexts are a multiple of this long. */
const CONTEXT_STEP = 256;

export interface LlamaCppRole {
  name: 'llama-cpp';
  options: LlamaCppRunnerOptions;
  task: SpeedTask;
  sample: SpeedSample;
}

export class LlamaCppRunner implements RunnerOf<LlamaCppRole> {
  readonly #options: LlamaCppRunnerOptions;
  readonly #llama: Llama<Sequence>;
  #model: NativeModel<Sequence>;
  #embedding: EmbeddingContext | undefined;
  #context: { sequences: Sequence[]; close: () => Promise<void> } | undefined;

  private constructor(
    options: LlamaCppRunnerOptions,
    llama: Llama<Sequence>,
    model: NativeModel<Sequence>,
  ) {
    this.#options = options;
    this.#llama = llama;
    this.#model = model;
  }

  /** Loads the library and the model. Throws: PEER_UNAVAILABLE. */
  static async open(options: LlamaCppRunnerOptions): Promise<LlamaCppRunner> {
    const llama = await openLlama<Sequence>(options);
    const model = await llama.loadModel({ modelPath: options.model, gpuLayers: 0 });
    return new LlamaCppRunner(options, llama, model);
  }

  async measure(task: SpeedTask): Promise<SpeedSample> {
    const part = await this.#run(task);
    return { tokens: [], ...part, rssBytes: process.memoryUsage.rss() };
  }

  async close(): Promise<void> {
    await this.#closeContexts();
    await this.#model.dispose();
    await this.#llama.dispose();
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
        return this.#embed(task.texts);
      case 'linear':
        return Promise.reject(new Error('linear layers are measured by a trace of the wafer'));
      case 'logits':
        return this.#logits(task.prompt);
    }
  }

  async #prefill(promptTokens: number): Promise<{ value: number }> {
    const [sequence] = await this.#sequences(1);
    const prompt = promptOf(this.#options.vocabCount, promptTokens);
    await sequence!.clearHistory();
    const start = performance.now();
    await sequence!.evaluateWithoutGeneratingNewTokens(prompt);
    return { value: promptTokens / ((performance.now() - start) / 1000) };
  }

  async #decode(
    task: SpeedTask & { kind: 'decode' },
  ): Promise<{ value: number; tokens: number[] }> {
    const sequences = await this.#sequences(task.sequences);
    for (const sequence of sequences) await sequence.clearHistory();
    const answers = await Promise.all(
      sequences.map((sequence, index) =>
        answer(sequence, promptOf(this.#options.vocabCount, task.promptTokens, index), task.tokens),
      ),
    );
    const value = decodeRate(answers.map(({ times }) => times));
    return { value, tokens: answers.flatMap(({ tokens }) => tokens) };
  }

  /** One text after the other: its contexts for vectors take one at a time. */
  async #embed(count: number): Promise<{ value: number }> {
    const { threads, vocabCount } = this.#options;
    this.#embedding ??= await this.#model.createEmbeddingContext({
      contextSize: CONTEXT_STEP,
      batchSize: CONTEXT_STEP,
      threads,
    });
    const context = this.#embedding;
    const texts = textsOf(vocabCount, count);
    const start = performance.now();
    await Promise.all(texts.map(async (text) => context.getEmbeddingFor(text)));
    return { value: count / ((performance.now() - start) / 1000) };
  }

  async #closeContexts(): Promise<void> {
    await this.#embedding?.dispose();
    await this.#context?.close();
    this.#embedding = undefined;
    this.#context = undefined;
  }

  async #start(promptTokens: number): Promise<{ value: number; loadMs: number; tokens: number[] }> {
    const prompt = promptOf(this.#options.vocabCount, promptTokens);
    // Its weights are mapped from the file, and shared with a model that is still open.
    await this.#closeContexts();
    await this.#model.dispose();
    const start = performance.now();
    this.#model = await this.#llama.loadModel({ modelPath: this.#options.model, gpuLayers: 0 });
    const [sequence] = await this.#sequences(1);
    const loadMs = performance.now() - start;
    const { tokens, times } = await answer(sequence!, prompt, 1);
    return { value: times[0]! - start, loadMs, tokens };
  }

  async #logits(prompt: readonly number[]): Promise<{ value: number; logits: Float32Array }> {
    const [sequence] = await this.#sequences(1);
    await sequence!.clearHistory();
    const want = { generateNext: { logits: true, options: { temperature: 0 } } };
    const input = prompt.map((token, i): number | [number, object] =>
      i === prompt.length - 1 ? [token, want] : token,
    );
    const results = await sequence!.controlledEvaluate(input);
    const logits = new Float32Array(this.#options.vocabCount).fill(NaN);
    for (const [id, logit] of results.at(-1)?.next.logits ?? []) logits[id] = logit;
    return { value: 0, logits };
  }

  /** Sequences of a context that has as many. */
  async #sequences(count: number): Promise<Sequence[]> {
    if (this.#context?.sequences.length === count) return this.#context.sequences;
    await this.#context?.close();
    const { threads, contextTokens, batchContextTokens } = this.#options;
    const positions = count === 1 ? contextTokens : batchContextTokens;
    const context = await this.#model.createContext({
      contextSize: Math.ceil(positions / CONTEXT_STEP) * CONTEXT_STEP,
      batchSize: BATCH_ROWS,
      sequences: count,
      threads: { ideal: threads, min: threads }, // the plain number is only a hint
    });
    const sequences = Array.from({ length: count }, () => context.getSequence());
    this.#context = { sequences, close: () => context.dispose() };
    return sequences;
  }
}

/** Greedy tokens and the times in ms at which they came. */
async function answer(
  sequence: Sequence,
  prompt: number[],
  count: number,
): Promise<{ tokens: number[]; times: number[] }> {
  const tokens: number[] = [];
  const times: number[] = [];
  for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
    tokens.push(token);
    times.push(performance.now());
    if (tokens.length === count) break;
  }
  return { tokens, times };
}
