/** What is used of node-llama-cpp, and how both of its runners open it. */
import { importLlamaCpp } from './install.ts';

/** Rows of a step, its own default. */
export const BATCH_ROWS = 512;

/** A context that holds several sequences. */
interface Context<Sequence> {
  getSequence(): Sequence;
  dispose(): Promise<void>;
}

export interface EmbeddingContext {
  getEmbeddingFor(tokens: number[]): Promise<{ vector: readonly number[] }>;
  dispose(): Promise<void>;
}

/** Of its sequences each runner knows what it uses. */
export interface NativeModel<Sequence> {
  createContext(options: object): Promise<Context<Sequence>>;
  createEmbeddingContext(options: object): Promise<EmbeddingContext>;
  tokenize(text: string): number[];
  detokenize(tokens: readonly number[]): string;
  dispose(): Promise<void>;
}

export interface Llama<Sequence> {
  loadModel(options: object): Promise<NativeModel<Sequence>>;
  dispose(): Promise<void>;
}

interface NodeLlamaCpp {
  getLlama(options: object): Promise<unknown>;
  LlamaLogLevel: { error: string };
}

/** The library, on so many threads of the processor. Throws: PEER_UNAVAILABLE. */
export async function openLlama<Sequence>(options: {
  threads: number;
  cacheFolder: string;
}): Promise<Llama<Sequence>> {
  const library = (await importLlamaCpp(options.cacheFolder)) as NodeLlamaCpp;
  const llama = await library.getLlama({
    gpu: false,
    build: 'never',
    maxThreads: options.threads,
    logLevel: library.LlamaLogLevel.error,
  });
  return llama as Llama<Sequence>;
}
