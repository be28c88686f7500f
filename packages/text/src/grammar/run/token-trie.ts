/**
 * The tokens of a vocabulary by their bytes, in the order of a walk.
 *
 *     node i: its byte, its depth, where its subtree ends, its tokens
 *
 * A walk goes through the nodes in order and jumps to the end of a subtree where a byte leads
 * nowhere. Tokens of nothing but plain characters are apart: inside a string most of them go, and
 * which is known by their length. So are those with a quote, which alone may leave one. The longest
 * are in a table of their own beside: they alone feel a bound that is far away. Tables are plain
 * data that crosses threads, shared.
 */
import { isMarkerByte, markerBytes } from '../../tokenizer/token-bytes.ts';
import type { TokenBytes } from '../../tokenizer/token-bytes.ts';

/** Nodes in depth-first order; the root is not among them. */
export interface TrieTable {
  bytes: Uint8Array; // [N]
  depths: Uint16Array; // [N], from 1 on
  ends: Int32Array; // [N]
  /** Tokens of node i: tokens[tokenStarts[i]] … tokens[tokenStarts[i + 1]], none for most. */
  tokenStarts: Int32Array; // [N + 1]
  tokens: Int32Array;
  depthMax: number;
}

export interface TokenTrie {
  vocabCount: number;
  /** Tokens that are whole plain characters. */
  plain: TrieTable;
  /** Others without a quote, and those with one. */
  rest: TrieTable;
  quoted: TrieTable;
  /** How many plain tokens have at most n characters: the first ones of `plainTokens`. */
  plainCounts: Int32Array; // [longest + 1]
  /** Plain tokens by their length in characters. */
  plainTokens: Int32Array;
  /** The longest tokens once more. */
  long: TrieTable;
  /** What every other token has at most; infinite where there are few tokens. */
  commonBytes: number;
}

/** Tokens that are walked where only the longest differ. */
const LONG_TOKENS_MAX = 512;

/**
 * Makes the trie of a vocabulary. Special tokens are in it by the bytes that stand for them, which
 * no other token may begin; so a byte that is in no text is in no trie.
 */
export function makeTokenTrie(
  { offsets, bytes }: TokenBytes,
  longMax: number = LONG_TOKENS_MAX,
): TokenTrie {
  const vocabCount = offsets.length - 1;
  const plain: Word[] = [];
  const rest: Word[] = [];
  const quoted: Word[] = [];
  const byLength: number[][] = [[]];
  for (let token = 0; token < vocabCount; token++) {
    const own = bytes.subarray(offsets[token], offsets[token + 1]);
    if (own.some(isMarkerByte)) continue;
    const part = own.length === 0 ? markerBytes(token) : own;
    const length = plainLength(part);
    const text = Buffer.from(part.buffer, part.byteOffset, part.length).toString('latin1');
    (length > 0 ? plain : text.includes('"') ? quoted : rest).push({ text, token });
    if (length === 0) continue;
    while (byLength.length <= length) byLength.push([]);
    byLength[length]!.push(token);
  }
  let sum = 0;
  return {
    vocabCount,
    plain: makeTable(plain),
    rest: makeTable(rest),
    quoted: makeTable(quoted),
    plainCounts: Int32Array.from(byLength, (tokens) => (sum += tokens.length)),
    plainTokens: Int32Array.from(byLength.flat()),
    ...longest([...plain, ...rest, ...quoted], longMax),
  };
}

/** The longest words, at most so many; none where there are no more in all. */
function longest(
  words: readonly Word[],
  countMax: number,
): Pick<TokenTrie, 'long' | 'commonBytes'> {
  const lengths = words.map(({ text }) => text.length).toSorted((a, b) => b - a);
  const commonBytes = lengths[countMax] ?? Infinity;
  return { long: makeTable(words.filter(({ text }) => text.length > commonBytes)), commonBytes };
}

interface Word {
  /** A character per byte. */
  text: string;
  token: number;
}

/** How many characters bytes are, if all are whole and plain; else 0. */
function plainLength(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; count++) {
    const byte = bytes[i]!;
    if (byte < 0x20 || byte === 0x22 || byte === 0x5c) return 0;
    const size = byte < 0x80 ? 1 : byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    if (size === 0 || byte > 0xf4 || i + size > bytes.length) return 0;
    for (let j = 1; j < size; j++) if ((bytes[i + j]! & 0xc0) !== 0x80) return 0;
    const second = bytes[i + 1] ?? 0;
    const isShort = (byte === 0xe0 && second < 0xa0) || (byte === 0xf0 && second < 0x90);
    const isBeyond = (byte === 0xed && second > 0x9f) || (byte === 0xf4 && second > 0x8f);
    if (isShort || isBeyond) return 0;
    i += size;
  }
  return count;
}

function makeTable(words: Word[]): TrieTable {
  words.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.token - b.token));
  let nodeCount = 0;
  let before = '';
  for (const { text } of words) {
    nodeCount += text.length - sharedLength(before, text);
    before = text;
  }
  const table: TrieTable = {
    bytes: new Uint8Array(nodeCount),
    depths: new Uint16Array(nodeCount),
    ends: new Int32Array(nodeCount),
    tokenStarts: new Int32Array(nodeCount + 1),
    tokens: Int32Array.from(words, ({ token }) => token),
    depthMax: 0,
  };
  const path: number[] = [];
  let node = 0;
  before = '';
  const closeTo = (depth: number): void => {
    while (path.length > depth) table.ends[path.pop()!] = node;
  };
  words.forEach(({ text }, index) => {
    const shared = sharedLength(before, text);
    closeTo(shared);
    for (let depth = shared; depth < text.length; depth++) {
      table.bytes[node] = text.charCodeAt(depth);
      table.depths[node] = depth + 1;
      table.tokenStarts[node] = index;
      path.push(node++);
    }
    table.depthMax = Math.max(table.depthMax, text.length);
    before = text;
  });
  closeTo(0);
  table.tokenStarts[nodeCount] = words.length;
  return table;
}

function sharedLength(a: string, b: string): number {
  const max = Math.min(a.length, b.length);
  let length = 0;
  while (length < max && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
