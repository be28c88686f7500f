/**
 * Other implementations to compare with: fetched from npm when first needed, never a dependency.
 *
 * They lie in `.cache/peers/` of the work tree, where `wafer bench speed --peer` finds them too.
 *
 * llama.cpp computes in f32 here: f32 KV cache, no flash attention, one thread, so its sums have
 * one order. Its own rounding is then about 2e-5.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importLlamaCpp, installPeer as fetchPeer, LLAMA_CPP_VERSION } from '@wafer/bench';

const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));
const THREADS = 1;
/** llama.cpp rounds contexts up to a multiple of this. */
const CONTEXT_TOKENS = 256;

// ---- what is used of node-llama-cpp

interface NextToken {
  next: { logits: Map<number, number> };
}

interface Sequence {
  controlledEvaluate(input: [number, object][]): Promise<(NextToken | undefined)[]>;
  evaluate(tokens: number[], options: object): AsyncIterable<number>;
}

interface Context {
  getSequence(): Sequence;
  dispose(): Promise<void>;
}

interface NativeModel {
  createContext(options: object): Promise<Context>;
  tokenize(text: string, allowsSpecial: boolean): number[];
  detokenize(tokens: number[]): string;
  dispose(): Promise<void>;
}

interface Llama {
  llamaCppRelease: { release: string };
  loadModel(options: object): Promise<NativeModel>;
  dispose(): Promise<void>;
}

interface NodeLlamaCpp {
  getLlama(options: object): Promise<Llama>;
  LlamaLogLevel: { error: string };
}

// ---- the peer

export class LlamaCpp {
  readonly #llama: Llama;

  private constructor(llama: Llama) {
    this.#llama = llama;
  }

  /** Starts llama.cpp, after fetching it if need be. Close it: it holds native threads. */
  static async start(): Promise<LlamaCpp> {
    const { getLlama, LlamaLogLevel } = (await importLlamaCpp(CACHE)) as NodeLlamaCpp;
    const llama = await getLlama({
      gpu: false,
      build: 'never',
      maxThreads: THREADS,
      logLevel: LlamaLogLevel.error,
    });
    return new LlamaCpp(llama);
  }

  /** The release of llama.cpp inside. */
  get release(): string {
    return this.#llama.llamaCppRelease.release;
  }

  /** Opens a GGUF file, uses it and closes it. */
  async withModel<Result>(
    path: string,
    use: (model: LlamaCppModel) => Promise<Result>,
  ): Promise<Result> {
    const model = await this.#llama.loadModel({ modelPath: path, gpuLayers: 0 });
    try {
      return await use(new LlamaCppModel(model));
    } finally {
      await model.dispose();
    }
  }

  /** Opens the vocabulary of a GGUF file, which needs no weights, uses it and closes it. */
  async withVocabulary<Result>(
    path: string,
    use: (model: LlamaCppModel) => Result | Promise<Result>,
  ): Promise<Result> {
    const model = await this.#llama.loadModel({ modelPath: path, gpuLayers: 0, vocabOnly: true });
    try {
      return await use(new LlamaCppModel(model));
    } finally {
      await model.dispose();
    }
  }

  async close(): Promise<void> {
    await this.#llama.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

class LlamaCppModel {
  readonly #model: NativeModel;

  constructor(model: NativeModel) {
    this.#model = model;
  }

  /** Logits after each token. Shapes: [T] of [V]. */
  async logits(tokens: readonly number[], vocabCount: number): Promise<Float32Array[]> {
    const want = { generateNext: { logits: true, options: { temperature: 0 } } };
    return await this.#withSequence(async (sequence) => {
      const results = await sequence.controlledEvaluate(tokens.map((token) => [token, want]));
      return results.map((result, position) => {
        const row = new Float32Array(vocabCount).fill(NaN);
        if (result === undefined) throw new Error(`no logits at position ${position}`);
        for (const [id, logit] of result.next.logits) row[id] = logit;
        return row;
      });
    });
  }

  /** The likeliest tokens, one after the other. */
  async greedy(tokens: readonly number[], count: number): Promise<number[]> {
    const options = { temperature: 0, yieldEogToken: true };
    return await this.#withSequence(async (sequence) => {
      const chosen: number[] = [];
      for await (const token of sequence.evaluate([...tokens], options)) {
        chosen.push(token);
        if (chosen.length === count) break;
      }
      return chosen;
    });
  }

  /** Token ids of a text, without a begin token; no text makes a special token. */
  encode(text: string): number[] {
    return [...this.#model.tokenize(text, false)];
  }

  /** The text of token ids that follow a beginning. */
  decode(tokens: readonly number[]): string {
    return this.#model.detokenize([...tokens]);
  }

  async #withSequence<Result>(use: (sequence: Sequence) => Promise<Result>): Promise<Result> {
    const context = await this.#model.createContext({
      contextSize: CONTEXT_TOKENS,
      batchSize: CONTEXT_TOKENS,
      threads: { ideal: THREADS, min: THREADS },
      flashAttention: false,
      experimentalKvCacheKeyType: 'F32',
      experimentalKvCacheValueType: 'F32',
    });
    try {
      return await use(context.getSequence());
    } finally {
      await context.dispose();
    }
  }
}

// ---- npm

/** Installs a package into the cache if it is not there. Returns the folder of its project. */
export function installPeer(name: string, version: string): string {
  return fetchPeer({ name, version }, CACHE);
}

/** The tree of llama.cpp that node-llama-cpp brings as a git bundle: vocabularies, templates. */
export async function llamaCppTree(): Promise<string> {
  await importLlamaCpp(CACHE); // fetches it with its compiled part
  const project = installPeer('node-llama-cpp', LLAMA_CPP_VERSION);
  const folder = join(project, 'llama.cpp');
  const bundle = join(project, 'node_modules', 'node-llama-cpp', 'llama', 'gitRelease.bundle');
  if (!existsSync(folder))
    execFileSync('git', ['-c', 'advice.detachedHead=false', 'clone', '--quiet', bundle, folder]);
  return folder;
}
