/**
 * A model on GPUs of one NVLink domain, or of several nodes, as a projection.
 *
 * Matrix kernels, attention and all-reduces stand on measured ones; what a layer launches beside
 * them was measured on A100 with SGLang only and is assumed elsewhere, between none and what the
 * stacks of 2024 took. Weights in fp4 take the launch and tail of fp8 and half its bytes: assumed.
 * A node is eight GPUs, a GB200 domain 72; all-reduces across nodes are those of the cluster table.
 */
import type { GpuFacts } from '@wafer/core';
import { clusterUs } from '../collective/cluster.ts';
import { nodeAllReduceUs } from '../collective/node-all-reduce.ts';
import { isRefusal } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { attentionUs } from '../ops/gpu-attention.ts';
import { gemvTerms } from '../ops/gpu-gemv.ts';
import { decodeConstants, decodeMatrices } from './gpu-decode.ts';
import { weightBytes } from './model-shape.ts';
import { prefillFlops } from './prefill-flops.ts';
import { causesOf, inType, sumOfCauses, uncheckedOf } from './projection.ts';
import type { BareTime, ProjectedWork, BareProjection, Swing } from './projection.ts';
import { gpuResidency } from './residency.ts';

export interface GpuAsked {
  readonly gpu: GpuFacts;
  readonly gpus: number;
}

const NODE_GPUS: Readonly<Record<string, number>> = { GB200: 72 };
const HALF_BYTES = 2;
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
export function projectGpu(work: ProjectedWork, { gpu, gpus }: GpuAsked): BareProjection {
  const shape = inType(work.shape, work.type);
  const held = { shape, contextTokens: work.contextTokens, batch: work.batch };
  const residency = gpuResidency(held, gpu, gpus);
  const machine = `${gpu.name.toLowerCase()}x${gpus}`;
  const title = `${gpus} x ${gpu.title}`;
  if (residency.mode === 'refused') return { machine, title, residency };
  const time = timeOf({ ...work, shape }, { gpu, gpus });
  if (!isRefusal(time)) return { machine, title, residency, time };
  return { machine, title, residency: { ...residency, mode: 'refused', reason: time.refused } };
}

function timeOf(work: ProjectedWork, asked: GpuAsked): BareTime | Refusal {
  const { gpu, gpus } = asked;
  const unfused = unfusedUs();
  const parts = partsOf(work, asked, 'sglang-custom', unfused);
  if (isRefusal(parts)) return parts;
  const nccl = partsOf(work, asked, 'nccl', unfused);
  const causes = causesOf({
    'arithmetic and memory': parts.bytesUs,
    'launches and ramps': parts.rampUs + parts.unfusedUs,
    attention: parts.attentionUs,
    wire: parts.wireUs,
    'software of the link': parts.linkUs,
  });
  const tokenUs = sumOfCauses(causes);
  const [least, most] = UNFUSED_RANGE_US;
  const { layers } = work.shape;
  const swing: Swing = {
    figure: 'launches of a layer beside matrices, attention and all-reduces',
    range: `${least} to ${most} us, taken ${unfused.toFixed(0)} us (SGLang on A100)`,
    lowUs: tokenUs - layers * (unfused - least),
    highUs: tokenUs + layers * (most - unfused),
  };
  const throughput = (work.batch * 1e6) / tokenUs;
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
    kernel: gpus > 1 ? 'SGLang 0.5.14 in a graph' : 'none',
    ...(gpus > 1 && !isRefusal(nccl)
      ? { otherReduce: { kernel: 'NCCL', tokenUs: sumOfParts(nccl) } }
      : {}),
    basis: {
      token: { cohort: 'GPU decode, tensor parallel', machine: gpu.name },
      prefill: { cohort: 'GPU prefill', machine: gpu.name },
    },
    unchecked: uncheckedOf(work),
    swings: [swing],
  };
}

function sumOfParts(parts: Parts): number {
  return Object.values(parts).reduce((sum: number, us: number) => sum + us, 0);
}

/** What SGLang launches beside its matrices on A100, a layer. */
function unfusedUs(): number {
  return decodeConstants().get('A100 SGLang')?.[1] ?? Number.NaN;
}

function partsOf(
  work: ProjectedWork,
  { gpu, gpus }: GpuAsked,
  kernel: string,
  unfused: number,
): Parts | Refusal {
  const { shape, batch, contextTokens } = work;
  const { layers, hidden, heads, kvHeads, headWidth } = shape;
  const matrices = matrixParts(work, { gpu, gpus });
  if (isRefusal(matrices)) return matrices;
  const attention = attentionUs({
    gpu: gpu.name,
    queryHeads: (heads / gpus) * batch,
    kvHeads: Math.max(1, kvHeads / gpus) * batch,
    headWidth,
    contextTokens,
  });
  if (isRefusal(attention)) return attention;
  const bytes = batch * hidden * HALF_BYTES;
  const reduce = reduceParts({ gpu, gpus }, kernel, bytes);
  if (isRefusal(reduce)) return reduce;
  return {
    ...matrices,
    attentionUs: layers * attention,
    wireUs: 2 * layers * reduce.wireUs,
    linkUs: 2 * layers * reduce.softwareUs,
    unfusedUs: layers * unfused,
  };
}

/** Bytes that must cross, each GPU and direction, at the full rate; the rest is software. */
function reduceParts(
  { gpu, gpus }: GpuAsked,
  kernel: string,
  bytes: number,
): { wireUs: number; softwareUs: number } | Refusal {
  if (gpus < 2) return { wireUs: 0, softwareUs: 0 };
  const node = NODE_GPUS[gpu.name] ?? 8;
  const nodes = Math.ceil(gpus / node);
  const launch = kernel === 'nccl' ? '' : 'cuda_graph';
  const whole =
    nodes > 1
      ? clusterUs({ operation: 'all_reduce', gpu: gpu.name, gpus, nodes }, bytes)
      : nodeAllReduceUs({ gpu: gpu.name, gpus: groupOf(gpus), kernel, launch }, bytes);
  if (isRefusal(whole)) return whole;
  const rate = nodes > 1 ? gpu.clusterBytesPerS.value : gpu.nvlinkBytesPerS.value;
  const wireUs = Math.min(whole, ((((2 * (gpus - 1)) / gpus) * bytes) / rate) * 1e6);
  return { wireUs, softwareUs: whole - wireUs };
}

/** Groups that were published: the next larger one stands for others. */
function groupOf(gpus: number): number {
  return [2, 4, 8].find((group) => group >= gpus) ?? 8;
}

function matrixParts(
  work: ProjectedWork,
  { gpu, gpus }: GpuAsked,
): { bytesUs: number; rampUs: number } | Refusal {
  const { shape, type, batch } = work;
  const kernelType = type === 'bf16' || !gpu.opsPerS.fp8 ? 'bf16' : 'fp8_block';
  const peak = (gpu.opsPerS[type] ?? gpu.opsPerS.bf16)!.value;
  let bytesUs = 0;
  let rampUs = 0;
  for (const { n, k, times, bits, copies } of decodeMatrices(shape, { gpus, batch })) {
    const terms = gemvTerms({ gpu: gpu.name, type: kernelType, k });
    if (isRefusal(terms)) return terms;
    const ownUs = ((n * k * bits * copies) / 8 / gpu.bandwidthBytesPerS.value) * 1e6;
    const flopsUs = ((2 * n * k * batch) / peak) * 1e6;
    bytesUs += times * Math.max(ownUs, flopsUs);
    // What a kernel takes beyond its bytes: launch and tail whole, the rate in proportion.
    rampUs += times * Math.max(0, terms.startUs + (terms.rateShare - 1) * ownUs);
  }
  return { bytesUs, rampUs };
}

/** Milliseconds of a prompt: operations at a share of the peak, and NCCL's all-reduces. */
function prefillMs({ shape, promptTokens, type }: ProjectedWork, { gpu, gpus }: GpuAsked): number {
  const peak = (gpu.opsPerS[type] ?? gpu.opsPerS.bf16)!.value;
  const seconds = prefillFlops(shape, promptTokens) / (gpus * peak * PREFILL_EFFICIENCY);
  const reduce = reduceParts({ gpu, gpus }, 'nccl', promptTokens * shape.hidden * HALF_BYTES);
  const reduceUs = isRefusal(reduce) ? 0 : reduce.wireUs + reduce.softwareUs;
  return seconds * 1e3 + (2 * shape.layers * reduceUs) / 1e3;
}
