/**
 * Other implementations to compare with: fetched from npm when first needed, never a dependency.
 *
 * They lie in `.cache/peers/` of the work tree, one folder for each version. A peer that cannot
 * be had is an error with npm's words in it: a comparison never passes for want of the other side.
 *
 * llama.cpp computes in f32 here: f32 KV cache, no flash attention, one thread, so its sums have
 * one order. Its own rounding is then about 2e-5.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const LLAMA_CPP_VERSION = '3.22.1';

const CACHE = fileURLToPath(new URL('../../.cache/peers/', import.meta.url));
const INSTALL_MS_MAX = 240_000;
const THREADS = 1;
/** llama.cpp rounds contexts up to a multiple of this. */
const CONTEXT_TOKENS = 256;

/** The packages with the compiled part, by platform and processor. */
const NATIVE_PARTS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'mac-x64',
  'darwin-arm64': 'mac-arm64-metal',
};

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
    const folder = installPeer('node-llama-cpp', LLAMA_CPP_VERSION, [nativePart()]);
    const entry = pathToFileURL(join(folder, 'node_modules/node-llama-cpp/dist/index.js'));
    const { getLlama, LlamaLogLevel } = (await import(entry.href)) as NodeLlamaCpp;
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

function nativePart(): string {
  const name = NATIVE_PARTS[`${process.platform}-${process.arch}`];
  if (name === undefined) throw new Error(`no llama.cpp for ${process.platform}-${process.arch}`);
  return `@node-llama-cpp/${name}`;
}

/** Installs a package into the cache if it is not there. Returns the folder of its project. */
export function installPeer(name: string, version: string, parts: readonly string[] = []): string {
  const folder = join(CACHE, `${name.replaceAll('/', '-')}-${version}`);
  const mark = join(folder, 'complete');
  if (existsSync(mark)) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // The optional parts are other platforms and GPUs: 640 MB. The one that is needed is named.
  const flags = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  const packages = [name, ...parts].map((each) => `${each}@${version}`);
  const { status, stdout, stderr, error } = spawnSync('npm', ['install', ...flags, ...packages], {
    cwd: folder,
    encoding: 'utf8',
    timeout: INSTALL_MS_MAX,
  });
  if (status !== 0) {
    const words = `${error?.message ?? ''}\n${stdout}${stderr}`.trim();
    throw new Error(`npm could not install ${packages.join(' ')} (status ${status}):\n${words}`);
  }
  writeFileSync(mark, '');
  return folder;
}
