/**
 * The way back of one op, by kernels; a tile computes its part of the outputs.
 *
 * Gradients of weights go to the buffer of the row's sum: written, or added to what is there.
 */
import type { NetworkTensor } from '@wafer/core';
import type { TrainOp, TrainOpOf } from '../network/program.ts';
import type { GradientUse, TrainSlot } from '../network/slots.ts';
import { dropPart } from './drop.ts';
import { expertBackward } from './expert-ops.ts';
import { rotate } from './forward-ops.ts';
import { BLOCK_ROWS } from './thread-state.ts';
import type { ThreadState } from './thread-state.ts';

/** Runs one op backward, without a meeting at its end; `index` is its place in the program. */
export function backwardOp(op: TrainOp, index: number, state: ThreadState): void {
  switch (op.op) {
    case 'add':
      return;
    case 'embed':
      embed(op, state);
      break;
    case 'norm':
      norm(op, index, state);
      break;
    case 'linear':
      if (op.bias && state.isTrained(op.bias)) {
        const { rows } = op.weights;
        const [n0, n1] = state.part(rows, BLOCK_ROWS);
        const db = state.gradient(op.bias);
        const dy = state.flow(op.dy);
        state.kernels.biasGradient(db, dy, state.panels, rows, n0, n1, state.joins);
      }
      linear(op, state.flow(op.dy), state);
      break;
    case 'adapt':
      adapt(op, state);
      break;
    case 'rope':
      rotate(state.flow(op.dy), op.target.width, { isBack: 1 }, state);
      break;
    case 'attend':
      attend(op, index, state);
      break;
    case 'swiglu':
      swiglu(op, state);
      break;
    case 'route':
    case 'gather':
    case 'experts':
    case 'adaptExperts':
    case 'combine':
      expertBackward(op, index, state);
      break;
    case 'loss':
      linear(op, state.stage.logits, state);
      break;
  }
}

/** Gradients of the embedded rows wait for the end of the step, in the order of tokens. */
function embed({ output, dy }: TrainOpOf<'embed'>, state: ThreadState): void {
  if (state.place.tile !== 0) return;
  const { context, embedding } = state.layout;
  const rows = embedding.rows + state.row * context * output.width * 4;
  state.kernels.rowsOfPanels(rows, state.flow(dy), context, output.width);
}

function norm(op: TrainOpOf<'norm'>, index: number, state: ThreadState): void {
  const { kernels, panels } = state;
  const pieces = op.input.width / op.width;
  const [dy, x, inverse] = [state.flow(op.dy), state.slot(op.input), state.extra(index)];
  if (op.gain && state.isTrained(op.gain)) {
    const dgain = state.gradient(op.gain);
    const [d0, d1] = state.part(op.width, 16);
    kernels.normGain(dgain, dy, x, inverse, panels * pieces, op.width, d0, d1, state.joins);
    if (op.dy === op.dx.name) state.meetTiles(); // what follows writes over dy
  }
  const [p0, p1] = state.part(panels);
  const from = p0 * op.input.width * 64;
  kernels.normInputs(
    state.flow(op.dx.name) + from,
    dy + from,
    x + from,
    state.weight(op.gain),
    inverse + p0 * pieces * 64,
    (p1 - p0) * pieces,
    op.width,
    op.dx.adds ? 1 : 0,
  );
}

function linear(op: TrainOpOf<'linear' | 'loss'>, dy: number, state: ThreadState): void {
  if (state.isTrained(op.weights)) learn(op.weights, op.input, dy, state);
  passBack(op.weights, dy, op.dx, state);
}

/** The gradients of a matrix: dy and x of this row. */
function learn(matrix: NetworkTensor, input: TrainSlot, dy: number, state: ThreadState): void {
  turn(input, state);
  learnTurned(matrix, dy, state);
}

/** The same where the inputs are turned already. */
function learnTurned(matrix: NetworkTensor, dy: number, state: ThreadState): void {
  const { rows, columns } = matrix;
  state.kernels.linearWeights(
    state.gradient(matrix),
    dy,
    state.stage.turned,
    state.layout.context,
    rows,
    columns,
    ...state.part(rows, BLOCK_ROWS),
    state.joins,
    state.scratch,
  );
}

/** The gradients of the inputs of a matrix. */
function passBack(matrix: NetworkTensor, dy: number, dx: GradientUse, state: ThreadState): void {
  passBackTo(state.flow(dx.name), matrix, { dy, adds: dx.adds }, state);
}

function passBackTo(
  target: number,
  matrix: NetworkTensor,
  { dy, adds }: { dy: number; adds: boolean },
  state: ThreadState,
): void {
  const { rows, columns } = matrix;
  state.kernels.linearInputs(
    target,
    state.weight(matrix),
    dy,
    state.panels,
    rows,
    columns,
    ...state.part(columns, BLOCK_ROWS),
    adds ? 1 : 0,
  );
}

/** B from dy and low, then A from what flows back through B. */
function adapt(op: TrainOpOf<'adapt'>, state: ThreadState): void {
  const { a, b, scale } = op.adapter;
  const dy = state.flow(op.dy);
  const { name } = op.low;
  learn(b, op.low, dy, state);
  passBack(b, dy, { name, adds: false }, state);
  state.meetTiles();
  const [start, end] = state.part(state.panels * a.rows);
  const dLow = state.flow(name);
  state.kernels.scaleBy(dLow + start * 64, (end - start) * 16, scale);
  state.meetTiles();
  if (state.drops(op.adapter)) return adaptDropped(op, dLow, state);
  learn(a, op.input, dLow, state);
  passBack(a, dLow, op.dx, state);
}

/** A from what was not dropped, and the gradient of that alone. */
function adaptDropped(op: TrainOpOf<'adapt'>, dLow: number, state: ThreadState): void {
  const { a } = op.adapter;
  const { dropped, turned } = state.stage;
  const { kernels, panels } = state;
  dropPart({ target: dropped, source: state.slot(op.input), panels }, op.adapter, state);
  state.meetTiles();
  const [b0, b1] = state.part(Math.ceil(a.columns / 16));
  kernels.transposePanels(turned, dropped, panels, a.columns, b0, b1);
  state.turnedSlot = -1;
  state.meetTiles();
  learnTurned(a, dLow, state);
  // All have turned the inputs: their place is free for the gradient.
  passBackTo(dropped, a, { dy: dLow, adds: false }, state);
  state.meetTiles();
  addDropped(op, state);
}

/** The gradient of what was not dropped, into that of the inputs; this tile's part. */
function addDropped({ adapter, dx }: TrainOpOf<'adapt'>, state: ThreadState): void {
  const { panels } = state;
  const { dropped } = state.stage;
  const target = state.flow(dx.name);
  if (!dx.adds) return dropPart({ target, source: dropped, panels }, adapter, state);
  dropPart({ target: dropped, source: dropped, panels }, adapter, state);
  const [start, end] = state.part(state.panels * adapter.a.columns);
  const at = start * 64;
  state.kernels.addRows(target + at, target + at, dropped + at, (end - start) * 16);
}

/** Brings a value into the form that the gradients of weights read, unless it is there. */
function turn(slot: TrainSlot, state: ThreadState): void {
  if (state.turnedSlot === slot.index) return;
  const { width } = slot;
  const [b0, b1] = state.part(Math.ceil(width / 16));
  state.kernels.transposePanels(state.stage.turned, state.slot(slot), state.panels, width, b0, b1);
  state.turnedSlot = slot.index;
  state.meetTiles();
}

/** Gradients of the sinks of all heads, which a tile has a part of. */
function sinks(op: TrainOpOf<'attend'>, index: number, state: ThreadState): void {
  if (op.sinks === undefined || !state.isTrained(op.sinks)) return;
  const { headWidth } = state.program.spec;
  const headCount = op.q.width / headWidth;
  state.kernels.sinksBack(
    state.gradient(op.sinks),
    state.weight(op.sinks),
    state.extra(index),
    state.slot(op.output),
    state.flow(op.dy),
    state.panels,
    headCount,
    headWidth,
    ...state.part(headCount),
    state.joins,
  );
}

function attend(op: TrainOpOf<'attend'>, index: number, state: ThreadState): void {
  sinks(op, index, state);
  const { headWidth } = state.program.spec;
  const kvHeadCount = op.k.width / headWidth;
  const [g0, g1] = state.part(kvHeadCount);
  state.kernels.attendBackward(
    state.flow(op.q.name),
    state.flow(op.k.name),
    state.flow(op.v.name),
    state.slot(op.q),
    state.slot(op.k),
    state.slot(op.v),
    state.slot(op.output),
    state.flow(op.dy),
    state.extra(index),
    state.firsts(op.layer),
    state.panels,
    op.q.width / headWidth,
    kvHeadCount,
    headWidth,
    1 / Math.sqrt(headWidth),
    g0,
    g1,
    state.scratch,
  );
}

/** The rows whose gradient this tile has computed. */
function swiglu({ route, gate, up, dy, output }: TrainOpOf<'swiglu'>, state: ThreadState): void {
  const { width } = output;
  const [n0, n1] = state.part(width, BLOCK_ROWS);
  const { activation } = state.program.spec;
  for (let panel = 0; panel < state.panelsOf(route); panel++) {
    const at = (panel * width + n0) * 64;
    const places = [
      state.flow(gate.name) + at,
      state.flow(up.name) + at,
      state.slot(gate) + at,
      state.slot(up) + at,
      state.flow(dy) + at,
      (n1 - n0) * 16,
    ] as const;
    if (activation.kind === 'silu') state.kernels.swigluBackward(...places);
    else state.kernels.clampedBackward(...places, activation.alpha, activation.limit);
  }
}
