/**
 * The ops of a layer of experts in the reference, both ways.
 *
 * Rows of slots lie by expert, then by token, [T · k, width]; an expert's sums over tokens are
 * chains over its own rows. What a token gets of its experts is a chain in ascending expert id.
 */
import { assert, expertsOf } from '@wafer/core';
import type { TrainOpOf } from '../network/program.ts';
import { adaptBackward, adaptForward } from './adapt.ts';
import type { Numbers } from './arithmetic.ts';
import { biasGradient, linearForward, linearInputs, linearWeights } from './linear.ts';
import type { RowPass } from './pass.ts';
import { balanceOf, routeBackward, routeForward } from './route.ts';
import type { RowChoice, RouteShape } from './route.ts';

type ExpertOp = TrainOpOf<'route' | 'gather' | 'experts' | 'adaptExperts' | 'combine'>;

/** Runs one op. */
export function expertForward(op: ExpertOp, index: number, pass: RowPass): void {
  switch (op.op) {
    case 'route': {
      const probabilities = pass.create(op.probabilities);
      const scores = op.scores && pass.create(op.scores);
      const outputs = { probabilities, weights: pass.create(op.weights), scores };
      const bias = op.selectionBias && pass.weight(op.selectionBias);
      const inputs = { logits: pass.read(op.logits), bias };
      const choice = routeForward(pass.a, outputs, inputs, routeShape(pass));
      pass.choices.set(index, choice);
      pass.balance += balanceOf(probabilities, choice, routeShape(pass));
      return;
    }
    case 'gather': {
      const [x, y, width] = [pass.read(op.input), pass.create(op.output), op.input.width];
      eachSlot(op, pass, ({ token, row }) => {
        y.set(x.subarray(token * width, (token + 1) * width), row * width);
      });
      return;
    }
    case 'experts': {
      const [x, y] = [pass.read(op.input), pass.create(op.output)];
      eachExpert(op.matrices, op, pass, ({ weights, bias }, { tokenCount, rowsOf }) => {
        const shape = { tokenCount, ...weights };
        const own = rowsOf(y, shape.rows);
        linearForward(pass.a, own, pass.weight(weights), rowsOf(x, shape.columns), shape);
        if (bias === undefined) return;
        const values = pass.weight(bias);
        for (let i = 0; i < own.length; i++) own[i] = own[i]! + values[i % values.length]!;
      });
      return;
    }
    case 'adaptExperts': {
      const [x, y] = [pass.read(op.input), pass.read(op.output)];
      const [low, high] = [pass.create(op.low), pass.create(op.high)];
      eachExpert(op.adapters, op, pass, (adapter, { tokenCount, rowsOf }) => {
        const { a, b } = adapter;
        const rows = {
          ...{ x: rowsOf(x, a.columns), low: rowsOf(low, a.rows), tokenCount },
          ...{ high: rowsOf(high, b.rows), y: rowsOf(y, b.rows) },
        };
        adaptForward(adapter, rows, pass);
      });
      return;
    }
    case 'combine':
      return combine(op, pass);
  }
}

function combine(op: TrainOpOf<'combine'>, pass: RowPass): void {
  const [y, rows, weights] = [pass.create(op.output), pass.read(op.input), pass.read(op.weights)];
  const { width } = op.output;
  eachSlot(op, pass, ({ token, slot, row }) => {
    for (let d = 0; d < width; d++) {
      const at = token * width + d;
      y[at] = pass.a.fma(weights[slot]!, rows[row * width + d]!, y[at]!);
    }
  });
  if (op.shared === undefined) return;
  const shared = pass.read(op.shared);
  for (let i = 0; i < y.length; i++) y[i] = y[i]! + shared[i]!;
}

/** Runs one op backward. */
export function expertBackward(op: ExpertOp, index: number, pass: RowPass): void {
  const { a } = pass;
  const dy = pass.dy(op.dy);
  switch (op.op) {
    case 'route': {
      const [probabilities, weights] = [pass.read(op.probabilities), pass.read(op.weights)];
      const shape = routeShape(pass);
      const factor = pass.balanceFactor;
      const scores = op.scores && pass.read(op.scores);
      const choice = choiceOf(index, pass);
      const use = { dWeights: dy, probabilities, weights, scores, choice };
      const dLogits = pass.flow(op.dx.name, { keeps: false });
      return routeBackward(a, dLogits, use, { ...shape, factor });
    }
    case 'gather': {
      const [dx, width] = [pass.flow(op.dx.name, { keeps: op.dx.adds }), op.input.width];
      eachSlot(op, pass, ({ token, row }) => {
        for (let d = 0; d < width; d++) {
          const at = token * width + d;
          dx[at] = dx[at]! + dy[row * width + d]!;
        }
      });
      return;
    }
    case 'experts': {
      const x = pass.read(op.input);
      const dx = pass.flow(op.dx.name, { keeps: op.dx.adds });
      eachExpert(op.matrices, op, pass, ({ weights, bias }, { tokenCount, rowsOf }) => {
        const shape = { tokenCount, ...weights };
        const [own, input] = [rowsOf(dy, shape.rows), rowsOf(x, shape.columns)];
        if (bias) biasGradient(a, pass.learned(bias), own, shape.tokenCount);
        linearWeights(a, pass.learned(weights), own, input, shape);
        linearInputs(a, rowsOf(dx, shape.columns), pass.weight(weights), own, shape);
      });
      return;
    }
    case 'adaptExperts': {
      const [x, low] = [pass.read(op.input), pass.read(op.low)];
      const dLow = pass.flow(op.low.name, { keeps: false });
      const dx = pass.flow(op.dx.name, { keeps: op.dx.adds });
      eachExpert(op.adapters, op, pass, (adapter, { tokenCount, rowsOf }) => {
        const { a, b } = adapter;
        const rows = {
          ...{ x: rowsOf(x, a.columns), low: rowsOf(low, a.rows), dy: rowsOf(dy, b.rows) },
          ...{ dLow: rowsOf(dLow, a.rows), dx: rowsOf(dx, a.columns), adds: op.dx.adds },
        };
        adaptBackward(adapter, { ...rows, tokenCount }, pass);
      });
      return;
    }
    case 'combine': {
      const [rows, weights] = [pass.read(op.input), pass.read(op.weights)];
      const dRows = pass.flow(op.input.name, { keeps: false });
      const dWeights = pass.flow(op.weights.name, { keeps: false });
      const { width } = op.output;
      eachSlot(op, pass, ({ token, slot, row }) => {
        let sum = 0;
        for (let d = 0; d < width; d++) {
          const flow = dy[token * width + d]!;
          sum = a.fma(flow, rows[row * width + d]!, sum);
          dRows[row * width + d] = weights[slot]! * flow;
        }
        dWeights[slot] = sum;
      });
      return;
    }
  }
}

/** Slots in order: tokens, then their experts in ascending id. */
function eachSlot(
  { route }: { route: number },
  pass: RowPass,
  use: (place: { token: number; slot: number; row: number }) => void,
): void {
  const { chosenCount } = expertsOf(pass.program.spec);
  choiceOf(route, pass).places.forEach((row, slot) =>
    use({ token: Math.floor(slot / chosenCount), slot, row }),
  );
}

interface ExpertRows {
  tokenCount: number;
  /** Its rows of a value of slots. */
  rowsOf(values: Numbers, width: number): Numbers;
}

/** What each expert has one of, with its rows. */
function eachExpert<Item>(
  items: readonly Item[],
  { route }: { route: number },
  pass: RowPass,
  use: (item: Item, rows: ExpertRows) => void,
): void {
  const { starts } = choiceOf(route, pass);
  items.forEach((item, expert) => {
    const [start, end] = [starts[expert]!, starts[expert + 1]!];
    use(item, {
      tokenCount: end - start,
      rowsOf: (values, width) => values.subarray(start * width, end * width),
    });
  });
}

function choiceOf(route: number, pass: RowPass): RowChoice {
  const choice = pass.choices.get(route);
  assert(choice !== undefined, 'experts are chosen before they are met', { route });
  return choice;
}

function routeShape({ program, tokenCount }: RowPass): RouteShape {
  const { expertCount, chosenCount, router } = expertsOf(program.spec);
  return { tokenCount, expertCount, chosenCount, router };
}
