/**
 * The ops of a layer of experts, both ways: each tile computes its share of every expert's outputs,
 * as of a dense layer's; an expert is one call per matrix over the panels of its rows.
 */
import { expertsOf } from '@wafer/core';
import type { NetworkTensor, RouterSpec } from '@wafer/core';
import type { TrainOpOf } from '../network/program.ts';
import { NUMBERS } from './control.ts';
import { adaptExperts, adaptExpertsBack } from './expert-adapters.ts';
import { expertGradients, expertInputs, expertOutputs, turnSlots } from './expert-matrices.ts';
import { BLOCK_ROWS } from './thread-state.ts';
import type { ThreadState } from './thread-state.ts';

type ExpertOp = TrainOpOf<'route' | 'gather' | 'experts' | 'adaptExperts' | 'combine'>;

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
    case 'adaptExperts':
      return adaptExperts(op, state);
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
    case 'adaptExperts':
      return adaptExpertsBack(op, state);
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
  const { route: from } = op;
  const [x, y] = [state.slot(op.input), state.slot(op.output)];
  expertOutputs(weightsOf(op), { route: from, x, y }, state);
  op.matrices.forEach(({ weights, bias }, expert) => {
    if (bias === undefined) return;
    const { rows } = weights;
    const own = y + state.firstPanel(from, expert) * rows * 64;
    const panels = state.expertPanels(from, expert);
    const part = state.part(rows, BLOCK_ROWS);
    state.kernels.biasForward(own, state.weight(bias), panels, rows, ...part);
  });
}

function weightsOf({ matrices: all }: TrainOpOf<'experts'>): NetworkTensor[] {
  return all.map(({ weights }) => weights);
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
  const { route: from } = op;
  const [dy, dx, weights] = [state.flow(op.dy), state.flow(op.dx.name), weightsOf(op)];
  biasesBack(op, dy, state);
  if (weights.some((matrix) => state.isTrained(matrix))) {
    turnSlots(op.input, from, state);
    expertGradients(weights, { route: from, dy }, state);
  }
  expertInputs(weights, { route: from, dx, dy, adds: op.dx.adds }, state);
}

function biasesBack(op: TrainOpOf<'experts'>, dy: number, state: ThreadState): void {
  op.matrices.forEach(({ weights, bias }, expert) => {
    if (bias === undefined || !state.isTrained(bias)) return;
    const { rows } = weights;
    const flow = dy + state.firstPanel(op.route, expert) * rows * 64;
    const panels = state.expertPanels(op.route, expert);
    const part = state.part(rows, BLOCK_ROWS);
    state.kernels.biasGradient(state.gradient(bias), flow, panels, rows, ...part, state.joins);
  });
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
