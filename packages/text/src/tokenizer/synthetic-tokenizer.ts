/**
 * A tokenizer without a file: the 256 bytes, a begin token, and words that are printed but never
 * made from text, so that models of random weights read any text and print something.
 */
import { BYTE_CHARACTERS } from '../encode/byte-level.ts';
import type { TokenizerDescription } from './tokenizer-facts.ts';

/** The begin token follows the 256 bytes. */
export const SYNTHETIC_BEGIN = 256;
const BEGIN_TEXT = '<begin>';
/** A space in the byte-level alphabet; letters stand for themselves. */
const SPACE = BYTE_CHARACTERS[0x20] ?? '';
const CONSONANTS = 'bcdfghjklmnpqrstvwxz';
const VOWELS = 'aeiou';

/** Bytes, a begin token, and words that are printed but never made from text. */
export function syntheticTokenizer(vocabCount: number): TokenizerDescription {
  const textOf = (id: number): string => {
    if (id < 256) return BYTE_CHARACTERS[id] ?? '';
    return id === SYNTHETIC_BEGIN ? BEGIN_TEXT : `${SPACE}${word(id)}`;
  };
  const vocab = Object.fromEntries(Array.from({ length: vocabCount }, (_, id) => [textOf(id), id]));
  const hasBegin = vocabCount > SYNTHETIC_BEGIN;
  const begin = { id: SYNTHETIC_BEGIN, content: BEGIN_TEXT, special: true, normalized: false };
  return {
    tokenizerJson: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: hasBegin
        ? [{ ...begin, single_word: false, lstrip: false, rstrip: false }]
        : [],
      normalizer: null,
      pre_tokenizer: {
        type: 'ByteLevel',
        add_prefix_space: false,
        trim_offsets: true,
        use_regex: true,
      },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      model: { type: 'BPE', unk_token: null, byte_fallback: false, vocab, merges: [] },
    },
    tokenizerConfig: hasBegin ? { bos_token: BEGIN_TEXT, add_bos_token: true } : {},
  };
}

/** A pronounceable word for each number: its digits to the base 100 as syllables. */
function word(id: number): string {
  let text = '';
  for (let rest = id; rest > 0; rest = Math.trunc(rest / 100)) {
    const syllable = rest % 100;
    text += (CONSONANTS[Math.trunc(syllable / 5)] ?? '') + (VOWELS[syllable % 5] ?? '');
  }
  return text;
}
