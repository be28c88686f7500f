/**
 * One row forward and back, op by op: the loss, and the gradients of everything learned.
 *
 * Values are whole [T, width] arrays; nothing is fast here. The engine must give these bits.
 */
import { assert, firstSeen, maskOf, ropeTable } from '@wafer/core';
import type { NetworkTensor } from '@wafer/core';
import type { TrainRow } from '../data/rows.ts';
import { dropoutFactor, dropoutHash, dropoutKey, dropoutThreshold } from '../dropout.ts';
import type { DropoutUse } from '../dropout.ts';
import type { Adapter, TrainOp, TrainOpOf, TrainProgram, TrainSlot } from '../network/program.ts';
import type { Arithmetic, Numbers } from './arithmetic.ts';
import { attendBackward, attendForward } from './attend.ts';
import type { AttendShape } from './attend.ts';
import { crossEntropy, rotateRows, swigluBackward, swigluForward } from './elementwise.ts';
import { biasGradient, linearForward, linearInputs, linearWeights } from './linear.ts';
import { normForward, normGain, normInputs } from './norm.ts';
import type { NormShape } from './norm.ts';

/** What a row gives. `embedding` is the gradient of the first value, [T, D]. */
export interface RowResult {
  loss: number;
  gradients: Map<string, Numbers>;
  embedding: Numbers;
  logits: Numbers;
}

type Weights = ReadonlyMap<string, Numbers>;

/** One row, and what is asked of it. */
export interface RowUse {
  row: TrainRow;
  /** 1 / (targets of the step). */
  share: number;
  arithmetic: Arithmetic;
  /** What adapters drop; `rowIndex` is the row's place in the step. */
  dropout?: DropoutUse & { rowIndex: number };
}

/** Both ways of one row. */
export function referenceRow(program: TrainProgram, weights: Weights, use: RowUse): RowResult {
  const pass = new RowPass(program, weights, use);
  for (const op of program.ops) runForward(op, pass);
  for (const op of program.ops.toReversed()) runBackward(op, pass);
  return pass.result();
}

/** The values and gradients of a row under way. */
class RowPass {
  readonly program: TrainProgram;
  readonly a: Arithmetic;
  readonly row: TrainRow;
  readonly share: number;
  readonly tokenCount: number;
  readonly table: Numbers;
  readonly gradients = new Map<string, Numbers>();
  loss = 0;
  logits: Numbers;
  dLogits: Numbers;
  readonly #dropout: RowUse['dropout'];
  readonly #weights: Weights;
  readonly #values = new Map<number, Numbers>();
  readonly #flows = new Map<string, Numbers>();

  constructor(
    program: TrainProgram,
    weights: Weights,
    { row, share, arithmetic, dropout }: RowUse,
  ) {
    this.#dropout = dropout;
    this.program = program;
    this.a = arithmetic;
    this.row = row;
    this.share = share;
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

  create({ index, width }: TrainSlot): Numbers {
    const rows = this.a.create(this.tokenCount * width);
    this.#values.set(index, rows);
    return rows;
  }

  /** The gradient of a name: what is there where `keeps`, else zeros. */
  flow(name: string, { keeps }: { keeps: boolean }): Numbers {
    const width = this.program.gradients.get(name) ?? 0;
    const known = this.#flows.get(name);
    if (keeps && known !== undefined) return known;
    const fresh = this.a.create(this.tokenCount * width);
    this.#flows.set(name, fresh);
    return fresh;
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
    const { loss, gradients, logits } = this;
    const first = this.program.ops[0];
    assert(first?.op === 'embed', 'a network begins with its embedding');
    return { loss, gradients, embedding: this.dy(first.dy), logits };
  }
}

function runForward(op: TrainOp, pass: RowPass): void {
  const { a, tokenCount } = pass;
  switch (op.op) {
    case 'embed': {
      const [y, table] = [pass.create(op.output), pass.weight(op.table)];
      const width = op.table.columns;
      pass.row.tokens.forEach((token, t) =>
        y.set(table.subarray(token * width, (token + 1) * width), t * width),
      );
      return;
    }
    case 'norm': {
      const gain = op.gain && pass.weight(op.gain);
      const x = pass.read(op.input);
      return normForward(a, pass.create(op.output), x, gain, normShape(op, pass));
    }
    case 'linear': {
      const y = pass.create(op.output);
      const shape = { tokenCount, rows: op.weights.rows, columns: op.weights.columns };
      linearForward(a, y, pass.weight(op.weights), pass.read(op.input), shape);
      if (op.bias) {
        const bias = pass.weight(op.bias);
        for (let i = 0; i < y.length; i++) y[i] = y[i]! + bias[i % bias.length]!;
      }
      return;
    }
    case 'adapt':
      return adaptForward(op, pass);
    case 'rope':
      return rotateRows(a, pass.read(op.target), pass.table, ropeShape(pass), 1);
    case 'attend': {
      const rows = { q: pass.read(op.q), k: pass.read(op.k), v: pass.read(op.v) };
      return attendForward(a, pass.create(op.output), rows, attendShape(op, pass));
    }
    case 'swiglu': {
      const [gate, up] = [pass.read(op.gate), pass.read(op.up)];
      return swigluForward(a, pass.create(op.output), gate, up);
    }
    case 'add': {
      const [x, y, sum] = [pass.read(op.target), pass.read(op.input), pass.create(op.output)];
      for (let i = 0; i < x.length; i++) sum[i] = x[i]! + y[i]!;
      return;
    }
    case 'loss': {
      const { rows, columns } = op.weights;
      const logits = a.create(tokenCount * rows);
      const w = pass.weight(op.weights);
      linearForward(a, logits, w, pass.read(op.input), { tokenCount, rows, columns });
      pass.logits = logits.slice();
      pass.loss = crossEntropy(a, logits, pass.row, { share: pass.share });
      pass.dLogits = logits;
      return;
    }
  }
}

function runBackward(op: TrainOp, pass: RowPass): void {
  const { a, tokenCount } = pass;
  switch (op.op) {
    case 'add':
    case 'embed':
      return;
    case 'norm': {
      const [dy, x] = [pass.dy(op.dy), pass.read(op.input)];
      const shape = normShape(op, pass);
      if (op.gain) normGain(a, pass.learned(op.gain), dy, x, shape);
      const isInPlace = op.dy === op.dx.name;
      const dx = isInPlace ? dy : pass.flow(op.dx.name, { keeps: op.dx.adds });
      const gain = op.gain && pass.weight(op.gain);
      return normInputs(a, dx, { dy, x, gain }, { ...shape, adds: op.dx.adds });
    }
    case 'linear':
      if (op.bias) biasGradient(a, pass.learned(op.bias), pass.dy(op.dy), tokenCount);
      return linearBack(op, pass.dy(op.dy), pass);
    case 'adapt':
      return adaptBackward(op, pass);
    case 'rope':
      return rotateRows(a, pass.dy(op.dy), pass.table, ropeShape(pass), -1);
    case 'attend': {
      const rows = { q: pass.read(op.q), k: pass.read(op.k), v: pass.read(op.v) };
      const use = { ...rows, out: pass.read(op.output), dOut: pass.dy(op.dy) };
      const [q, k, v] = [op.q, op.k, op.v].map(({ name }) => pass.flow(name, { keeps: false }));
      return attendBackward(a, { q: q!, k: k!, v: v! }, use, attendShape(op, pass));
    }
    case 'swiglu': {
      const values = { gate: pass.read(op.gate), up: pass.read(op.up), dy: pass.dy(op.dy) };
      const gate = pass.flow(op.gate.name, { keeps: false });
      const up = pass.flow(op.up.name, { keeps: false });
      return swigluBackward(a, { gate, up }, values);
    }
    case 'loss':
      return linearBack(op, pass.dLogits, pass);
  }
}

/** low = scale · (A drop(x)); output += B low. */
function adaptForward(op: TrainOpOf<'adapt'>, pass: RowPass): void {
  const { a, tokenCount } = pass;
  const [low, high] = [pass.create(op.low), pass.create(op.high)];
  const { adapter } = op;
  const x = pass.drop(pass.read(op.input), adapter);
  linearForward(a, low, pass.weight(adapter.a), x, { tokenCount, ...adapter.a });
  for (let i = 0; i < low.length; i++) low[i] = low[i]! * a.round(adapter.scale);
  linearForward(a, high, pass.weight(adapter.b), low, { tokenCount, ...adapter.b });
  const y = pass.read(op.output);
  for (let i = 0; i < y.length; i++) y[i] = y[i]! + high[i]!;
}

function adaptBackward(op: TrainOpOf<'adapt'>, pass: RowPass): void {
  const { a, tokenCount } = pass;
  const { adapter } = op;
  const dy = pass.dy(op.dy);
  const [first, second] = [
    { tokenCount, ...adapter.a },
    { tokenCount, ...adapter.b },
  ];
  linearWeights(a, pass.learned(adapter.b), dy, pass.read(op.low), second);
  const dLow = pass.flow(op.low.name, { keeps: false });
  linearInputs(a, dLow, pass.weight(adapter.b), dy, second);
  for (let i = 0; i < dLow.length; i++) dLow[i] = dLow[i]! * a.round(adapter.scale);
  const x = pass.read(op.input);
  const kept = pass.drop(x, adapter);
  linearWeights(a, pass.learned(adapter.a), dLow, kept, first);
  const dx = pass.flow(op.dx.name, { keeps: op.dx.adds });
  if (kept === x) return linearInputs(a, dx, pass.weight(adapter.a), dLow, first);
  const dKept = a.create(x.length);
  linearInputs(a, dKept, pass.weight(adapter.a), dLow, first);
  pass.drop(dKept, adapter).forEach((value, i) => (dx[i] = op.dx.adds ? dx[i]! + value : value));
}

function linearBack(op: TrainOpOf<'linear' | 'loss'>, dy: Numbers, pass: RowPass): void {
  const { a, tokenCount } = pass;
  const { rows, columns } = op.weights;
  const shape = { tokenCount, rows, columns };
  linearWeights(a, pass.learned(op.weights), dy, pass.read(op.input), shape);
  const dx = pass.flow(op.dx.name, { keeps: op.dx.adds });
  linearInputs(a, dx, pass.weight(op.weights), dy, shape);
}

function normShape(op: TrainOpOf<'norm'>, pass: RowPass): NormShape {
  const { tokenCount, program } = pass;
  const pieces = op.input.width / op.width;
  return { tokenCount, pieces, width: op.width, epsilon: program.spec.normEpsilon };
}

function ropeShape(pass: RowPass): Parameters<typeof rotateRows>[3] {
  const { rope, headWidth } = pass.program.spec;
  const { layout, rotaryWidth } = rope;
  return { tokenCount: pass.tokenCount, headWidth, rotaryWidth, isPairs: layout === 'pairs' };
}

function attendShape(op: TrainOpOf<'attend'>, pass: RowPass): AttendShape {
  const { spec } = pass.program;
  const mask = maskOf(spec, op.layer, pass.tokenCount);
  return {
    tokenCount: pass.tokenCount,
    headCount: op.q.width / spec.headWidth,
    kvHeadCount: op.k.width / spec.headWidth,
    headWidth: spec.headWidth,
    scale: 1 / Math.sqrt(spec.headWidth),
    firsts: pass.row.firsts.map((first, t) => Math.max(first, firstSeen(t, mask))),
  };
}
