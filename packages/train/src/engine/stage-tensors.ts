/**
 * Which stage computes what: ops by layer, and with them the gradients of their tensors.
 *
 *     embedding | layer 0 | layer 1 | … | head
 *     └──────── stage 0 ───────┘ └─ stage 1 ─┘     runs of layers, the slowest as fast as can be
 *
 * A pipeline goes as fast as its slowest stage, and a head over a large vocabulary is worth many
 * layers: it may be a stage of its own. Where stages begin changes no sum.
 */
import { assert, expertsOf, layerOf } from '@wafer/core';
import type { ModelSpec, NetworkTensor } from '@wafer/core';
import type { TrainOp, TrainProgram } from '../network/program.ts';

/** The stage of each layer: that of the embedding first, of the head last. */
export type LayerStages = readonly number[];

/** Which stage runs the ops of a layer; -1: the embedding; the count of layers: the head. */
export function stageOfLayer(layerStages: LayerStages, layer: number): number {
  const stage = layerStages[layer + 1];
  assert(stage !== undefined, 'a layer has a stage', { layer });
  return stage;
}

/** Cuts a program into stages whose multiply-adds for rows of T tokens are as even as can be. */
export function cutIntoStages(program: TrainProgram, context: number, stages: number): LayerStages {
  const { layerCount } = program.spec;
  const costs = Array.from({ length: layerCount + 1 }, () => 0);
  for (const op of program.ops) {
    if (op.layer >= 0) costs[op.layer]! += multiplyAdds(op, program.spec, context);
  }
  return [0, ...evenRuns(costs, stages)];
}

/** Of a token. */
function multiplyAdds(op: TrainOp, spec: ModelSpec, context: number): number {
  switch (op.op) {
    case 'linear':
    case 'loss':
      return op.weights.rows * op.weights.columns;
    case 'experts':
      return slotsOfToken(spec, context) * op.output.width * op.input.width;
    case 'adaptExperts':
      return slotsOfToken(spec, context) * op.low.width * (op.input.width + op.output.width);
    case 'adapt':
      return op.low.width * (op.adapter.a.columns + op.adapter.b.rows);
    case 'attend':
      // For scores and for values.
      return op.q.width * keysOf(op.layer, spec, context);
    default:
      return 0;
  }
}

/** Rows of experts that a token takes, with half a panel more of each expert that may be chosen. */
function slotsOfToken(spec: ModelSpec, context: number): number {
  const { chosenCount, expertCount } = expertsOf(spec);
  const slots = context * chosenCount;
  return (slots + 7.5 * Math.min(expertCount, slots)) / context;
}

/** Twice the keys that a token sees on average. */
function keysOf(layer: number, spec: ModelSpec, context: number): number {
  const { sees } = layerOf(spec, layer);
  if (sees === 'all') return context;
  return Math.min(context, (sees === 'window' ? 2 : 1) * spec.attention.windowTokens);
}

/**
 * Which of `count` runs each item is in: none empty, and the dearest as cheap as can be. Of equal
 * cuts the one whose last runs are longest, as early stages keep more rows under way.
 */
export function evenRuns(costs: readonly number[], count: number): number[] {
  assert(count >= 1 && count <= costs.length, 'each run has an item', { count });
  // best[i]: the dearest of the runs that items from i on are cut into, and where the next begins.
  let best = costs.map((_, i) => ({
    dearest: sumFrom(costs, i, costs.length),
    next: costs.length,
  }));
  const cuts = [best];
  for (let runs = 2; runs <= count; runs++) {
    const after = best;
    best = costs.map((_, i) => bestCut(costs, i, after));
    cuts.unshift(best);
  }
  const runOf: number[] = [];
  let start = 0;
  cuts.forEach((cut, run) => {
    const { next } = cut[start]!;
    while (runOf.length < next) runOf.push(run);
    start = next;
  });
  return runOf;
}

interface Cut {
  dearest: number;
  next: number;
}

/** The best first run from `start` on, given the cuts of what is left. */
function bestCut(costs: readonly number[], start: number, after: readonly Cut[]): Cut {
  let found: Cut = { dearest: Infinity, next: costs.length };
  let first = 0;
  for (let next = start + 1; next < costs.length; next++) {
    first += costs[next - 1]!;
    const dearest = Math.max(first, after[next]!.dearest);
    if (dearest < found.dearest) found = { dearest, next };
  }
  return found;
}

function sumFrom(costs: readonly number[], start: number, end: number): number {
  return costs.slice(start, end).reduce((sum, cost) => sum + cost, 0);
}

/** Where the gradients of each tensor are made, of those that rows give. */
export function stageOfTensors(
  program: TrainProgram,
  layerStages: LayerStages,
): Map<string, number> {
  const places = new Map<string, number>();
  for (const op of program.ops) {
    // Gradients of embedded rows are added at the end of a step.
    if (op.op === 'embed') continue;
    const stage = stageOfLayer(layerStages, op.layer);
    for (const { name } of weightsOf(op)) places.set(name, stage);
  }
  return places;
}

/** What an op has learned, or is given. */
export function weightsOf(op: TrainOp): NetworkTensor[] {
  switch (op.op) {
    case 'embed':
      return [op.table];
    case 'norm':
      return op.gain ? [op.gain] : [];
    case 'linear':
      return op.bias ? [op.weights, op.bias] : [op.weights];
    case 'experts':
      return op.matrices.flatMap(({ weights, bias }) => (bias ? [weights, bias] : [weights]));
    case 'attend':
      return op.sinks ? [op.sinks] : [];
    case 'route':
      return op.selectionBias ? [op.selectionBias] : [];
    case 'adapt':
      return [op.adapter.a, op.adapter.b];
    case 'adaptExperts':
      return op.adapters.flatMap(({ a, b }) => [a, b]);
    case 'loss':
      return [op.weights];
    default:
      return [];
  }
}
