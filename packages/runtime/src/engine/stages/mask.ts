/**
 * Which tokens may come next, as bits: the others' logits become -∞ before anything is picked.
 *
 *     word i of a mask: tokens 32 i … 32 i + 31, lowest bit first      [⌈V / 32⌉]
 *
 * A source gives the mask of each token of the answer and is told every token that is accepted, in
 * order: a list of lists, as here, or an automaton that walks a grammar.
 */
import { assert } from '@wafer/core';
import type { LogitsStage } from './stage.ts';

/** Where masks come from. */
export interface MaskSource {
  /** The mask of token number `tokenIndex`, to be read before the next call; undefined: all may. */
  maskAt(tokenIndex: number): Uint32Array | undefined;

  accept(token: number): void;
}

/** Puts the masks of a source onto the logits. */
export class MaskStage implements LogitsStage {
  readonly #source: MaskSource;

  constructor(source: MaskSource) {
    this.#source = source;
  }

  apply(logits: Float32Array, tokenIndex: number): void {
    const mask = this.#source.maskAt(tokenIndex);
    if (mask !== undefined) maskLogits(logits, mask);
  }

  accept(token: number): void {
    this.#source.accept(token);
  }
}

/** Masks of lists of tokens: one per token of the answer, the last for all that follow. */
export class ListMasks implements MaskSource {
  readonly #lists: readonly (readonly number[])[];
  readonly #mask: Uint32Array;
  #index = -1;

  constructor(lists: readonly (readonly number[])[], vocabCount: number) {
    assert(lists.length > 0, 'there is a list for the first token', {});
    this.#lists = lists;
    this.#mask = new Uint32Array(Math.ceil(vocabCount / 32));
  }

  maskAt(tokenIndex: number): Uint32Array {
    const index = Math.min(tokenIndex, this.#lists.length - 1);
    if (index === this.#index) return this.#mask;
    this.#index = index;
    this.#mask.fill(0);
    for (const token of this.#lists[index]!) this.#mask[token >>> 5]! |= 1 << (token & 31);
    return this.#mask;
  }

  accept(): void {
    // Its masks depend on places alone.
  }
}

/** Makes the logits of all tokens without a bit -∞. Shapes: logits: [V], mask: [⌈V / 32⌉]. */
export function maskLogits(logits: Float32Array, mask: Uint32Array): void {
  const isWhole = mask.length === Math.ceil(logits.length / 32);
  if (!isWhole) assert(false, 'a mask has a bit for each token', { words: mask.length });
  for (let word = 0; word < mask.length; word++) {
    const bits = mask[word]!;
    if (bits === 0xffffffff) continue;
    const start = word * 32;
    const end = Math.min(start + 32, logits.length);
    if (bits === 0) logits.fill(-Infinity, start, end);
    else
      for (let id = start; id < end; id++)
        if (((bits >>> (id & 31)) & 1) === 0) logits[id] = -Infinity;
  }
}
