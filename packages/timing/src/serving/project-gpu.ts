/**
 * A model on GPUs of one NVLink domain, or of several nodes, as a projection.
 *
 * GPUs stand in `stages` one after the other, each cut by tensor parallelism over its GPUs; experts
 * lie on them by a placement (gpu-experts.ts). Matrix kernels, attention and all-reduces stand on
 * measured ones; what a layer launches beside them was measured on A100 with SGLang only and is
 * assumed elsewhere, between none and what the stacks of 2024 took. Weights in fewer bits: see
 * gpu-matrix-parts.ts. A node is eight GPUs, a GB200 domain 72.
 */
import type { GpuFacts } from '@wafer/core';
import { isRefusal, refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { attentionUs, hasAttention, rateOver, REFERENCE_GPU } from '../ops/gpu-attention.ts';
import { denseMatrices, evenLoad } from './decode-matrices.ts';
import { besideGpu } from './beside.ts';
import { expertsTold } from './experts-told.ts';
import { gpuExperts } from './gpu-experts.ts';
import { addMatrices, matrixParts, sumOfMatrices } from './gpu-matrix-parts.ts';
import type { MatrixParts } from './gpu-matrix-parts.ts';
import { nearestStack, stackNote } from './gpu-trust.ts';
import { HALF_BYTES, reduceParts, sendParts } from './gpu-links.ts';
import type { GpuGroup } from './gpu-links.ts';
import { decodeConstants } from './gpu-decode.ts';
import { attended, kvBytes, weightBytes, weightCounts } from './model-shape.ts';
import type { ModelShape } from './model-shape.ts';
import { prefillFlops } from './prefill-flops.ts';
import { causesOf, inType, precisionOf, sumOfCauses, uncheckedOf } from './projection.ts';
import type { BareTime, BesideTime, ProjectedWork, BareProjection, Swing } from './projection.ts';
import { gpuResidency, kvCopies } from './residency.ts';

export interface GpuAsked {
  readonly gpu: GpuFacts;
  readonly gpus: number;
  /** Stages of a pipeline that the GPUs stand in. Default: 1. */
  readonly stages?: number;
}

/** Of the peak, in prefill: what the A100 rows reach. */
const PREFILL_EFFICIENCY = 0.7;
/** A graph's worth of nothing, to launches and host of TensorRT-LLM in 2024 on H100. */
const UNFUSED_RANGE_US = [0, 60] as const;

interface Parts {
  matrices: MatrixParts;
  attentionUs: number;
  wireUs: number;
  linkUs: number;
  unfusedUs: number;
}

/** A model on GPUs. */
export function projectGpu(
  work: ProjectedWork,
  { gpu, gpus, stages = 1 }: GpuAsked,
): BareProjection {
  const shape = inType(work.shape, work.type);
  const held = { shape, contextTokens: work.contextTokens, batch: work.batch };
  const placement = work.experts?.placement;
  const residency = gpuResidency(held, gpu, gpus, { stages, ...(placement ? { placement } : {}) });
  const machine = `${gpu.name.toLowerCase()}x${gpus}${stages > 1 ? `p${stages}` : ''}`;
  const title = `${gpus} x ${gpu.title}${stages > 1 ? `, ${stages} stages` : ''}`;
  const base = { machine, title, precision: precisionOf(shape, work.type), residency };
  if (residency.mode === 'refused') return base;
  const time = timeOf({ ...work, shape }, { gpu, gpus, stages });
  if (!isRefusal(time)) return { ...base, time };
  return { ...base, residency: { ...residency, mode: 'refused', reason: time.refused } };
}

function timeOf(work: ProjectedWork, asked: Required<GpuAsked>): BareTime | Refusal {
  const { gpu, gpus, stages } = asked;
  if (gpus % stages !== 0 || stages > work.shape.layers) {
    return refuse(`${gpus} GPUs do not make ${stages} equal stages`);
  }
  const unfused = unfusedUs();
  // Sequences of a batch stand in the stages, as many in each.
  const staged = { ...work, batch: Math.ceil(work.batch / stages) };
  const parts = partsOf(staged, asked, 'sglang-custom', unfused);
  if (isRefusal(parts)) return parts;
  const nccl = partsOf(staged, asked, 'nccl', unfused);
  const causes = causesOf({
    'arithmetic and memory': parts.matrices.bytesUs,
    'memory below its peak': parts.matrices.shortUs,
    'launches of matrices': parts.matrices.startUs,
    'small kernels': parts.unfusedUs,
    attention: parts.attentionUs,
    wire: parts.wireUs,
    'software of the link': parts.linkUs,
  });
  const stepUs = sumOfCauses(causes);
  const beside = besideOf(work, asked, unfused);
  // The stage with the most layers sets the pace of all.
  const stageUs = (stepUs * Math.ceil(work.shape.layers / stages)) / work.shape.layers;
  const throughput = Math.min(work.batch / stepUs, staged.batch / stageUs) * 1e6;
  // A user of many shares what all get: the rest of his token's time is waiting.
  const tokenUs = (work.batch * 1e6) / throughput;
  causes['waiting for its turn'] = Math.max(0, tokenUs - stepUs);
  const swings = [
    launchSwing(work, tokenUs, unfused),
    ...attentionSwing(staged, asked, { parts, tokenUs }),
    ...kernelSwing(staged, asked, { parts, tokenUs, unfused }),
  ];
  const ttftMs = prefillMs(work, asked) + tokenUs / 1e3;
  const read = stepBytes(staged, parts.cut) / (stepUs / 1e6);
  return {
    causes,
    tokenUs,
    // Each figure moves causes of its own, so that all of them at once add up.
    lowUs: swings.reduce((us, { lowUs }) => us + Math.min(0, lowUs - tokenUs), tokenUs),
    highUs: swings.reduce((us, { highUs }) => us + Math.max(0, highUs - tokenUs), tokenUs),
    tokensPerS: 1e6 / tokenUs,
    throughputTokensPerS: throughput,
    ttftMs,
    requestMs: ttftMs + (work.promptTokens * tokenUs) / 1e3,
    ...perUnit(asked, throughput),
    memoryShare: read / (gpus * gpu.bandwidthBytesPerS.value),
    kernel: gpus > stages ? 'SGLang 0.5.14 in a graph' : 'none',
    ...(gpus > stages && !isRefusal(nccl)
      ? { otherReduce: { kernel: 'NCCL', tokenUs: sumOfParts(nccl) } }
      : {}),
    basis: {
      token: {
        cohort: stages > 1 ? 'GPU decode, pipeline and experts' : 'GPU decode, tensor parallel',
        machine: gpu.name,
        note: noteOf(asked),
      },
      prefill: { cohort: 'GPU prefill', machine: gpu.name },
    },
    unchecked: uncheckedOf(work),
    swings,
    ...(beside ? { beside } : {}),
    ...expertsTold(work, { groups: parts.groups, tokens: staged.batch }),
  };
}

/** Steps that fill a prompt beside decode: products of many rows reach a share of the peak. */
function besideOf(
  work: ProjectedWork,
  asked: Required<GpuAsked>,
  unfused: number,
): BesideTime | undefined {
  const { gpu, gpus, stages } = asked;
  const reached = Object.fromEntries(
    Object.entries(gpu.opsPerS).map(([type, ops]) => [
      type,
      { ...ops, value: ops.value * PREFILL_EFFICIENCY },
    ]),
  );
  const slower = { ...asked, gpu: { ...gpu, opsPerS: reached } };
  const partsAt = (rows: number): Parts | Refusal =>
    partsOf({ ...work, batch: rows }, slower, 'sglang-custom', unfused);
  const peak = (gpu.opsPerS[work.type] ?? gpu.opsPerS.bf16)!.value;
  return besideGpu(work, partsAt, (gpus / stages) * peak * PREFILL_EFFICIENCY);
}

function launchSwing({ shape }: ProjectedWork, tokenUs: number, unfused: number): Swing {
  const [least, most] = UNFUSED_RANGE_US;
  return {
    figure: 'small kernels of a layer: norms, rotation, activation, sums',
    range: `${least} to ${most} us, taken ${unfused.toFixed(0)} us: SGLang on A100, not this GPU`,
    lowUs: tokenUs - shape.layers * (unfused - least),
    highUs: tokenUs + shape.layers * (most - unfused),
  };
}

/** Tokens by power and silicon: whole systems, the chips beside them. */
function perUnit(
  { gpu, gpus }: GpuAsked,
  tokensPerS: number,
): Pick<
  BareTime,
  'powerOf' | 'joulesPerToken' | 'chipJoulesPerToken' | 'tokensPerSPerKw' | 'tokensPerSPerMm2'
> {
  const watts = gpus * gpu.systemWatts.value;
  return {
    powerOf: 'systems',
    joulesPerToken: watts / tokensPerS,
    chipJoulesPerToken: (gpus * gpu.watts.value) / tokensPerS,
    tokensPerSPerKw: (1e3 * tokensPerS) / watts,
    ...(gpu.dieMm2 ? { tokensPerSPerMm2: tokensPerS / (gpus * gpu.dieMm2.value) } : {}),
  };
}

/** Attention of a GPU without rows: all of another's, or all of it at its own memory's rate. */
function attentionSwing(
  work: ProjectedWork,
  { gpu }: GpuAsked,
  { parts, tokenUs }: { parts: Parts & { cut: number }; tokenUs: number },
): Swing[] {
  if (hasAttention(gpu.name)) return [];
  const wholeUs = attentionOf(work, REFERENCE_GPU, parts.cut);
  if (isRefusal(wholeUs)) return [];
  return [
    {
      figure: `attention, not published on ${gpu.name}`,
      range:
        `${REFERENCE_GPU}'s at the rate of its own memory to ${REFERENCE_GPU}'s own, taken ` +
        `that launch and its own rate beyond it`,
      lowUs: tokenUs - parts.attentionUs + wholeUs * rateOver(gpu),
      highUs: tokenUs - parts.attentionUs + wholeUs,
    },
  ];
}

/** Kernels of weights in fewer bits: as published for one kind, block scaled. */
function kernelSwing(
  work: ProjectedWork,
  asked: Required<GpuAsked>,
  { parts, tokenUs, unfused }: { parts: Parts; tokenUs: number; unfused: number },
): Swing[] {
  if (!asked.gpu.opsPerS.fp8) return [];
  const scaled = partsOf({ ...work, isBlockScaled: true }, asked, 'sglang-custom', unfused);
  if (isRefusal(scaled) || sumOfParts(scaled) <= sumOfParts(parts)) return [];
  return [
    {
      figure: 'kernels of weights in fewer bits',
      range: "launch and rate of bf16's (taken where less) to fp8 scaled by blocks, as measured",
      lowUs: tokenUs,
      highUs: tokenUs + sumOfParts(scaled) - sumOfParts(parts),
    },
  ];
}

/** Bytes of a step: weights that any of its tokens meets, and all keys and values, copies too. */
function stepBytes({ shape, batch, contextTokens }: ProjectedWork, cut: number): number {
  const { experts } = shape;
  const more = experts
    ? (evenLoad(experts, batch).hits / experts.chosen - 1) *
      ((weightCounts(shape, 'met').experts * shape.bits.experts) / 8)
    : 0;
  const kv = kvBytes(shape, contextTokens) * kvCopies(shape, cut) * batch;
  return weightBytes(shape, 'met') + more + kv;
}

/** Where no stack was measured that has these kernels, and what the nearest one took. */
function noteOf({ gpu, gpus, stages }: Required<GpuAsked>): string {
  const nearest = nearestStack(gpu.name, gpus / stages);
  if (!nearest) return stackNote(gpu.name, undefined, undefined);
  const { shape, tensorParallel, contextTokens } = nearest.use;
  const work = { shape, type: 'bf16', contextTokens, promptTokens: 1, batch: 1 } as const;
  const parts = partsOf(
    work,
    { gpu, gpus: tensorParallel, stages: 1 },
    'sglang-custom',
    unfusedUs(),
  );
  return stackNote(gpu.name, nearest, isRefusal(parts) ? undefined : sumOfParts(parts) / 1e3);
}

function sumOfParts({ matrices, attentionUs: attention, ...rest }: Parts): number {
  return sumOfMatrices(matrices) + attention + rest.wireUs + rest.linkUs + rest.unfusedUs;
}

/** What SGLang launches beside its matrices on A100, a layer. */
function unfusedUs(): number {
  return decodeConstants().get('A100 SGLang')?.[1] ?? Number.NaN;
}

function partsOf(
  work: ProjectedWork,
  { gpu, gpus, stages }: Required<GpuAsked>,
  kernel: string,
  unfused: number,
): (Parts & { groups: number; cut: number }) | Refusal {
  const { shape, batch } = work;
  const { layers, hidden } = shape;
  const group: GpuGroup = { gpu, gpus: gpus / stages };
  const experts = gpuExperts(work, group, kernel);
  if (isRefusal(experts)) return experts;
  const cut = experts.attentionGpus;
  const refused = refusedHeads(shape, cut);
  if (refused) return refused;
  const matrices = matrixParts(work, gpu, denseMatrices(shape, { cut, batch }));
  if (isRefusal(matrices)) return matrices;
  const attention = attentionOf(work, gpu.name, cut);
  if (isRefusal(attention)) return attention;
  const bytes = batch * hidden * HALF_BYTES;
  const reduce = reduceParts({ gpu, gpus: cut }, kernel, bytes);
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
function attentionOf(
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

/** Whole heads on each of `cut` GPUs: key heads as shares or as copies. */
function refusedHeads({ heads, kvHeads }: ModelShape, cut: number): Refusal | undefined {
  const isWhole = heads % cut === 0 && (kvHeads % cut === 0 || cut % kvHeads === 0);
  if (isWhole) return undefined;
  return refuse(`${heads} query and ${kvHeads} key heads do not split over ${cut} GPUs`);
}

/** Milliseconds of a prompt: operations at a share of the peak, and NCCL's all-reduces. */
function prefillMs(
  { shape, promptTokens, type }: ProjectedWork,
  { gpu, gpus, stages }: Required<GpuAsked>,
): number {
  const peak = (gpu.opsPerS[type] ?? gpu.opsPerS.bf16)!.value;
  // One prompt crosses stages in turn, so that one stage works at a time.
  const group = { gpu, gpus: gpus / stages };
  const seconds = prefillFlops(shape, promptTokens) / (group.gpus * peak * PREFILL_EFFICIENCY);
  const reduce = reduceParts(group, 'nccl', promptTokens * shape.hidden * HALF_BYTES);
  const reduceUs = isRefusal(reduce) ? 0 : reduce.wireUs + reduce.softwareUs;
  return seconds * 1e3 + (2 * shape.layers * reduceUs) / 1e3;
}
