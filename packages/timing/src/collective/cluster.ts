/**
 * Send/receive and all-reduce within and across nodes, PyTorch with NCCL, from published medians.
 *
 * Between sizes: straight lines. A set that was not published is a start and a rate of one that
 * was: the start stays, the bytes go at the ratio of both links. Inside a node an all-reduce of
 * other sizes of group takes NCCL's ratio of the same GPUs.
 */
import { tryGpuFacts } from '@wafer/core';
import type { GpuFacts } from '@wafer/core';
import { heldBelow, interpolate } from '../fit/interpolate.ts';
import type { Point } from '../fit/interpolate.ts';
import { isRefusal, refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { GPU_CLUSTER_ALL_REDUCE } from '../published/gpu-cluster-all-reduce.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { nodeAllReduceUs } from './node-all-reduce.ts';

export interface ClusterSet {
  readonly operation: string;
  readonly gpu: string;
  readonly gpus: number;
  readonly nodes: number;
}

interface MeasuredCluster extends ClusterSet {
  readonly points: readonly Point[];
}

/** Cells that the table itself marks. */
export function isOutlier(row: PublishedRow): boolean {
  return textAt(row, 'note') === 'outlier';
}

export function clusterSetOf(row: PublishedRow): ClusterSet {
  return {
    operation: textAt(row, 'operation'),
    gpu: textAt(row, 'gpu'),
    gpus: numberAt(row, 'gpus'),
    nodes: numberAt(row, 'nodes'),
  };
}

/** Rows as sets; outliers are left out. */
export function clusterSets(rows: readonly PublishedRow[]): MeasuredCluster[] {
  const kept = rows.filter((row) => !isOutlier(row));
  const sets = Map.groupBy(kept, (row) => JSON.stringify(clusterSetOf(row)));
  return [...sets.values()].map((own) => ({
    ...clusterSetOf(own[0]!),
    points: own
      .map((row): Point => [numberAt(row, 'message_bytes'), numberAt(row, 'median_microseconds')])
      .toSorted(([a], [b]) => a - b),
  }));
}

/** Microseconds by given sets. */
export function clusterBy(
  sets: readonly MeasuredCluster[],
  wanted: ClusterSet,
  bytes: number,
): number | Refusal {
  const own = sets.find((set) => isSame(set, wanted));
  if (own) return interpolate(heldBelow(own.points), bytes);
  const facts = tryGpuFacts(wanted.gpu);
  if (!facts) return refuse(`no figures of ${wanted.gpu} are known`);
  const other = sets.find((set) => isSame({ ...set, gpu: wanted.gpu }, wanted));
  if (other) return onOtherLink(other, facts, bytes);
  const node = sets.find((set) => set.operation === wanted.operation && set.nodes === 1);
  if (wanted.nodes > 1 || wanted.operation !== 'all_reduce' || !node) {
    return refuse(`no rows lead to ${wanted.operation} over ${wanted.nodes} nodes`);
  }
  return otherGroup(node, wanted, bytes);
}

/** The same set on another GPU: its start, and its bytes at the ratio of the links. */
function onOtherLink(set: MeasuredCluster, facts: GpuFacts, bytes: number): number {
  const rate = (gpu: GpuFacts): number =>
    set.nodes > 1 ? gpu.clusterBytesPerS.value : gpu.nvlinkBytesPerS.value;
  const start = set.points[0]![1];
  const rest = interpolate(set.points, bytes) - start;
  return start + (rest * rate(tryGpuFacts(set.gpu)!)) / rate(facts);
}

/** Another group in a node, as NCCL's own rows of both groups relate. */
function otherGroup(set: MeasuredCluster, wanted: ClusterSet, bytes: number): number | Refusal {
  const of = ({ gpu, gpus }: ClusterSet): number | Refusal =>
    nodeAllReduceUs({ gpu, gpus, kernel: 'nccl', launch: '' }, bytes);
  const [a, c] = [of(wanted), of(set)];
  if (isRefusal(a)) return a;
  return isRefusal(c) ? c : (interpolate(set.points, bytes) * a) / c;
}

function isSame(one: ClusterSet, two: ClusterSet): boolean {
  return (
    one.operation === two.operation &&
    one.gpu === two.gpu &&
    one.gpus === two.gpus &&
    one.nodes === two.nodes
  );
}

let ours: readonly MeasuredCluster[] | undefined;

/** Microseconds within or across nodes by our rows. */
export function clusterUs(wanted: ClusterSet, bytes: number): number | Refusal {
  ours ??= clusterSets(GPU_CLUSTER_ALL_REDUCE.rows);
  return clusterBy(ours, wanted, bytes);
}
