/** What a tokenizer does, read and checked, whichever kind of file it comes from. */
import type { EncoderSpec } from '../encode/encoder-spec.ts';

/** How a token becomes bytes: byte-level alphabet, SentencePiece with `<0xNN>`, or plain text. */
export type TokenKind = 'bytes' | 'pieces' | 'plain';

/** Special tokens that a tokenizer puts around a text. */
export interface TextFrame {
  before: readonly number[];
  after: readonly number[];
}

export interface TokenizerFacts {
  /** Text of each token by id, added tokens included. */
  contents: ReadonlyMap<number, string>;
  /** One more than the largest id of the vocabulary proper, without added tokens. */
  baseCount: number;
  /** Ids that user text never makes. */
  special: ReadonlySet<number>;
  /** Ids of added tokens, whose text stands for itself. */
  added: ReadonlySet<number>;
  kind: TokenKind;
  /** Whether decoding drops a space at the very beginning. */
  dropsFirstSpace: boolean;
  begin: number | undefined;
  /** Whether `frame` is put around a text unless the caller says otherwise. */
  addBegin: boolean;
  /** Tokens before and behind every text. */
  frame: TextFrame;
  ends: number[];
  encoder: EncoderSpec;
}

/** A tokenizer as data: the contents of tokenizer.json and tokenizer_config.json, or their like. */
export interface TokenizerDescription {
  readonly tokenizerJson: unknown;
  readonly tokenizerConfig: unknown;
  /** What follows from both, where it was read already; must not contradict them. */
  readonly facts?: TokenizerFacts;
}
