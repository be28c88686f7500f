/**
 * A tokenizer's description as plain data, which crosses threads.
 */
import type { EncoderSpec, Vocabulary } from '../encode/encoder-spec.ts';
import type { TokenizerDescription, TokenizerFacts } from './tokenizer-facts.ts';

/** What was read already goes as it is, its vocabulary as a list; otherwise the files' contents. */
export interface PortableTokenizer {
  tokenizerJson: unknown;
  tokenizerConfig: unknown;
  facts: TokenizerFacts | undefined;
  vocabulary: Vocabulary | undefined;
}

/** Takes what is a function out of a description. */
export function packTokenizer(description: TokenizerDescription): PortableTokenizer {
  const { facts, tokenizerConfig } = description;
  if (facts === undefined) {
    const { tokenizerJson } = description;
    return { tokenizerJson, tokenizerConfig, facts, vocabulary: undefined };
  }
  const vocabulary = facts.encoder.model.vocabulary();
  const encoder = { ...facts.encoder, model: { ...facts.encoder.model, vocabulary: null } };
  const packed = { ...facts, encoder: encoder as unknown as EncoderSpec };
  return { tokenizerJson: null, tokenizerConfig, facts: packed, vocabulary };
}

/** The description again. */
export function unpackTokenizer(packed: PortableTokenizer): TokenizerDescription {
  const { facts, vocabulary = [], tokenizerJson, tokenizerConfig } = packed;
  if (facts === undefined) return { tokenizerJson, tokenizerConfig };
  const model = { ...facts.encoder.model, vocabulary: () => vocabulary };
  return {
    tokenizerJson,
    tokenizerConfig,
    facts: { ...facts, encoder: { ...facts.encoder, model } },
  };
}
