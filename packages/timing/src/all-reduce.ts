/**
 * All-reduce between chips in closed form: steps times (software + wire) plus bytes over bandwidth.
 *
 *   one-shot   each chip reads all peers        α + (n-1) β B           custom kernels, small
 *   two-shot   reduce-scatter, all-gather       α' + 2 (n-1)/n β B      custom kernels, larger
 *   tree       NCCL, small messages             2 log2(n) α + 2 β B
 *   ring       NCCL, large messages             2 (n-1) α + 2 (n-1)/n β B
 *
 * n chips, B bytes, β seconds per byte of one chip and direction. Both choose by size alone.
 *
 * Source: Thakur 2005, "Optimization of collective communication operations in MPICH".
 */
import { WaferError } from '@wafer/core';
import type { LinkSpec } from '@wafer/core';

/** Whose all-reduce: serving stacks' own kernels, or NCCL. */
export type AllReduceKind = 'custom' | 'nccl';

/** What crossing a kerf costs, by cause. */
export interface LinkParts {
  overheadNs: number;
  latencyNs: number;
  bandwidthNs: number;
}

export interface AllReduceUse {
  link: LinkSpec;
  kind: AllReduceKind;
  chipCount: number;
  bytes: number;
}

const NOTHING: LinkParts = { overheadNs: 0, latencyNs: 0, bandwidthNs: 0 };
const KIB = 1024;
/** Published timings on 2, 4 and 8 H100 follow the tree up to here, the ring at 64 MiB. */
const TREE_BYTES_MAX = 1024 * KIB;

/** Time of one all-reduce by cause. Throws: MACHINE_PARAMETER. */
export function allReduce(use: AllReduceUse): LinkParts {
  if (use.chipCount < 2) return NOTHING;
  if (use.kind === 'custom') return customAllReduce(use);
  return use.bytes <= TREE_BYTES_MAX ? treeAllReduce(use) : ringAllReduce(use);
}

/** Sum of the parts. */
export function partsNs({ overheadNs, latencyNs, bandwidthNs }: LinkParts): number {
  return overheadNs + latencyNs + bandwidthNs;
}

/** Nanoseconds that bytes take through a link once they flow. */
export function bytesNs(link: LinkSpec, bytes: number): number {
  return (bytes / (link.bandwidthBytesPerS.value * link.efficiency.value)) * 1e9;
}

function customAllReduce({ link, chipCount: n, bytes }: AllReduceUse): LinkParts {
  if (!link.customKernels) {
    throw new WaferError('MACHINE_PARAMETER', {
      machine: link.name,
      parameter: 'custom all-reduce kernels',
      hint: 'use --all-reduce nccl',
    });
  }
  const { oneShotNs, oneShotPerChipNs, twoShotNs } = link.allReduce;
  if (isOneShot(n, bytes)) {
    return {
      overheadNs: oneShotNs.value + n * oneShotPerChipNs.value,
      latencyNs: link.latencyNs.value,
      bandwidthNs: bytesNs(link, (n - 1) * bytes),
    };
  }
  return {
    overheadNs: twoShotNs.value,
    latencyNs: 2 * link.latencyNs.value,
    bandwidthNs: bytesNs(link, ((2 * (n - 1)) / n) * bytes),
  };
}

/** Source: vLLM's custom all-reduce, limits for fully connected chips. */
function isOneShot(chipCount: number, bytes: number): boolean {
  if (chipCount <= 2) return true;
  return bytes < (chipCount <= 4 ? 512 : 256) * KIB;
}

function treeAllReduce({ link, chipCount, bytes }: AllReduceUse): LinkParts {
  const steps = 2 * Math.ceil(Math.log2(chipCount));
  return {
    overheadNs: steps * link.allReduce.treeStepNs.value,
    latencyNs: steps * link.latencyNs.value,
    bandwidthNs: bytesNs(link, 2 * bytes),
  };
}

function ringAllReduce({ link, chipCount: n, bytes }: AllReduceUse): LinkParts {
  const steps = 2 * (n - 1);
  return {
    overheadNs: steps * link.allReduce.ringStepNs.value,
    latencyNs: steps * link.latencyNs.value,
    bandwidthNs: bytesNs(link, (steps / n) * bytes),
  };
}
