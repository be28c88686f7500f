/**
 * One row forward and back, op by op: the loss, and the gradients of everything learned.
 *
 * Values are whole [T, width] arrays; nothing is fast here. The engine must give these bits.
 */
import { firstSeen, maskOf } from '@wafer/core';
import type { TrainOp, TrainOpOf, TrainProgram } from '../network/program.ts';
import { adaptBackward, adaptForward } from './adapt.ts';
import type { Numbers } from './arithmetic.ts';
import { attendBackward, attendForward } from './attend.ts';
import type { AttendShape } from './attend.ts';
import {
  clampedBackward,
  clampedForward,
  crossEntropy,
  rotateRows,
  swigluBackward,
  swigluForward,
} from './elementwise.ts';
import { expertBackward, expertForward } from './expert-pass.ts';
import { biasGradient, linearForward, linearInputs, linearWeights } from './linear.ts';
import { normForward, normGain, normInputs } from './norm.ts';
import type { NormShape } from './norm.ts';
import { RowPass } from './pass.ts';
import type { RowResult, RowUse, Weights } from './pass.ts';

/** Both ways of one row. */
export function referenceRow(program: TrainProgram, weights: Weights, use: RowUse): RowResult {
  const pass = new RowPass(program, weights, use);
  program.ops.forEach((op, index) => runForward(op, index, pass));
  for (let index = program.ops.length - 1; index >= 0; index--) {
    runBackward(program.ops[index]!, index, pass);
  }
  return pass.result();
}

function runForward(op: TrainOp, index: number, pass: RowPass): void {
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
      return adapt(op, pass);
    case 'rope':
      return rotateRows(a, pass.read(op.target), pass.table, ropeShape(pass), 1);
    case 'attend': {
      const rows = { q: pass.read(op.q), k: pass.read(op.k), v: pass.read(op.v) };
      return attendForward(a, pass.create(op.output), rows, attendShape(op, pass));
    }
    case 'swiglu': {
      const [gate, up] = [pass.read(op.gate), pass.read(op.up)];
      const y = pass.create(op.output);
      const { activation } = pass.program.spec;
      if (activation.kind === 'silu') return swigluForward(a, y, gate, up);
      return clampedForward(a, y, { gate, up }, activation);
    }
    case 'add': {
      const [x, y, sum] = [pass.read(op.target), pass.read(op.input), pass.create(op.output)];
      for (let i = 0; i < x.length; i++) sum[i] = x[i]! + y[i]!;
      return;
    }
    case 'route':
    case 'gather':
    case 'experts':
    case 'adaptExperts':
    case 'combine':
      return expertForward(op, index, pass);
    case 'loss': {
      const { rows, columns } = op.weights;
      const logits = a.create(tokenCount * rows);
      const w = pass.weight(op.weights);
      linearForward(a, logits, w, pass.read(op.input), { tokenCount, rows, columns });
      pass.logits = logits.slice();
      const { share, zLoss } = pass;
      const { loss, zSquares } = crossEntropy(a, logits, pass.row, { share, zLoss });
      pass.loss = loss;
      pass.zSquares = zSquares;
      pass.dLogits = logits;
      return;
    }
  }
}

function runBackward(op: TrainOp, index: number, pass: RowPass): void {
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
      return adaptBack(op, pass);
    case 'rope':
      return rotateRows(a, pass.dy(op.dy), pass.table, ropeShape(pass), -1);
    case 'attend': {
      const rows = { q: pass.read(op.q), k: pass.read(op.k), v: pass.read(op.v) };
      const use = { ...rows, out: pass.read(op.output), dOut: pass.dy(op.dy) };
      const [q, k, v] = [op.q, op.k, op.v].map(({ name }) => pass.flow(name, { keeps: false }));
      const sinks = op.sinks && pass.learned(op.sinks);
      return attendBackward(a, { q: q!, k: k!, v: v!, sinks }, use, attendShape(op, pass));
    }
    case 'swiglu': {
      const values = { gate: pass.read(op.gate), up: pass.read(op.up), dy: pass.dy(op.dy) };
      const gate = pass.flow(op.gate.name, { keeps: false });
      const up = pass.flow(op.up.name, { keeps: false });
      const { activation } = pass.program.spec;
      if (activation.kind === 'silu') return swigluBackward(a, { gate, up }, values);
      return clampedBackward(a, { gate, up }, values, activation);
    }
    case 'route':
    case 'gather':
    case 'experts':
    case 'adaptExperts':
    case 'combine':
      return expertBackward(op, index, pass);
    case 'loss':
      return linearBack(op, pass.dLogits, pass);
  }
}

function adapt(op: TrainOpOf<'adapt'>, pass: RowPass): void {
  const [low, high] = [pass.create(op.low), pass.create(op.high)];
  const [x, y] = [pass.read(op.input), pass.read(op.output)];
  adaptForward(op.adapter, { x, low, high, y, tokenCount: pass.tokenCount }, pass);
}

function adaptBack(op: TrainOpOf<'adapt'>, pass: RowPass): void {
  const { adapter, dx } = op;
  const rows = {
    ...{ x: pass.read(op.input), low: pass.read(op.low), tokenCount: pass.tokenCount },
    ...{ dy: pass.dy(op.dy), dLow: pass.flow(op.low.name, { keeps: false }) },
    ...{ dx: pass.flow(dx.name, { keeps: dx.adds }), adds: dx.adds },
  };
  adaptBackward(adapter, rows, pass);
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
    sinks: op.sinks && pass.weight(op.sinks),
    firsts: pass.row.firsts.map((first, t) => Math.max(first, firstSeen(t, mask))),
  };
}
