/**
 * What an object still takes: which keys may come, and whether it may close.
 *
 * A stage says which names were there, as a place in their order or as a set, and how many keys.
 * Keys that nothing names may come again without harm, except while an object is short of the
 * keys that it must have: until then their texts are part of the stage.
 */
import { combineDfas, wordsDfa } from '../dfa/combine.ts';
import type { Dfa } from '../dfa/dfa.ts';
import { Budget } from '../budget.ts';
import type { GrammarNode, GrammarProgram } from '../program.ts';
import type { LeafKind } from './leaves.ts';

export type ObjectNode = GrammarNode & { kind: 'object' };

export interface Stage {
  /** Ordered: names before this place are over. */
  position: number;
  /** Unordered: a bit for each name that was there. */
  seen: bigint;
  count: number;
  /** Texts of keys that count and have no name, sorted. */
  texts: readonly string[];
}

export const FIRST_STAGE: Stage = { position: 0, seen: 0n, count: 0, texts: [] };

/** Equal for equal stages. */
export function stageKey({ position, seen, count, texts }: Stage): string {
  return `${position} ${seen} ${count} ${JSON.stringify(texts)}`;
}

/** The rules of one object, with what follows from them worked out. */
export class ObjectRules {
  readonly node: ObjectNode;
  readonly #keys: Dfa;
  readonly #hasOpenKeys: boolean;
  readonly #nameCount: number;
  /** requiredBefore[i]: how many names that must come have a place below i. */
  readonly #requiredBefore: Int32Array;
  readonly #requiredBits: bigint;

  constructor(node: ObjectNode, keys: Dfa) {
    this.node = node;
    this.#keys = keys;
    const { classes, required } = node;
    this.#hasOpenKeys = classes.some(({ isName }) => !isName);
    this.#nameCount = classes.filter(({ isName }) => isName).length;
    this.#requiredBefore = new Int32Array(classes.length + 1);
    const isRequired = new Set(required);
    let bits = 0n;
    for (let i = 0; i < classes.length; i++) {
      this.#requiredBefore[i + 1] = this.#requiredBefore[i]! + (isRequired.has(i) ? 1 : 0);
    }
    if (!node.isOrdered) for (const label of required) bits |= 1n << BigInt(label);
    this.#requiredBits = bits;
  }

  mayClose(stage: Stage): boolean {
    return this.#missing(stage) === 0 && stage.count >= this.node.min;
  }

  /** The leaf that reads the next key. */
  keyLeaf(stage: Stage): Omit<LeafKind, 'facts'> {
    const { texts } = stage;
    return {
      dfa: texts.length === 0 ? this.#keys : withoutWords(this.#keys, texts),
      isString: true,
      isAllowed: (label) => this.#isAllowed(stage, label),
      ...{ min: 0, max: Infinity, isTracked: this.#tracks(stage) },
    };
  }

  /** The stage behind a key. */
  after(stage: Stage, label: number, text: string): Stage {
    const { min, max, isOrdered, classes } = this.node;
    const { isName } = classes[label]!;
    const open = isOrdered ? classes.length : stage.position;
    const isShort = stage.count + 1 < min;
    return {
      position: isName && isOrdered ? label + 1 : open,
      seen: isName && !isOrdered ? stage.seen | (1n << BigInt(label)) : stage.seen,
      count: max === Infinity ? Math.min(stage.count + 1, min) : stage.count + 1,
      texts: !isShort ? [] : isName ? stage.texts : [...stage.texts, text].toSorted(),
    };
  }

  #tracks(stage: Stage): boolean {
    return this.#hasOpenKeys && stage.count + 1 < this.node.min;
  }

  #isAllowed(stage: Stage, label: number): boolean {
    const { classes, min, max, isOrdered } = this.node;
    const isName = classes[label]!.isName;
    const { position, seen, count } = stage;
    let missing = this.#missing(stage);
    let left = Infinity; // keys that may follow
    if (isOrdered) {
      if (isName && label < position) return false;
      const skipped = this.#requiredBefore[isName ? label : classes.length]!;
      if (skipped > this.#requiredBefore[Math.min(position, classes.length)]!) return false;
      if (isName) missing -= this.#requiredBefore[label + 1]! - this.#requiredBefore[label]!;
      if (!this.#hasOpenKeys) left = this.#nameCount - label - 1;
    } else if (isName) {
      const bit = 1n << BigInt(label);
      if ((seen & bit) !== 0n) return false;
      if ((this.#requiredBits & bit) !== 0n) missing--;
      if (!this.#hasOpenKeys) left = this.#nameCount - count - 1;
    }
    return count + 1 + missing <= max && count + 1 + left >= min;
  }

  #missing({ position, seen }: Stage): number {
    const { isOrdered, classes } = this.node;
    if (isOrdered) {
      const before = this.#requiredBefore[Math.min(position, classes.length)]!;
      return this.#requiredBefore[classes.length]! - before;
    }
    let count = 0;
    for (let bits = this.#requiredBits & ~seen; bits !== 0n; bits &= bits - 1n) count++;
    return count;
  }
}

function withoutWords(keys: Dfa, words: readonly string[]): Dfa {
  const budget = new Budget();
  return combineDfas(
    [keys, wordsDfa(words, budget)],
    ([label, word]) => (word! >= 0 ? -1 : label!),
    budget,
    ([state]) => state! < 0,
  );
}

/** The objects of a program, and the stages that they have been in. */
export class ObjectTable {
  readonly #program: GrammarProgram;
  readonly #rules = new Map<number, ObjectRules>();
  readonly #stageIds = new Map<string, number>();
  readonly #stages: Stage[] = [];

  constructor(program: GrammarProgram) {
    this.#program = program;
  }

  rules(node: number): ObjectRules {
    const known = this.#rules.get(node);
    if (known !== undefined) return known;
    const object = this.#program.nodes[node] as ObjectNode;
    const rules = new ObjectRules(object, this.#program.dfas[object.keys]!);
    this.#rules.set(node, rules);
    return rules;
  }

  stage(id: number): Stage {
    return this.#stages[id]!;
  }

  /** The number of a stage, a new one if it is unknown. */
  stageId(stage: Stage): number {
    const key = stageKey(stage);
    const known = this.#stageIds.get(key);
    if (known !== undefined) return known;
    this.#stageIds.set(key, this.#stages.length);
    return this.#stages.push(stage) - 1;
  }
}
