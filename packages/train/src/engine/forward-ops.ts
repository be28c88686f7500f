/**
 * The way forward of one op, by kernels; a tile computes its part of the outputs.
 */
import type { TrainOp, TrainOpOf } from '../network/program.ts';
import { NUMBERS } from './control.ts';
import { dropPart } from './drop.ts';
import { expertForward } from './expert-ops.ts';
import { BLOCK_ROWS } from './thread-state.ts';
import type { ThreadState } from './thread-state.ts';

/** Runs one op, without a meeting at its end; `index` is its place in the program. */
export function forwardOp(op: TrainOp, index: number, state: ThreadState): void {
  switch (op.op) {
    case 'embed':
      embed(op, state);
      break;
    case 'norm':
      norm(op, index, state);
      break;
    case 'linear':
      linear(op, state);
      break;
    case 'adapt':
      adapt(op, state);
      break;
    case 'rope':
      rotate(state.slot(op.target), op.target.width, { isBack: 0 }, state);
      break;
    case 'attend':
      attend(op, index, state);
      break;
    case 'swiglu':
      swiglu(op, state);
      break;
    case 'add':
      add(op, state);
      break;
    case 'route':
    case 'gather':
    case 'experts':
    case 'adaptExperts':
    case 'combine':
      expertForward(op, index, state);
      break;
    case 'loss':
      loss(op, state);
      break;
  }
}

function embed({ output, table }: TrainOpOf<'embed'>, state: ThreadState): void {
  const [p0, p1] = state.part(state.panels);
  const { columns } = table;
  const tokens = state.rowData(state.layout.data.tokens) + p0 * 64;
  const x = state.slot(output) + p0 * columns * 64;
  state.kernels.embedPanels(x, state.weight(table), tokens, p1 - p0, columns);
}

function norm(op: TrainOpOf<'norm'>, index: number, state: ThreadState): void {
  const pieces = op.input.width / op.width;
  const [p0, p1] = state.part(state.panels);
  const from = p0 * op.input.width * 64;
  state.kernels.normForward(
    state.slot(op.output) + from,
    state.slot(op.input) + from,
    state.weight(op.gain),
    state.extra(index) + p0 * pieces * 64,
    (p1 - p0) * pieces,
    op.width,
    state.program.spec.normEpsilon,
  );
}

function linear({ input, output, weights, bias }: TrainOpOf<'linear'>, state: ThreadState): void {
  const { rows, columns } = weights;
  const { panels, kernels } = state;
  const [n0, n1] = state.part(rows, BLOCK_ROWS);
  const y = state.slot(output);
  kernels.linearForward(y, state.weight(weights), state.slot(input), panels, rows, columns, n0, n1);
  if (bias) kernels.biasForward(y, state.weight(bias), panels, rows, n0, n1);
}

/** Rotates heads in place, values or gradients. */
export function rotate(
  x: number,
  width: number,
  { isBack }: { isBack: 0 | 1 },
  state: ThreadState,
): void {
  const { headWidth, rope } = state.program.spec;
  const heads = width / headWidth;
  const [h0, h1] = state.part(heads);
  state.kernels.rotatePanels(
    x,
    state.layout.angles,
    state.panels,
    heads,
    headWidth,
    rope.rotaryWidth / 2,
    rope.layout === 'pairs' ? 1 : 0,
    isBack,
    h0,
    h1,
  );
}

function attend(op: TrainOpOf<'attend'>, index: number, state: ThreadState): void {
  const { headWidth } = state.program.spec;
  const headCount = op.q.width / headWidth;
  const [h0, h1] = state.part(headCount);
  state.kernels.attendForward(
    state.slot(op.output),
    state.slot(op.q),
    state.slot(op.k),
    state.slot(op.v),
    state.extra(index),
    state.firsts(op.layer),
    state.weight(op.sinks),
    state.panels,
    headCount,
    op.k.width / headWidth,
    headWidth,
    1 / Math.sqrt(headWidth),
    h0,
    h1,
    state.scratch,
  );
}

/** The rows of outputs that this tile has computed of gate and up. */
function swiglu({ route, gate, up, output }: TrainOpOf<'swiglu'>, state: ThreadState): void {
  const { width } = output;
  const [n0, n1] = state.part(width, BLOCK_ROWS);
  const count = (n1 - n0) * 16;
  const { activation } = state.program.spec;
  for (let panel = 0; panel < state.panelsOf(route); panel++) {
    const at = (panel * width + n0) * 64;
    const [y, g, u] = [state.slot(output) + at, state.slot(gate) + at, state.slot(up) + at];
    if (activation.kind === 'silu') state.kernels.swigluForward(y, g, u, count);
    else state.kernels.clampedForward(y, g, u, count, activation.alpha, activation.limit);
  }
}

/** Whole panels, as the norm that follows. */
function add({ target, input, output }: TrainOpOf<'add'>, state: ThreadState): void {
  const [p0, p1] = state.part(state.panels);
  const at = p0 * output.width * 64;
  const count = (p1 - p0) * output.width * 16;
  const x = state.slot(target) + at;
  state.kernels.addRows(state.slot(output) + at, x, state.slot(input) + at, count);
}

/** low = scale · (A drop(x)); output += B low. */
function adapt(op: TrainOpOf<'adapt'>, state: ThreadState): void {
  const { kernels, panels } = state;
  const { a, b, scale } = op.adapter;
  const [low, high] = [state.slot(op.low), state.slot(op.high)];
  let x = state.slot(op.input);
  if (state.drops(op.adapter)) {
    dropPart({ target: state.stage.dropped, source: x, panels }, op.adapter, state);
    state.meetTiles();
    x = state.stage.dropped;
  }
  const ranks = state.part(a.rows, BLOCK_ROWS);
  kernels.linearForward(low, state.weight(a), x, panels, a.rows, a.columns, ...ranks);
  state.meetTiles();
  const [s0, s1] = state.part(panels * a.rows);
  kernels.scaleBy(low + s0 * 64, (s1 - s0) * 16, scale);
  state.meetTiles();
  const rows = state.part(b.rows, BLOCK_ROWS);
  kernels.linearForward(high, state.weight(b), low, panels, b.rows, b.columns, ...rows);
  state.meetTiles();
  const [start, end] = state.part(panels * b.rows);
  const y = state.slot(op.output) + start * 64;
  kernels.addRows(y, y, high + start * 64, (end - start) * 16);
}

/** Logits, and at once their gradient in place. */
function loss({ input, weights }: TrainOpOf<'loss'>, state: ThreadState): void {
  const { rows, columns } = weights;
  const { panels, kernels, layout } = state;
  const { logits } = state.stage;
  const [n0, n1] = state.part(rows, BLOCK_ROWS);
  const w = state.weight(weights);
  kernels.linearForward(logits, w, state.slot(input), panels, rows, columns, n0, n1);
  state.meetTiles();
  const { targets, shares, stats } = layout.data;
  kernels.crossEntropy(
    logits,
    state.rowData(targets),
    state.rowData(shares),
    state.rowData(stats, 4),
    rows,
    ...state.part(panels),
    2 * state.numbers[NUMBERS.zLoss]!,
  );
}
