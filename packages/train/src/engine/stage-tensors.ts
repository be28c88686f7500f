/**
 * Which stage computes what: ops by layer, and with them the gradients of their tensors.
 */
import type { TrainProgram } from '../network/program.ts';

/** Which stage runs an op: layers in even shares; the embedding first, the head last. */
export function stageOfLayer(layer: number, layerCount: number, stages: number): number {
  if (layer < 0) return 0;
  if (layer >= layerCount) return stages - 1;
  return Math.floor((layer * stages) / layerCount);
}

/** Where the gradients of each tensor are made, of those that rows give. */
export function stageOfTensors(program: TrainProgram, stages: number): Map<string, number> {
  const places = new Map<string, number>();
  for (const op of program.ops) {
    const stage = stageOfLayer(op.layer, program.spec.layerCount, stages);
    if (op.op === 'linear' || op.op === 'loss') places.set(op.weights.name, stage);
    if (op.op === 'linear' && op.bias) places.set(op.bias.name, stage);
    if (op.op === 'attend' && op.sinks) places.set(op.sinks.name, stage);
    if (op.op === 'norm' && op.gain) places.set(op.gain.name, stage);
    if (op.op === 'experts') {
      for (const { weights, bias } of op.matrices) {
        places.set(weights.name, stage);
        if (bias) places.set(bias.name, stage);
      }
    }
    if (op.op === 'adapt') places.set(op.adapter.a.name, stage).set(op.adapter.b.name, stage);
  }
  return places;
}
