/**
 * Parts of a decode step on GPUs: matrices, attention, exchanges, and what a layer launches beside.
 */
import type { GpuFacts } from '@wafer/core';
import { isRefusal, refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { attentionUs } from '../ops/gpu-attention.ts';
import { denseMatrices } from './decode-matrices.ts';
import { decodeConstants } from './gpu-decode.ts';
import { gpuExperts } from './gpu-experts.ts';
import { HALF_BYTES, reduceParts, sendParts } from './gpu-links.ts';
import type { GpuGroup, ReduceOf } from './gpu-links.ts';
import { addMatrices, matrixParts, sumOfMatrices } from './gpu-matrix-parts.ts';
import type { MatrixParts } from './gpu-matrix-parts.ts';
import { attended } from './model-shape.ts';
import type { ModelShape } from './model-shape.ts';
import type { ProjectedWork } from './projection.ts';
import { splitsHeads } from './residency.ts';

export interface GpuAsked {
  readonly gpu: GpuFacts;
  readonly gpus: number;
  /** Stages of a pipeline that the GPUs stand in. Default: 1. */
  readonly stages?: number;
}

/** Microseconds of a step by kind of work. */
export interface GpuParts {
  matrices: MatrixParts;
  attentionUs: number;
  wireUs: number;
  linkUs: number;
  unfusedUs: number;
}

/** Microseconds of all kinds. */
export function sumOfParts({ matrices, attentionUs: attention, ...rest }: GpuParts): number {
  return sumOfMatrices(matrices) + attention + rest.wireUs + rest.linkUs + rest.unfusedUs;
}

/** The one GPU whose rows, of SGLang, tell what a layer launches beside its matrices. */
export const UNFUSED_GPU = 'A100';

/** Microseconds of that, a layer. */
export function unfusedUs(): number {
  return decodeConstants().get(`${UNFUSED_GPU} SGLang`)?.[1] ?? Number.NaN;
}

/** Parts of a step on GPUs, and how attention and experts lie there. */
export function partsOf(
  work: ProjectedWork,
  { gpu, gpus, stages }: Required<GpuAsked>,
  of: ReduceOf,
  unfused: number,
): (GpuParts & { groups: number; cut: number }) | Refusal {
  const { shape, batch } = work;
  const { layers, hidden } = shape;
  const group: GpuGroup = { gpu, gpus: gpus / stages };
  const experts = gpuExperts(work, group, of);
  if (isRefusal(experts)) return experts;
  const cut = experts.attentionGpus;
  const refused = refusedHeads(shape, cut);
  if (refused) return refused;
  const matrices = matrixParts(work, gpu, denseMatrices(shape, { cut, batch }));
  if (isRefusal(matrices)) return matrices;
  const attention = attentionOf(work, gpu.name, cut);
  if (isRefusal(attention)) return attention;
  const bytes = batch * hidden * HALF_BYTES;
  const reduce = reduceParts({ gpu, gpus: cut }, of, bytes);
  if (isRefusal(reduce)) return reduce;
  const sends = stages > 1 ? sendParts(group, stages, bytes) : { wireUs: 0, softwareUs: 0 };
  if (isRefusal(sends)) return sends;
  // Of each layer two all-reduces, but those that a placement replaces.
  const reduces = 2 * layers - experts.replacedReduces;
  return {
    matrices: addMatrices(matrices, experts.matrices),
    attentionUs: attention,
    wireUs: reduces * reduce.wireUs + experts.wireUs + sends.wireUs,
    linkUs: reduces * reduce.softwareUs + experts.linkUs + sends.softwareUs,
    unfusedUs: layers * unfused,
    groups: experts.groups,
    cut,
  };
}

/** Attention of all layers in a step, cut over GPUs. */
export function attentionOf(
  { shape, batch, contextTokens }: ProjectedWork,
  gpu: string,
  cut: number,
): number | Refusal {
  let sum = 0;
  for (const { layers, tokens } of attended(shape, contextTokens)) {
    const us = attentionUs({
      gpu,
      queryHeads: (shape.heads / cut) * batch,
      kvHeads: Math.max(1, shape.kvHeads / cut) * batch,
      headWidth: shape.headWidth,
      contextTokens: tokens,
    });
    if (isRefusal(us)) return us;
    sum += layers * us;
  }
  return sum;
}

function refusedHeads(shape: ModelShape, cut: number): Refusal | undefined {
  if (splitsHeads(shape, cut)) return undefined;
  const { heads, kvHeads } = shape;
  let fewer = cut - 1;
  while (!splitsHeads(shape, fewer)) fewer -= 1;
  return refuse(
    `${heads} query and ${kvHeads} key heads do not split over ${cut} GPUs; over ${fewer} they do`,
  );
}
