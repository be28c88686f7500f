/**
 * The embedding interface: loads a model, starts a wafer of worker threads, and generates text.
 */
export type {
  Model,
  SourceDescription,
  TokenizerDescription,
  WeightReader,
} from './load/source.ts';
export { openModel } from './load/open-model.ts';
export { openReader } from './load/reader.ts';
export { createTokenizer, type EncodeOptions, type Tokenizer } from './load/tokenizer.ts';
