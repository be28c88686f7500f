/**
 * What the reference knows of a row under way: values, gradients, and what its step asks.
 */
import { assert, ropeTable } from '@wafer/core';
import type { NetworkTensor } from '@wafer/core';
import type { TrainRow } from '../data/rows.ts';
import { dropoutFactor, dropoutHash, dropoutKey, dropoutThreshold } from '../dropout.ts';
import type { DropoutUse } from '../dropout.ts';
import type { Adapter } from '../network/adapter.ts';
import type { TrainProgram } from '../network/program.ts';
import type { TrainSlot } from '../network/slots.ts';
import type { Arithmetic, Numbers } from './arithmetic.ts';
import type { RowChoice } from './route.ts';

/** What a row gives. `embedding` is the gradient of the first value, [T, D]. */
export interface RowResult {
  loss: number;
  /** Σ of the squared log-sum-exp of the targets that count. */
  zSquares: number;
  /** Σ of the balance losses of its layers of experts. */
  balance: number;
  gradients: Map<string, Numbers>;
  embedding: Numbers;
  logits: Numbers;
}

export type Weights = ReadonlyMap<string, Numbers>;

/** Which row, and what its step asks: `share` is 1 / (targets of the step). */
export interface RowUse {
  row: TrainRow;
  share: number;
  zLoss?: number;
  /** What a token more of an expert asks of each probability, see `balanceFactor`. */
  balance?: number;
  arithmetic: Arithmetic;
  /** What adapters drop; `rowIndex` is the row's place in the step. */
  dropout?: DropoutUse & { rowIndex: number };
}

/** The values and gradients of a row under way. */
export class RowPass {
  readonly program: TrainProgram;
  readonly a: Arithmetic;
  readonly row: TrainRow;
  readonly share: number;
  readonly zLoss: number;
  readonly tokenCount: number;
  readonly table: Numbers;
  readonly gradients: Map<string, Numbers> = new Map();
  /** By the index of the op that made it. */
  readonly choices: Map<number, RowChoice> = new Map();
  readonly balanceFactor: number;
  loss = 0;
  zSquares = 0;
  balance = 0;
  logits: Numbers;
  dLogits: Numbers;
  readonly #dropout: RowUse['dropout'];
  readonly #weights: Weights;
  readonly #values = new Map<number, Numbers>();
  readonly #flows = new Map<string, Numbers>();

  constructor(
    program: TrainProgram,
    weights: Weights,
    { row, share, zLoss = 0, balance = 0, arithmetic, dropout }: RowUse,
  ) {
    this.#dropout = dropout;
    this.program = program;
    this.a = arithmetic;
    this.row = row;
    this.share = share;
    this.zLoss = zLoss;
    this.balanceFactor = balance;
    this.tokenCount = row.tokens.length;
    this.#weights = weights;
    const { rope } = program.spec;
    const angles = ropeTable(rope);
    this.table = arithmetic.create(this.tokenCount * rope.rotaryWidth);
    for (let p = 0; p < this.tokenCount; p++) this.table.set(angles(p), p * rope.rotaryWidth);
    this.logits = arithmetic.create(0);
    this.dLogits = arithmetic.create(0);
  }

  weight({ name }: NetworkTensor): Numbers {
    const found = this.#weights.get(name);
    assert(found !== undefined, 'every tensor is there', { name });
    return found;
  }

  read({ index, name }: TrainSlot): Numbers {
    const found = this.#values.get(index);
    assert(found !== undefined, 'a value is written first', { name });
    return found;
  }

  create(slot: TrainSlot): Numbers {
    const { index } = slot;
    const rows = this.a.create(this.#count(slot));
    this.#values.set(index, rows);
    return rows;
  }

  /** The gradient of a name: what is there where `keeps`, else zeros. */
  flow(name: string, { keeps }: { keeps: boolean }): Numbers {
    const slot = this.program.gradients.get(name);
    assert(slot !== undefined, 'a gradient is that of a value', { name });
    const known = this.#flows.get(name);
    if (keeps && known !== undefined) return known;
    const fresh = this.a.create(this.#count(slot));
    this.#flows.set(name, fresh);
    return fresh;
  }

  /** Numbers of a value: a row a token, or a slot. */
  #count({ rows, width }: TrainSlot): number {
    const { chosenCount = 0 } = this.program.spec.experts ?? {};
    return this.tokenCount * (rows === 'slots' ? chosenCount : 1) * width;
  }

  dy(name: string): Numbers {
    return this.flow(name, { keeps: true });
  }

  /** Where the gradient of a tensor goes; a tied table's is that of the head. */
  learned({ name, rows, columns }: NetworkTensor): Numbers {
    const gradient = this.a.create(rows * columns);
    this.gradients.set(name, gradient);
    return gradient;
  }

  /** Inputs of an adapter, or their gradients, with what is dropped left out. */
  drop(x: Numbers, { a, dropout, index }: Adapter): Numbers {
    const use = this.#dropout;
    if (use === undefined || dropout === 0) return x;
    const { seed, step, rowIndex } = use;
    const key0 = dropoutKey(0, seed, step, rowIndex, index);
    const key1 = dropoutKey(1, seed, step, rowIndex, index);
    const [threshold, factor] = [dropoutThreshold(dropout), dropoutFactor(dropout)];
    return x.map((value, i) => {
      const [t, k] = [Math.floor(i / a.columns), i % a.columns];
      const place = ((t >> 4) * a.columns + k) * 16 + (t & 15);
      return dropoutHash(place, key0, key1) < threshold ? 0 : this.a.round(value * factor);
    });
  }

  result(): RowResult {
    const { loss, zSquares, balance, gradients, logits } = this;
    const first = this.program.ops[0];
    assert(first?.op === 'embed', 'a network begins with its embedding');
    return { loss, zSquares, balance, gradients, embedding: this.dy(first.dy), logits };
  }
}
