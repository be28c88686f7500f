/**
 * Shapes of published models, and plans made from shapes alone.
 *
 * A plan needs sizes, not weights: nothing is loaded, and no SRAM budget is held against it.
 * Source: the published configurations of Llama 3 8B and 70B.
 */
import { EXPERT_PLAN, isVector, layoutPlan, PLAIN_NETWORK, tensorShapes } from '@wafer/core';
import type {
  ExpertPlan,
  Grid,
  ModelSpec,
  Plan,
  TensorInfo,
  TensorPlan,
  WeightType,
} from '@wafer/core';

function llama3(shape: { width: number; layers: number; heads: number; ffn: number }): ModelSpec {
  return {
    ...PLAIN_NETWORK,
    family: 'llama',
    vocabCount: 128_256,
    modelWidth: shape.width,
    layerCount: shape.layers,
    headCount: shape.heads,
    kvHeadCount: 8,
    headWidth: 128,
    ffnWidth: shape.ffn,
    contextMax: 8192,
    normEpsilon: 1e-5,
    rope: { theta: 500_000, scaling: { kind: 'none' }, layout: 'halves', rotaryWidth: 128 },
    biases: { qkv: false, attentionOutput: false, ffn: false },
    hasTiedEmbeddings: false,
  };
}

export const LLAMA_3_8B: ModelSpec = llama3({ width: 4096, layers: 32, heads: 32, ffn: 14_336 });
export const LLAMA_3_70B: ModelSpec = llama3({ width: 8192, layers: 80, heads: 64, ffn: 28_672 });

export const LLAMA_2_70B: ModelSpec = { ...LLAMA_3_70B, vocabCount: 32_000, contextMax: 4096 };

/** The tensors of a spec with one weight type for all matrices. */
export function shapeTensors(spec: ModelSpec, type: WeightType): Record<string, TensorInfo> {
  return Object.fromEntries(
    tensorShapes(spec).map((shape) => [
      shape.name,
      { ...shape, type: isVector(shape) ? 'f32' : type },
    ]),
  );
}

/** A plan for a spec on a grid. Throws: PLAN_GRID, PLAN_OPTION. */
export function planShape(
  spec: ModelSpec,
  options: {
    grid: Grid;
    type: WeightType;
    tensor: TensorPlan;
    experts?: ExpertPlan;
    stageCount?: number;
    tensors?: Readonly<Record<string, TensorInfo>>;
  },
): Plan {
  const { grid, type, tensor, stageCount = 1 } = options;
  return layoutPlan({
    spec,
    tensors: options.tensors ?? shapeTensors(spec, type),
    options: {
      grid,
      stageCount,
      tensor,
      experts: tensor === 'megatron' ? 'rows' : (options.experts ?? EXPERT_PLAN),
      activations: 'f32',
      kv: 'f32',
      rowsMax: 1,
      sequencesMax: 1,
      logitRowsMax: 1,
      contextMax: spec.contextMax,
      kvBlockCount: 1,
      releasesWindows: true,
      sramBytesMax: Number.MAX_SAFE_INTEGER,
    },
    scratch: { linearBytes: () => 0, lowRankBytes: () => 0, attentionBytes: () => 0 },
  });
}
