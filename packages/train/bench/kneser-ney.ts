/**
 * An n-gram model with modified Kneser–Ney smoothing, interpolated: what a language model has to
 * beat.
 *
 * A node stands for each n-gram that occurs, of every order; its parent is the same without its
 * last token. Of the highest order occurrences count, below it distinct tokens before; an n-gram at
 * the beginning of a document has none, and counts as often as it occurs.
 *
 * Source: Chen and Goodman 1998, "An Empirical Study of Smoothing Techniques".
 */

/** Open addressing: node of (parent, token). */
class NodeTable {
  #keys: Float64Array = new Float64Array(2 ** 16).fill(-1);
  #nodes: Int32Array = new Int32Array(2 ** 16);
  #count = 0;

  /** The node, or -1. */
  find(key: number): number {
    const slot = this.#slotOf(key);
    return this.#keys[slot] === key ? this.#nodes[slot]! : -1;
  }

  add(key: number, node: number): void {
    if (++this.#count * 2 > this.#keys.length) this.#grow();
    const slot = this.#slotOf(key);
    this.#keys[slot] = key;
    this.#nodes[slot] = node;
  }

  #slotOf(key: number): number {
    const mask = this.#keys.length - 1;
    const low = key % 2 ** 32;
    let slot = (Math.imul(low, 0x9e3779b1) ^ Math.imul((key - low) / 2 ** 32, 0x85ebca77)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    while (this.#keys[slot] !== -1 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, nodes] = [this.#keys, this.#nodes];
    this.#keys = new Float64Array(keys.length * 2).fill(-1);
    this.#nodes = new Int32Array(keys.length * 2);
    keys.forEach((key, slot) => {
      if (key < 0) return;
      const target = this.#slotOf(key);
      this.#keys[target] = key;
      this.#nodes[target] = nodes[slot]!;
    });
  }
}

/** Numbers by node, as many as there come to be. */
class Column {
  #values: Int32Array = new Int32Array(2 ** 16);

  get(node: number): number {
    return this.#values[node] ?? 0;
  }

  add(node: number, value: number): void {
    if (node >= this.#values.length) {
      const wider = new Int32Array(this.#values.length * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[node] = this.#values[node]! + value;
  }
}

const ROOT = 0;

export class KneserNey {
  readonly order: number;
  readonly #vocab: number;
  readonly #table = new NodeTable();
  readonly #parents = new Column();
  readonly #orders = new Column();
  readonly #counts = new Column();
  /** By context: Σ counts of what follows, and how many count 1, 2, and more. */
  readonly #totals = new Column();
  readonly #kinds = [new Column(), new Column(), new Column()];
  /** By order: what is taken from counts of 1, 2, and more. */
  readonly #discounts: number[][] = [];
  #nodeCount = 1;

  /** Learns documents of token ids below `vocab`. */
  constructor(documents: Iterable<Uint32Array>, use: { order: number; vocab: number }) {
    this.order = use.order;
    this.#vocab = use.vocab;
    for (const document of documents) this.#read(document);
    this.#finish();
  }

  /** Distinct n-grams of all orders. */
  get size(): number {
    return this.#nodeCount - 1;
  }

  /** Probability of a token after `history`, the tokens of its document so far. */
  probability(token: number, history: ArrayLike<number>): number {
    const begin = this.#vocab;
    const isShort = history.length < this.order - 1;
    const used = Array.from(history).slice(-(this.order - 1));
    const context = isShort ? [begin, ...used] : used;
    let p = 1 / this.#vocab;
    for (let length = 0; length <= context.length; length++) {
      const node = this.#walk(context.slice(context.length - length));
      if (node < 0) break;
      const total = this.#totals.get(node);
      if (total === 0) break;
      const child = this.#table.find(this.#key(node, token));
      const count = child < 0 ? 0 : this.#counts.get(child);
      const discounts = this.#discounts[length + 1]!;
      const taken = this.#kinds.reduce((sum, kind, i) => sum + discounts[i]! * kind.get(node), 0);
      const kept = count === 0 ? 0 : count - discounts[Math.min(count, 3) - 1]!;
      p = (kept + taken * p) / total;
    }
    return p;
  }

  #key(parent: number, token: number): number {
    return parent * (this.#vocab + 1) + token;
  }

  #walk(tokens: readonly number[]): number {
    let node = ROOT;
    for (const token of tokens) {
      node = this.#table.find(this.#key(node, token));
      if (node < 0) return node;
    }
    return node;
  }

  #read(document: Uint32Array): void {
    // Nodes of the n-grams that end at the token before, by their order.
    let before = [ROOT, this.#node(ROOT, this.#vocab)];
    document.forEach((token, place) => {
      const after = [ROOT];
      const longest = Math.min(this.order, place + 2);
      for (let n = 1; n <= longest; n++) {
        const known = this.#nodeCount;
        const node = this.#node(before[n - 1]!, token);
        // A new n-gram is one more token before the n-gram without its first.
        if (node >= known && n > 1) this.#counts.add(after[n - 1]!, 1);
        const isAtBegin = n === place + 2;
        if (n === this.order || isAtBegin) this.#counts.add(node, 1);
        after.push(node);
      }
      before = after;
    });
  }

  #node(parent: number, token: number): number {
    const key = this.#key(parent, token);
    const known = this.#table.find(key);
    if (known >= 0) return known;
    const node = this.#nodeCount++;
    this.#table.add(key, node);
    this.#parents.add(node, parent);
    this.#orders.add(node, this.#orders.get(parent) + 1);
    return node;
  }

  #finish(): void {
    const ofCounts = Array.from({ length: this.order + 1 }, () => [0, 0, 0, 0]);
    for (let node = 1; node < this.#nodeCount; node++) {
      const count = this.#counts.get(node);
      if (count === 0) continue; // the begin of documents, which nothing predicts
      const parent = this.#parents.get(node);
      this.#totals.add(parent, count);
      this.#kinds[Math.min(count, 3) - 1]!.add(parent, 1);
      const list = ofCounts[this.#orders.get(node)]!;
      if (count <= 4) list[count - 1]!++;
    }
    for (const [n1 = 0, n2 = 0, n3 = 0, n4 = 0] of ofCounts) {
      const y = n1 + n2 === 0 ? 0 : n1 / (n1 + 2 * n2);
      const of = (k: number, more: number, less: number): number =>
        less === 0 ? k / 2 : Math.min(k, Math.max(0, k - ((k + 1) * y * more) / less));
      this.#discounts.push([of(1, n2, n1), of(2, n3, n2), of(3, n4, n3)]);
    }
  }
}
