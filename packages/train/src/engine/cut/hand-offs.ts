/**
 * What goes from stage to stage over a cut: the values that the stage after reads, and back their
 * gradient, a message per row; one channel per frame, so that windows are where frames are.
 */
import { assert } from '@wafer/core';
import type { TrainOp, TrainProgram } from '../../network/program.ts';
import type { TrainSlot } from '../../network/slots.ts';
import type { TrainLayout } from '../layout.ts';
import { stageOfLayer } from '../stage-tensors.ts';
import type { LayerStages } from '../stage-tensors.ts';
import type { ChipMap } from './owners.ts';
import type { CrossingDraft } from './crossing-draft.ts';

/** The messages of all rows. */
export function handOffsOf(
  program: TrainProgram,
  layout: TrainLayout,
  map: ChipMap,
): CrossingDraft[] {
  const { layerStages } = layout;
  const { replicas, stages, tiles } = layout.shape;
  const drafts: CrossingDraft[] = [];
  for (let replica = 0; replica < replicas; replica++) {
    for (let stage = 0; stage + 1 < stages; stage++) {
      if (map.chipOf(replica, stage) === map.chipOf(replica, stage + 1)) continue;
      const before = (replica * stages + stage) * tiles;
      const after = before + tiles;
      const slot = slotBetween(program, { stage, layerStages });
      layout.frames[replica]!.forEach(({ slots, flow }, frame) => {
        const bytes = layout.panels * slot.width * 64;
        const values = slots[slot.index]!;
        assert(values >= 0, 'what goes to the next stage is kept', { slot: slot.index });
        const use = { replica, stage, frame };
        drafts.push({
          ...{ source: before, target: after, use: { way: 'values', ...use } },
          range: { start: values, end: values + bytes },
        });
        drafts.push({
          ...{ source: after, target: before, use: { way: 'gradients', ...use } },
          range: { start: flow, end: flow + bytes },
        });
      });
    }
  }
  return drafts;
}

/** The one slot that a stage writes and a later one reads. */
function slotBetween(
  { ops }: TrainProgram,
  { stage, layerStages }: { stage: number; layerStages: LayerStages },
): TrainSlot {
  const stageOf = ({ layer }: { layer: number }): number => stageOfLayer(layerStages, layer);
  const crossing = ops
    .filter((op) => stageOf(op) > stage)
    .flatMap(readsOf)
    .filter((slot) => stageOf(slot) === stage);
  const [slot, ...others] = new Set(crossing);
  assert(slot !== undefined && others.length === 0, 'stages hand one value on', { stage });
  return slot;
}

function readsOf(op: TrainOp): TrainSlot[] {
  switch (op.op) {
    case 'embed':
      return [];
    case 'norm':
    case 'linear':
    case 'adapt':
    case 'gather':
    case 'experts':
    case 'adaptExperts':
    case 'loss':
      return [op.input];
    case 'route':
      return [op.logits];
    case 'combine':
      return op.shared ? [op.input, op.weights, op.shared] : [op.input, op.weights];
    case 'rope':
      return [op.target];
    case 'attend':
      return [op.q, op.k, op.v];
    case 'swiglu':
      return [op.gate, op.up];
    case 'add':
      return [op.target, op.input];
  }
}
