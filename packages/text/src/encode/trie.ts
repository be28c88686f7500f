/** A set of texts with a number each, walked one code unit at a time. */
import { PairTable } from './pair-table.ts';

const NONE = -1;

export class Trie {
  static readonly ROOT = 0;
  /** (node, code unit) → node. */
  readonly #children: PairTable;
  /** Per node: the number of the text that ends there, or -1. */
  readonly #values: number[] = [NONE];

  /** `unitCountHint`: about how many code units all texts have together. */
  constructor(unitCountHint = 0) {
    this.#children = new PairTable(unitCountHint);
  }

  /** Adds a text that is not empty with its number, at least 0. */
  add(text: string, value: number): void {
    let node = Trie.ROOT;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      let child = this.#children.get(node, unit);
      if (child < 0) {
        child = this.#values.push(NONE) - 1;
        this.#children.set(node, unit, child);
      }
      node = child;
    }
    if (node !== Trie.ROOT) this.#values[node] = value;
  }

  /** The node behind a code unit; -1 where no text goes on so. */
  child(node: number, unit: number): number {
    return this.#children.get(node, unit);
  }

  /** The number of the text that ends at a node; -1 where none does. */
  valueAt(node: number): number {
    return this.#values[node] ?? NONE;
  }
}
