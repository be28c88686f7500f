/**
 * What makes token ids of text, as data: read from tokenizer.json or from GGUF, checked there.
 *
 *     text ─ cut at added tokens ─ normalize ─ cut into pieces ─ model: piece → ids
 */

/** The character that SentencePiece writes for a space. */
export const PIECE_SPACE = '\u2581';

export interface AddedToken {
  id: number;
  content: string;
  /** User text never makes it. */
  isSpecial: boolean;
  /** Looked for in normalized text. */
  isNormalized: boolean;
  /** Takes the white space before it, after it. */
  stripsLeft: boolean;
  stripsRight: boolean;
  /** Only where no letter, digit or `_` touches it. */
  isWord: boolean;
}

/**
 * Text and id of each token of the vocabulary proper that text may make; special tokens are not in
 * it. Of equal texts, the last counts.
 */
export type Vocabulary = readonly (readonly [text: string, id: number])[];

/** What becomes of characters that are no token. */
export interface Fallback {
  /** As `<0xNN>` tokens, where there is one for each byte. */
  usesBytes: boolean;
  /** Otherwise as this token; undefined: they are left out. */
  unknown: number | undefined;
  /** A run of them is one token. */
  fusesUnknown: boolean;
}

/** Two token texts that become one, apart or with a space between. */
export type Merge = string | readonly [string, string];

/** Where the space is that cuts a merge: not at its start, as a token may begin with one. */
export function cutMerge(merge: string): number {
  return merge.indexOf(' ', 1);
}

/** The two texts of a merge. */
export function pairOfMerge(merge: Merge): readonly [string, string] {
  if (typeof merge !== 'string') return merge;
  const cut = cutMerge(merge);
  return [merge.slice(0, cut), merge.slice(cut + 1)];
}

export type PieceModelSpec =
  | {
      kind: 'bpe';
      vocabulary: () => Vocabulary;
      /** First to last. */
      merges: readonly Merge[];
      fallback: Fallback;
      /** A whole piece that is a token is taken without merging. */
      takesWhole: boolean;
    }
  | {
      /** Any two symbols merge whose joint text is a token: the best score first. */
      kind: 'scored';
      vocabulary: () => Vocabulary;
      /** By id. */
      scores: readonly number[];
      fallback: Fallback;
    }
  | {
      /** The cut with the greatest sum of scores. */
      kind: 'unigram';
      vocabulary: () => Vocabulary;
      scores: readonly number[];
      /** Score of a character that is no token. */
      unknownScore: number;
      fallback: Fallback;
    };

export interface EncoderSpec {
  added: readonly AddedToken[];
  /** As tokenizer.json has them; checked when they are compiled. */
  normalizer: unknown;
  preTokenizer: unknown;
  model: PieceModelSpec;
}

/** Turns a piece of text into ids. */
export interface PieceModel {
  /** Steps of merging or of the trie so far: the measure of work. */
  readonly stepCount: number;
  /** Parts of texts that no token stands for, so far: they are left out. */
  readonly droppedCount: number;
  /** Appends the ids of a piece. */
  encode(piece: string, ids: number[]): void;
}
