/**
 * The bytes of every token in one table: all that turning tokens into text needs.
 *
 * The engine's thread gets this instead of a tokenizer, which would take as long to build and as
 * much memory once more.
 */
import type { Tokenizer } from './tokenizer.ts';

/** Plain data that crosses threads: token `id` is bytes[offsets[id] … offsets[id + 1]]. */
export interface TokenBytes {
  offsets: Uint32Array; // [V + 1]
  bytes: Uint8Array;
}

/** Special tokens by their texts. */
export type SpecialTokens = ReadonlyMap<string, number>;

const MARKER = 0xff;

/** What stands for a special token where texts are bytes: begins with a byte that no text has. */
export function markerBytes(token: number): Uint8Array {
  return Uint8Array.of(MARKER, token >>> 16, (token >>> 8) & 0xff, token & 0xff);
}

/** Whether a byte begins what stands for a special token. */
export function isMarkerByte(byte: number): boolean {
  return byte === MARKER;
}

/** Room for a token; a vocabulary with longer ones makes more. */
const BYTES_GUESSED = 8;

/** Collects the bytes of all tokens of a vocabulary. */
export function collectTokenBytes(tokenizer: Tokenizer, vocabCount: number): TokenBytes {
  const offsets = new Uint32Array(vocabCount + 1);
  let bytes = new Uint8Array(vocabCount * BYTES_GUESSED);
  let end = 0;
  for (let id = 0; id < vocabCount; id++) {
    const token = tokenizer.decodeToken(id);
    if (end + token.length > bytes.length) {
      const grown = new Uint8Array(2 * (end + token.length));
      grown.set(bytes);
      bytes = grown;
    }
    // Most have a few bytes: fewer than a call of `set` is worth.
    for (let i = 0; i < token.length; i++) bytes[end + i] = token[i]!;
    end += token.length;
    offsets[id + 1] = end;
  }
  return { offsets, bytes: bytes.slice(0, end) };
}

/** Looks tokens up in a table. */
export function tokenDecoder({ offsets, bytes }: TokenBytes): (id: number) => Uint8Array {
  return (id) => bytes.subarray(offsets[id], offsets[id + 1]);
}
