/**
 * Matrices of which each expert has one: a call per expert over the panels of its rows, of which a
 * tile computes its part of the outputs.
 *
 * `route` is the index of the op that chose. Addresses are those of all experts' rows.
 */
import { expertsOf } from '@wafer/core';
import type { NetworkTensor } from '@wafer/core';
import type { TrainSlot } from '../network/slots.ts';
import { BLOCK_ROWS } from './thread-state.ts';
import type { ThreadState } from './thread-state.ts';

/** y = W x. */
export function expertOutputs(
  matrices: readonly NetworkTensor[],
  { route, x, y }: { route: number; x: number; y: number },
  state: ThreadState,
): void {
  matrices.forEach((matrix, expert) => {
    const panels = state.expertPanels(route, expert);
    if (panels === 0) return;
    const { rows, columns } = matrix;
    const start = state.firstPanel(route, expert) * 64;
    const [own, input] = [y + start * rows, x + start * columns];
    const part = state.part(rows, BLOCK_ROWS);
    state.kernels.linearForward(own, state.weight(matrix), input, panels, rows, columns, ...part);
  });
}

/** Gradients of W, from inputs that were turned; 0 of an expert without rows. */
export function expertGradients(
  matrices: readonly NetworkTensor[],
  { route, dy }: { route: number; dy: number },
  state: ThreadState,
): void {
  const { kernels, stage, joins, scratch } = state;
  matrices.forEach((matrix, expert) => {
    const { rows, columns } = matrix;
    const first = state.firstPanel(route, expert);
    const turned = stage.turned + first * Math.ceil(columns / 16) * 1024;
    const flow = dy + first * rows * 64;
    const tokens = state.expertTokens(route, expert);
    const shape = [tokens, rows, columns, ...state.part(rows, BLOCK_ROWS)] as const;
    kernels.linearWeights(state.gradient(matrix), flow, turned, ...shape, joins, scratch);
  });
}

/** dx (+)= Wᵀ dy. */
export function expertInputs(
  matrices: readonly NetworkTensor[],
  { route, dx, dy, adds }: { route: number; dx: number; dy: number; adds: boolean },
  state: ThreadState,
): void {
  matrices.forEach((matrix, expert) => {
    const panels = state.expertPanels(route, expert);
    if (panels === 0) return;
    const { rows, columns } = matrix;
    const start = state.firstPanel(route, expert) * 64;
    const [own, flow] = [dx + start * columns, dy + start * rows];
    const [k0, k1] = state.part(columns, BLOCK_ROWS);
    const w = state.weight(matrix);
    state.kernels.linearInputs(own, w, flow, panels, rows, columns, k0, k1, adds ? 1 : 0);
  });
}

/** Brings a value of experts into the form that gradients of weights read, unless it is there. */
export function turnSlots(slot: TrainSlot, route: number, state: ThreadState): void {
  if (state.turnedSlot === slot.index) return;
  turnRows(state.slot(slot), { route, width: slot.width }, state);
  state.turnedSlot = slot.index;
}

/** The same of rows at an address; tiles meet at its end. */
export function turnRows(
  source: number,
  { route, width }: { route: number; width: number },
  state: ThreadState,
): void {
  const blocks = Math.ceil(width / 16);
  const part = state.part(blocks);
  const { expertCount } = expertsOf(state.program.spec);
  for (let expert = 0; expert < expertCount; expert++) {
    const panels = state.expertPanels(route, expert);
    if (panels === 0) continue;
    const first = state.firstPanel(route, expert);
    const [x, xt] = [source + first * width * 64, state.stage.turned + first * blocks * 1024];
    state.kernels.transposePanels(xt, x, panels, width, ...part);
  }
  state.meetTiles();
}
