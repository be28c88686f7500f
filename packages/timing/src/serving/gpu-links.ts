/**
 * What GPUs of a group exchange: bytes that must cross at the full rate, the rest is software.
 */
import type { GpuFacts } from '@wafer/core';
import { clusterUs } from '../collective/cluster.ts';
import { isMeasuredSet, kernelVersion, nodeAllReduceUs } from '../collective/node-all-reduce.ts';
import { isRefusal } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';

export interface GpuGroup {
  readonly gpu: GpuFacts;
  readonly gpus: number;
}

export interface LinkTime {
  readonly wireUs: number;
  readonly softwareUs: number;
}

export const HALF_BYTES = 2;

const NODE_GPUS: Readonly<Record<string, number>> = { GB200: 72 };
/** GPUs that share an NVLink domain. */
export function nodeGpus({ name }: GpuFacts): number {
  return NODE_GPUS[name] ?? 8;
}

/** An all-reduce inside a node as tables name it, and as a reader does. */
export interface ReduceKernel {
  readonly kernel: string;
  readonly launch: string;
  readonly stack: string;
}

/** Kernels of serving stacks, the one that is taken first. */
const STACK_KERNELS: readonly ReduceKernel[] = [
  { kernel: 'sglang-custom', launch: 'cuda_graph', stack: 'SGLang' },
  { kernel: 'tensorrt-llm', launch: '', stack: 'TensorRT-LLM' },
  { kernel: 'vllm-custom', launch: 'cuda_graph', stack: 'vLLM' },
];
export const NCCL: ReduceKernel = { kernel: 'nccl', launch: '', stack: 'NCCL' };

/** Whose all-reduce: a serving stack's, or NCCL's. */
export type ReduceOf = 'stack' | 'nccl';

/** GPUs of a group in more than one NVLink domain. */
export function isAcrossNodes({ gpu, gpus }: GpuGroup): boolean {
  return gpus > nodeGpus(gpu);
}

/** Kernels of serving stacks that rows lead to on a group, and microseconds of each. */
export function stackReduces(
  { gpu, gpus }: GpuGroup,
  bytes: number,
): { reduce: ReduceKernel; us: number }[] {
  return STACK_KERNELS.flatMap((reduce) => {
    const { kernel, launch } = reduce;
    const us = nodeAllReduceUs({ gpu: gpu.name, gpus: groupOf(gpus), kernel, launch }, bytes);
    return isRefusal(us) ? [] : [{ reduce, us }];
  });
}

/** A kernel with its version and launch, as rows of a GPU or the nearest name them. */
export function reduceTitle({ name }: GpuFacts, { kernel, launch, stack }: ReduceKernel): string {
  const graph = launch === '' ? '' : ' in a graph';
  return `${stack} ${kernelVersion(name, kernel)}${graph}`;
}

/** An all-reduce over a group: the first stack's that rows lead to, or NCCL's. */
export function reduceParts(group: GpuGroup, of: ReduceOf, bytes: number): LinkTime | Refusal {
  const { gpu, gpus } = group;
  if (gpus < 2) return { wireUs: 0, softwareUs: 0 };
  const nodes = Math.ceil(gpus / nodeGpus(gpu));
  const whole =
    nodes > 1
      ? clusterUs({ operation: 'all_reduce', gpu: gpu.name, gpus, nodes }, bytes)
      : inNode(group, of, bytes);
  return split(whole, { gpu, nodes, bytes: ((2 * (gpus - 1)) / gpus) * bytes });
}

function inNode({ gpu, gpus }: GpuGroup, of: ReduceOf, bytes: number): number | Refusal {
  const [first] = of === 'stack' ? stackReduces({ gpu, gpus }, bytes) : [];
  if (first) return first.us;
  const { kernel, launch } = of === 'stack' ? STACK_KERNELS[0]! : NCCL;
  return nodeAllReduceUs({ gpu: gpu.name, gpus: groupOf(gpus), kernel, launch }, bytes);
}

/** Whether an all-reduce of a group was measured, not put together from others. */
export function isMeasuredReduce(
  { gpu, gpus }: GpuGroup,
  { kernel, launch }: ReduceKernel,
): boolean {
  return isMeasuredSet({ gpu: gpu.name, gpus: groupOf(gpus), kernel, launch });
}

/** The largest group that was published. */
export const PUBLISHED_GROUP = 8;

/** Groups that were published: the next larger one stands for others. */
function groupOf(gpus: number): number {
  return [2, 4, PUBLISHED_GROUP].find((group) => group >= gpus) ?? PUBLISHED_GROUP;
}

/** From each stage of a pipeline to the next: between nodes where a stage fills one. */
export function sendParts(
  { gpu, gpus }: GpuGroup,
  stages: number,
  bytes: number,
): LinkTime | Refusal {
  const perNode = Math.max(1, Math.floor(nodeGpus(gpu) / gpus));
  const across = Math.ceil(stages / perNode) - 1;
  const [near, far] = [1, 2].map((nodes) => sendPart(gpu, nodes, bytes));
  if (isRefusal(near!)) return near;
  if (isRefusal(far!)) return far;
  const within = stages - 1 - across;
  return {
    wireUs: within * near!.wireUs + across * far!.wireUs,
    softwareUs: within * near!.softwareUs + across * far!.softwareUs,
  };
}

/** One message from a GPU to another, of one node or of two. */
export function sendPart(gpu: GpuFacts, nodes: number, bytes: number): LinkTime | Refusal {
  const whole = clusterUs({ operation: 'send_recv', gpu: gpu.name, gpus: 2, nodes }, bytes);
  return split(whole, { gpu, nodes, bytes });
}

function split(
  whole: number | Refusal,
  { gpu, nodes, bytes }: { gpu: GpuFacts; nodes: number; bytes: number },
): LinkTime | Refusal {
  if (isRefusal(whole)) return whole;
  const rate = nodes > 1 ? gpu.clusterBytesPerS.value : gpu.nvlinkBytesPerS.value;
  const wireUs = Math.min(whole, (bytes / rate) * 1e6);
  return { wireUs, softwareUs: whole - wireUs };
}
