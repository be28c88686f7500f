/**
 * What GPUs of a group exchange: bytes that must cross at the full rate, the rest is software.
 */
import type { GpuFacts } from '@wafer/core';
import { clusterUs } from '../collective/cluster.ts';
import { nodeAllReduceUs } from '../collective/node-all-reduce.ts';
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

/** An all-reduce over a group. */
export function reduceParts(
  { gpu, gpus }: GpuGroup,
  kernel: string,
  bytes: number,
): LinkTime | Refusal {
  if (gpus < 2) return { wireUs: 0, softwareUs: 0 };
  const nodes = Math.ceil(gpus / nodeGpus(gpu));
  const launch = kernel === 'nccl' ? '' : 'cuda_graph';
  const whole =
    nodes > 1
      ? clusterUs({ operation: 'all_reduce', gpu: gpu.name, gpus, nodes }, bytes)
      : nodeAllReduceUs({ gpu: gpu.name, gpus: groupOf(gpus), kernel, launch }, bytes);
  return split(whole, { gpu, nodes, bytes: ((2 * (gpus - 1)) / gpus) * bytes });
}

/** Groups that were published: the next larger one stands for others. */
function groupOf(gpus: number): number {
  return [2, 4, 8].find((group) => group >= gpus) ?? 8;
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
