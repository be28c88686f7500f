/**
 * SentencePiece's precompiled character map: a double-array trie from byte strings to texts.
 *
 *     bytes of the trie (u32) · trie (u32 units) · texts, each ended by a zero byte
 *     unit: bits 0-7 label, bit 8 has a leaf, bit 9 and 10-31 offset; bit 31 marks a leaf's value
 *
 * The map comes from a model's file: every index is checked, and a text ends within 1024 bytes.
 *
 * Source: darts-clone, the layout of DoubleArrayUnit; SentencePiece, normalizer.cc.
 */

const TEXT = new TextEncoder();

/** How a text is looked up: by longest match, or by grapheme as `tokenizers` does it. */
export type CharsmapRule = 'longest' | 'graphemes';

/** Graphemes of this many bytes and more are looked up character by character. */
const GRAPHEME_BYTES_MAX = 5;

/** What a key stands for is a few characters; without an end so soon, it is no match. */
const TEXT_BYTES_MAX = 1024;

/** Graphemes whose texts are remembered. */
const GRAPHEMES_MAX = 4096;

interface Match {
  byteCount: number;
  text: string;
}

export class Charsmap {
  readonly #units: Uint32Array;
  readonly #texts: Uint8Array;
  readonly #graphemes = new Map<string, string>();
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** Throws: an Error with the reason. */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const trieBytes = bytes.length < 4 ? -1 : view.getUint32(0, true);
    if (trieBytes < 4 || trieBytes % 4 !== 0 || trieBytes > bytes.length - 4) {
      throw new Error('its character map is cut short');
    }
    this.#units = Uint32Array.from({ length: trieBytes / 4 }, (_, index) =>
      view.getUint32(4 + index * 4, true),
    );
    this.#texts = bytes.subarray(4 + trieBytes);
  }

  /** Stops as soon as what it makes is longer than `lengthMax`. */
  apply(text: string, rule: CharsmapRule, lengthMax: number): string {
    const map = rule === 'longest' ? this.#byLongest : this.#byGraphemes;
    return map.call(this, text, lengthMax);
  }

  #byLongest(text: string, lengthMax: number): string {
    const bytes = TEXT.encode(text);
    const parts: string[] = [];
    let kept = 0;
    let length = 0;
    for (let at = 0; at < bytes.length;) {
      const match = this.#match(bytes, at, 'last');
      if (match === undefined) {
        at++;
        while (((bytes[at] ?? 0) & 0xc0) === 0x80) at++;
        continue;
      }
      parts.push(this.#decoder.decode(bytes.subarray(kept, at)), match.text);
      at += match.byteCount;
      kept = at;
      length += match.text.length;
      if (length > lengthMax) return parts.join('');
    }
    if (kept === 0) return text;
    parts.push(this.#decoder.decode(bytes.subarray(kept)));
    return parts.join('');
  }

  #byGraphemes(text: string, lengthMax: number): string {
    const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
    const parts: string[] = [];
    let length = 0;
    for (const { segment } of segmenter.segment(text)) {
      let mapped = this.#graphemes.get(segment);
      if (mapped === undefined) {
        mapped = this.#mapGrapheme(segment);
        if (this.#graphemes.size >= GRAPHEMES_MAX) this.#graphemes.clear();
        if (segment.length <= GRAPHEME_BYTES_MAX) this.#graphemes.set(segment, mapped);
      }
      parts.push(mapped);
      length += mapped.length;
      if (length > lengthMax) break;
    }
    return parts.join('');
  }

  #mapGrapheme(segment: string): string {
    const bytes = TEXT.encode(segment);
    const whole = bytes.length <= GRAPHEME_BYTES_MAX ? this.#match(bytes, 0, 'first') : undefined;
    if (whole !== undefined) return whole.text;
    return Array.from(
      segment,
      (character) => this.#match(TEXT.encode(character), 0, 'first')?.text ?? character,
    ).join('');
  }

  /** The first (shortest) or last (longest) key that the bytes at `start` begin with. */
  #match(bytes: Uint8Array, start: number, which: 'first' | 'last'): Match | undefined {
    let found: Match | undefined;
    let node = offsetOf(this.#units[0]!);
    for (let at = start; at < bytes.length && bytes[at] !== 0; at++) {
      const label = bytes[at]!;
      node = (node ^ label) >>> 0;
      const unit = this.#units[node];
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== label) break;
      node = (node ^ offsetOf(unit)) >>> 0;
      if ((unit & 0x100) === 0) continue;
      const leaf = this.#units[node];
      if (leaf === undefined) break;
      const text = this.#textAt(leaf & 0x7fffffff);
      if (text === undefined) continue;
      found = { byteCount: at - start + 1, text };
      if (which === 'first') break;
    }
    return found;
  }

  #textAt(offset: number): string | undefined {
    const bytes = this.#texts.subarray(offset, offset + TEXT_BYTES_MAX + 1);
    const end = bytes.indexOf(0);
    return end < 0 ? undefined : this.#decoder.decode(bytes.subarray(0, end));
  }
}

function offsetOf(unit: number): number {
  return ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;
}
