/**
 * Adapters of experts, both ways: what `adapt` does to the rows of tokens, to those of each expert.
 */
import type { TrainOpOf } from '../network/program.ts';
import { dropPart } from './drop.ts';
import {
  expertGradients,
  expertInputs,
  expertOutputs,
  turnRows,
  turnSlots,
} from './expert-matrices.ts';
import type { ThreadState } from './thread-state.ts';

type AdaptExperts = TrainOpOf<'adaptExperts'>;

/** low = scale · (A drop(x)); output += B low. */
export function adaptExperts(op: AdaptExperts, state: ThreadState): void {
  const { route, adapters } = op;
  const [low, high] = [state.slot(op.low), state.slot(op.high)];
  let x = state.slot(op.input);
  if (dropsOf(op, state)) {
    dropSlots(op, { target: state.stage.dropped, source: x }, state);
    state.meetTiles();
    x = state.stage.dropped;
  }
  expertOutputs(
    adapters.map(({ a }) => a),
    { route, x, y: low },
    state,
  );
  state.meetTiles();
  scaleLow(op, low, state);
  state.meetTiles();
  expertOutputs(
    adapters.map(({ b }) => b),
    { route, x: low, y: high },
    state,
  );
  state.meetTiles();
  const [start, end] = state.part(state.panelsOf(route) * op.output.width);
  const y = state.slot(op.output) + start * 64;
  state.kernels.addRows(y, y, high + start * 64, (end - start) * 16);
}

/** B from dy and low, then A from what flows back through B. */
export function adaptExpertsBack(op: AdaptExperts, state: ThreadState): void {
  const { route, adapters, dx } = op;
  const [as, bs] = [adapters.map(({ a }) => a), adapters.map(({ b }) => b)];
  const [dy, dLow] = [state.flow(op.dy), state.flow(op.low.name)];
  turnSlots(op.low, route, state);
  expertGradients(bs, { route, dy }, state);
  expertInputs(bs, { route, dx: dLow, dy, adds: false }, state);
  state.meetTiles();
  scaleLow(op, dLow, state);
  state.meetTiles();
  if (dropsOf(op, state)) return droppedBack(op, dLow, state);
  turnSlots(op.input, route, state);
  expertGradients(as, { route, dy: dLow }, state);
  expertInputs(as, { route, dx: state.flow(dx.name), dy: dLow, adds: dx.adds }, state);
}

/** A from what was not dropped, and the gradient of that alone. */
function droppedBack(op: AdaptExperts, dLow: number, state: ThreadState): void {
  const { route, input, dx } = op;
  const as = op.adapters.map(({ a }) => a);
  const { dropped } = state.stage;
  dropSlots(op, { target: dropped, source: state.slot(input) }, state);
  state.meetTiles();
  turnRows(dropped, { route, width: input.width }, state);
  state.turnedSlot = -1;
  expertGradients(as, { route, dy: dLow }, state);
  // All have turned the inputs: their place is free for the gradient.
  expertInputs(as, { route, dx: dropped, dy: dLow, adds: false }, state);
  state.meetTiles();
  const target = state.flow(dx.name);
  if (!dx.adds) return dropSlots(op, { target, source: dropped }, state);
  dropSlots(op, { target: dropped, source: dropped }, state);
  state.meetTiles();
  const [start, end] = state.part(state.panelsOf(route) * input.width);
  const at = start * 64;
  state.kernels.addRows(target + at, target + at, dropped + at, (end - start) * 16);
}

/** Whether this walk drops inputs: of all experts or of none. */
function dropsOf({ adapters: [first] }: AdaptExperts, state: ThreadState): boolean {
  return first !== undefined && state.drops(first);
}

/** This tile's part of A x or its gradient, times the factor of the adapters. */
function scaleLow({ route, low, adapters }: AdaptExperts, at: number, state: ThreadState): void {
  const [start, end] = state.part(state.panelsOf(route) * low.width);
  state.kernels.scaleBy(at + start * 64, (end - start) * 16, adapters[0]!.scale);
}

/** Rows of each expert with what this step drops of them left out; places count in its own rows. */
function dropSlots(
  { route, adapters }: AdaptExperts,
  { target, source }: { target: number; source: number },
  state: ThreadState,
): void {
  adapters.forEach((adapter, expert) => {
    const at = state.firstPanel(route, expert) * adapter.a.columns * 64;
    const panels = state.expertPanels(route, expert);
    dropPart({ target: target + at, source: source + at, panels }, adapter, state);
  });
}
