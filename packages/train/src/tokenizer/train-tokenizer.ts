/**
 * A byte-level BPE tokenizer learned from text, as Hugging Face's tokenizer.json.
 *
 *   ids   0 the end of a text · 1 … 256 bytes, in the order of their characters · then merges
 *
 * Words are GPT-2's: other programs know that expression by the name `gpt-2`.
 */
import { WaferError } from '@wafer/core';
import { BYTE_CHARACTERS } from '@wafer/text';
import type { TokenizerDescription } from '@wafer/text';
import { learnMerges } from './byte-pairs.ts';

/** What ends a text, unless named otherwise. */
export const END_TEXT = '<|endoftext|>';

const WORD = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
const SPECIAL_COUNT = 1;

/** Learns a tokenizer of at most `vocab` tokens. Throws: TRAIN_OPTION where bytes do not fit. */
export function trainTokenizer(
  texts: Iterable<string>,
  use: { vocab: number; endText?: string },
): TokenizerDescription {
  const { vocab, endText = END_TEXT } = use;
  const least = SPECIAL_COUNT + BYTE_CHARACTERS.length;
  if (!Number.isSafeInteger(vocab) || vocab < least) {
    const expected = `a whole number from ${least} on`;
    throw new WaferError('TRAIN_OPTION', { option: 'vocab', value: vocab, expected });
  }
  const alphabet = [...BYTE_CHARACTERS].toSorted((a, b) => (a < b ? -1 : 1));
  const tokens = [endText, ...alphabet];
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const words = [...countWords(texts, endText)].map(([word, count]) => ({
    count,
    ids: [...Buffer.from(word)].map((byte) => idOf.get(BYTE_CHARACTERS[byte]!)!),
  }));
  // Two pairs may spell the same token: it is one, as everywhere.
  const pairs = learnMerges(words, (left, right) => {
    const text = `${tokens[left]}${tokens[right]}`;
    const known = idOf.get(text);
    if (known !== undefined) return known;
    if (tokens.length >= vocab) return undefined;
    idOf.set(text, tokens.length);
    return tokens.push(text) - 1;
  });
  const merges = pairs.map(([left, right]) => [tokens[left]!, tokens[right]!] as const);
  return describe(Object.fromEntries(idOf), merges, endText);
}

/** Words and how often each occurs; what stands between texts is no word. */
function countWords(texts: Iterable<string>, endText: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const part of text.split(endText)) {
      for (const [word] of part.matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return counts;
}

function describe(
  vocab: Record<string, number>,
  merges: readonly (readonly [string, string])[],
  endText: string,
): TokenizerDescription {
  const added = { id: 0, content: endText, special: true, normalized: false };
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    tokenizerJson: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [{ ...added, single_word: false, lstrip: false, rstrip: false }],
      normalizer: null,
      pre_tokenizer: bytes,
      post_processor: null,
      decoder: bytes,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab,
        merges,
      },
    },
    tokenizerConfig: { tokenizer_class: 'GPT2Tokenizer', eos_token: endText },
  };
}
