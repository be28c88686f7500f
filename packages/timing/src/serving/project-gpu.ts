/**
 * A model on GPUs of one NVLink domain, or of several nodes, as a projection.
 *
 * GPUs stand in `stages` one after the other, each cut by tensor parallelism over its GPUs; experts
 * lie on them by a placement (gpu-experts.ts). Matrix kernels, attention and all-reduces stand on
 * measured ones; what a layer launches beside them was measured on A100 with SGLang only and is
 * assumed elsewhere, between none and what the stacks of 2024 took. Weights in fp4 take the launch
 * and tail of fp8 and half its bytes: assumed. A node is eight GPUs, a GB200 domain 72.
 */
import type { GpuFacts } from '@wafer/core';
import { isRefusal, refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { attentionUs } from '../ops/gpu-attention.ts';
import { besideGpu } from './beside.ts';
import { denseMatrices } from './decode-matrices.ts';
import { expertsTold } from './experts-told.ts';
import { gpuExperts } from './gpu-experts.ts';
import { matrixParts } from './gpu-matrix-parts.ts';
import { HALF_BYTES, reduceParts, sendParts } from './gpu-links.ts';
import type { GpuGroup } from './gpu-links.ts';
import { decodeConstants } from './gpu-decode.ts';
import { weightBytes } from './model-shape.ts';
import { prefillFlops } from './prefill-flops.ts';
import { causesOf, inType, sumOfCauses, uncheckedOf } from './projection.ts';
import type { BareTime, BesideTime, ProjectedWork, BareProjection, Swing } from './projection.ts';
import { gpuResidency } from './residency.ts';

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
  /** Bytes at the full rate, or operations where they take longer. */
  bytesUs: number;
  rampUs: number;
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
  if (residency.mode === 'refused') return { machine, title, residency };
  const time = timeOf({ ...work, shape }, { gpu, gpus, stages });
  if (!isRefusal(time)) return { machine, title, residency, time };
  return { machine, title, residency: { ...residency, mode: 'refused', reason: time.refused } };
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
    'arithmetic and memory': parts.bytesUs,
    'launches and ramps': parts.rampUs + parts.unfusedUs,
    attention: parts.attentionUs,
    wire: parts.wireUs,
    'software of the link': parts.linkUs,
  });
  const tokenUs = sumOfCauses(causes);
  const beside = besideOf(work, asked, unfused);
  const swing = launchSwing(work, tokenUs, unfused);
  // The stage with the most layers sets the pace of all.
  const stageUs = (tokenUs * Math.ceil(work.shape.layers / stages)) / work.shape.layers;
  const throughput = Math.min(work.batch / tokenUs, staged.batch / stageUs) * 1e6;
  const ttftMs = prefillMs(work, asked) + tokenUs / 1e3;
  const kilowatts = (gpus * gpu.watts.value) / 1e3;
  const read = weightBytes(work.shape, 'met') / (tokenUs / 1e6);
  return {
    causes,
    tokenUs,
    lowUs: Math.min(swing.lowUs, tokenUs),
    highUs: Math.max(swing.highUs, tokenUs),
    tokensPerS: 1e6 / tokenUs,
    throughputTokensPerS: throughput,
    ttftMs,
    requestMs: ttftMs + (work.promptTokens * tokenUs) / 1e3,
    joulesPerToken: (kilowatts * 1e3) / throughput,
    tokensPerSPerKw: throughput / kilowatts,
    ...(gpu.dieMm2 ? { tokensPerSPerMm2: throughput / (gpus * gpu.dieMm2.value) } : {}),
    memoryShare: read / (gpus * gpu.bandwidthBytesPerS.value),
    kernel: gpus > stages ? 'SGLang 0.5.14 in a graph' : 'none',
    ...(gpus > stages && !isRefusal(nccl)
      ? { otherReduce: { kernel: 'NCCL', tokenUs: sumOfParts(nccl) } }
      : {}),
    basis: {
      token: {
        cohort: stages > 1 ? 'GPU decode, pipeline and experts' : 'GPU decode, tensor parallel',
        machine: gpu.name,
      },
      prefill: { cohort: 'GPU prefill', machine: gpu.name },
    },
    unchecked: uncheckedOf(work),
    swings: [swing],
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
    figure: 'launches of a layer beside matrices, attention and all-reduces',
    range: `${least} to ${most} us, taken ${unfused.toFixed(0)} us (SGLang on A100)`,
    lowUs: tokenUs - shape.layers * (unfused - least),
    highUs: tokenUs + shape.layers * (most - unfused),
  };
}

function sumOfParts(parts: Parts): number {
  const { bytesUs, rampUs, attentionUs: attention, wireUs, linkUs, unfusedUs: unfused } = parts;
  return bytesUs + rampUs + attention + wireUs + linkUs + unfused;
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
): (Parts & { groups: number }) | Refusal {
  const { shape, batch, contextTokens } = work;
  const { layers, hidden, heads, kvHeads, headWidth } = shape;
  const group: GpuGroup = { gpu, gpus: gpus / stages };
  const experts = gpuExperts(work, group, kernel);
  if (isRefusal(experts)) return experts;
  const cut = experts.attentionGpus;
  const matrices = matrixParts(work, gpu, denseMatrices(shape, { cut, batch }));
  if (isRefusal(matrices)) return matrices;
  const attention = attentionUs({
    gpu: gpu.name,
    queryHeads: (heads / cut) * batch,
    kvHeads: Math.max(1, kvHeads / cut) * batch,
    headWidth,
    contextTokens,
  });
  if (isRefusal(attention)) return attention;
  const bytes = batch * hidden * HALF_BYTES;
  const reduce = reduceParts({ gpu, gpus: cut }, kernel, bytes);
  if (isRefusal(reduce)) return reduce;
  const sends = stages > 1 ? sendParts(group, stages, bytes) : { wireUs: 0, softwareUs: 0 };
  if (isRefusal(sends)) return sends;
  // Of each layer two all-reduces, but those that a placement replaces.
  const reduces = 2 * layers - experts.replacedReduces;
  return {
    bytesUs: matrices.bytesUs + experts.bytesUs,
    rampUs: matrices.rampUs + experts.rampUs,
    attentionUs: layers * attention,
    wireUs: reduces * reduce.wireUs + experts.wireUs + sends.wireUs,
    linkUs: reduces * reduce.softwareUs + experts.linkUs + sends.softwareUs,
    unfusedUs: layers * unfused,
    groups: experts.groups,
  };
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
