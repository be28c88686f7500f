/**
 * The ops of a layer of experts, both ways: each tile computes its share of every expert's outputs,
 * as of a dense layer's; an expert is one call per matrix over the panels of its rows.
 */
import { expertsOf } from '@wafer/core';
import type { RouterSpec } from '@wafer/core';
import type { TrainOpOf } from '../network/program.ts';
import type { TrainSlot } from '../network/slots.ts';
import { NUMBERS } from './control.ts';
import type { ThreadState } from './thread-state.ts';

type ExpertOp = TrainOpOf<'route' | 'gather' | 'experts' | 'combine'>;

const BLOCK_ROWS = 6;
const WEIGHTINGS: readonly RouterSpec['weights'][] = ['scores', 'normalized', 'softmax'];

/** Runs one op; `index` is its place in the program. */
export function expertForward(op: ExpertOp, index: number, state: ThreadState): void {
  switch (op.op) {
    case 'route':
      return route(op, index, state);
    case 'gather':
      return gather(op, state);
    case 'experts':
      return matrices(op, state);
    case 'combine':
      return combine(op, state);
  }
}

/** Runs one op backward. */
export function expertBackward(op: ExpertOp, index: number, state: ThreadState): void {
  switch (op.op) {
    case 'route':
      return routeBack(op, index, state);
    case 'gather':
      return gatherBack(op, state);
    case 'experts':
      return matricesBack(op, state);
    case 'combine':
      return combineBack(op, state);
  }
}

// ---- forward

function route(op: TrainOpOf<'route'>, index: number, state: ThreadState): void {
  const { kernels, layout, panels, place } = state;
  const { expertCount, chosenCount, router } = expertsOf(state.program.spec);
  const { context, routing } = layout;
  const probabilities = state.slot(op.probabilities);
  const own = state.extra(index);
  kernels.routeForward(
    probabilities,
    state.slot(op.weights),
    own + routing.chosen,
    state.slot(op.logits),
    context,
    expertCount,
    chosenCount,
    WEIGHTINGS.indexOf(router.weights),
    ...state.part(panels),
    op.scores === undefined ? 0 : state.slot(op.scores),
    state.weight(op.selectionBias),
    router.scale,
    router.groups?.count ?? 1,
    router.groups?.keptCount ?? 1,
  );
  state.meetTiles();
  if (place.tile !== 0) return;
  const counts = own + routing.counts;
  kernels.sortSlots(
    own + routing.starts,
    counts,
    own + routing.slots,
    own + routing.places,
    own + routing.chosen,
    context,
    expertCount,
    chosenCount,
  );
  state.tellLoad(op.layer, kernels.loadOf(probabilities, counts, context, expertCount));
}

function gather({ route: from, input, output }: TrainOpOf<'gather'>, state: ThreadState): void {
  const { chosenCount } = expertsOf(state.program.spec);
  const slots = state.extra(from) + state.layout.routing.slots;
  const [q0, q1] = state.part(state.panelsOf(from));
  const [y, x] = [state.slot(output), state.slot(input)];
  state.kernels.gatherSlots(y, x, slots, chosenCount, input.width, q0, q1);
}

function matrices(op: TrainOpOf<'experts'>, state: ThreadState): void {
  const { kernels } = state;
  const [x, y] = [state.slot(op.input), state.slot(op.output)];
  op.matrices.forEach(({ weights, bias }, expert) => {
    const panels = state.expertPanels(op.route, expert);
    if (panels === 0) return;
    const { rows, columns } = weights;
    const start = state.firstPanel(op.route, expert) * 64;
    const [n0, n1] = state.part(rows, BLOCK_ROWS);
    const [own, input] = [y + start * rows, x + start * columns];
    kernels.linearForward(own, state.weight(weights), input, panels, rows, columns, n0, n1);
    if (bias) kernels.biasForward(own, state.weight(bias), panels, rows, n0, n1);
  });
}

function combine(op: TrainOpOf<'combine'>, state: ThreadState): void {
  const { chosenCount } = expertsOf(state.program.spec);
  state.kernels.combineSlots(
    state.slot(op.output),
    state.slot(op.input),
    state.slot(op.weights),
    state.extra(op.route) + state.layout.routing.places,
    op.shared === undefined ? 0 : state.slot(op.shared),
    chosenCount,
    op.output.width,
    ...state.part(state.panels),
  );
}

// ---- backward

function routeBack(op: TrainOpOf<'route'>, index: number, state: ThreadState): void {
  const { expertCount, chosenCount, router } = expertsOf(state.program.spec);
  const { context, routing } = state.layout;
  const own = state.extra(index);
  state.kernels.routeBack(
    state.flow(op.dx.name),
    state.flow(op.dy),
    state.slot(op.probabilities),
    state.slot(op.weights),
    own + routing.chosen,
    own + routing.counts,
    context,
    expertCount,
    chosenCount,
    WEIGHTINGS.indexOf(router.weights),
    ...state.part(state.panels),
    state.numbers[NUMBERS.balance]!,
    op.scores === undefined ? 0 : state.slot(op.scores),
    router.scale,
  );
}

function gatherBack(op: TrainOpOf<'gather'>, state: ThreadState): void {
  const { chosenCount } = expertsOf(state.program.spec);
  state.kernels.gatherBack(
    state.flow(op.dx.name),
    state.flow(op.dy),
    state.extra(op.route) + state.layout.routing.places,
    state.layout.context,
    chosenCount,
    op.input.width,
    ...state.part(state.panels),
    op.dx.adds ? 1 : 0,
  );
}

function matricesBack(op: TrainOpOf<'experts'>, state: ThreadState): void {
  const { kernels, joins, stage } = state;
  const dy = state.flow(op.dy);
  const dx = state.flow(op.dx.name);
  const isTrained = op.matrices.some(({ weights }) => state.isTrained(weights));
  if (isTrained) turnSlots(op.input, op.route, state);
  const blocks = Math.ceil(op.input.width / 16);
  op.matrices.forEach(({ weights, bias }, expert) => {
    const { rows, columns } = weights;
    const panels = state.expertPanels(op.route, expert);
    const first = state.firstPanel(op.route, expert);
    const [n0, n1] = state.part(rows, BLOCK_ROWS);
    const flow = dy + first * rows * 64;
    if (bias && state.isTrained(bias)) {
      kernels.biasGradient(state.gradient(bias), flow, panels, rows, n0, n1, joins);
    }
    if (isTrained) {
      const turned = stage.turned + first * blocks * 1024;
      const tokens = state.expertTokens(op.route, expert);
      const dw = state.gradient(weights);
      const shape = [tokens, rows, columns, n0, n1] as const;
      kernels.linearWeights(dw, flow, turned, ...shape, joins, state.scratch);
    }
    if (panels === 0) return;
    const [k0, k1] = state.part(columns, BLOCK_ROWS);
    const own = dx + first * columns * 64;
    const w = state.weight(weights);
    kernels.linearInputs(own, w, flow, panels, rows, columns, k0, k1, op.dx.adds ? 1 : 0);
  });
}

/** Turns the rows of each expert, unless they lie there. */
function turnSlots(slot: TrainSlot, from: number, state: ThreadState): void {
  if (state.turnedSlot === slot.index) return;
  const { width } = slot;
  const blocks = Math.ceil(width / 16);
  const [b0, b1] = state.part(blocks);
  const { expertCount } = expertsOf(state.program.spec);
  for (let expert = 0; expert < expertCount; expert++) {
    const panels = state.expertPanels(from, expert);
    if (panels === 0) continue;
    const first = state.firstPanel(from, expert);
    const source = state.slot(slot) + first * width * 64;
    const target = state.stage.turned + first * blocks * 1024;
    state.kernels.transposePanels(target, source, panels, width, b0, b1);
  }
  state.turnedSlot = slot.index;
  state.meetTiles();
}

function combineBack(op: TrainOpOf<'combine'>, state: ThreadState): void {
  const { chosenCount } = expertsOf(state.program.spec);
  const [q0, q1] = state.part(state.panelsOf(op.route));
  state.kernels.combineBack(
    state.flow(op.input.name),
    state.flow(op.weights.name),
    state.flow(op.dy),
    state.slot(op.input),
    state.slot(op.weights),
    state.extra(op.route) + state.layout.routing.slots,
    chosenCount,
    op.output.width,
    q0,
    q1,
  );
}
