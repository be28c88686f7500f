/**
 * All-reduce inside a node from published times: by GPU, number of GPUs, kernel and launch.
 *
 * Software belongs to all four, not to a wire. Between sizes: straight lines, a start and a rate.
 * A set that was not published completes a proportion: with A, B and C measured,
 *
 *   time(wanted) = time(B) * time(A) / time(C)
 *
 * B differs from what is wanted in one of the four; A and C agree in the other three, and differ
 * in that one as the wanted set and B do. So 4 H200 are 8 H200 times 4 over 8 H100, same kernel.
 * Of several proportions the one whose A and C take the most similar times is used. A group
 * between two measured ones lies on their line of logarithms.
 */
import { tryGpuFacts } from '@wafer/core';
import { heldBelow, interpolate, interpolateLog } from '../fit/interpolate.ts';
import type { Point } from '../fit/interpolate.ts';
import { refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { GPU_ALL_REDUCE } from '../published/gpu-all-reduce.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';

/** One measured set, or one that is asked for. */
export interface ReduceSet {
  readonly gpu: string;
  readonly gpus: number;
  readonly kernel: string;
  /** `cuda_graph`, `eager`, or '' where the source names none. */
  readonly launch: string;
}

export interface MeasuredSet extends ReduceSet {
  /** Bytes and microseconds. */
  readonly points: readonly Point[];
}

/** Chips of one kind with another host. */
const SAME_CHIP: Readonly<Record<string, string>> = { B200: 'GB200' };

/** A row's set. */
export function setOfRow(row: PublishedRow): ReduceSet {
  return {
    gpu: textAt(row, 'gpu'),
    gpus: numberAt(row, 'gpus'),
    kernel: textAt(row, 'kernel'),
    launch: textAt(row, 'launch_mode'),
  };
}

/** Rows as sets. */
export function reduceSets(rows: readonly PublishedRow[]): MeasuredSet[] {
  const sets = Map.groupBy(rows, (row) => JSON.stringify(setOfRow(row)));
  return [...sets.values()].map((own) => ({
    ...setOfRow(own[0]!),
    points: own
      .map((row): Point => [numberAt(row, 'message_bytes'), numberAt(row, 'microseconds')])
      .toSorted(([a], [b]) => a - b),
  }));
}

/** Microseconds by given sets. */
export function nodeAllReduceBy(
  sets: readonly MeasuredSet[],
  wanted: ReduceSet,
  bytes: number,
): number | Refusal {
  if (wanted.gpus < 2) return 0;
  const asked = { ...wanted, gpu: SAME_CHIP[wanted.gpu] ?? wanted.gpu };
  const found = sets.find((set) => isSame(set, asked, DIMENSIONS));
  if (found) return timeOf(found, bytes);
  const between = betweenGroups(sets, asked, bytes);
  if (between !== undefined) return between;
  const proportion = completing(sets, asked);
  if (!proportion) {
    const { gpu, gpus, kernel } = wanted;
    return refuse(`no rows lead to ${kernel} on ${gpus} ${gpu}`);
  }
  const [a, b, c] = proportion.map((set) => timeOf(set, bytes));
  return (b! * a!) / c!;
}

/** Share of the wire's rate that the longest published messages get, about. */
const LONG_MESSAGE_SHARE = 0.75;

/** Below the smallest message its time, beyond the largest the wire's rate. */
function timeOf({ gpu, gpus, points }: MeasuredSet, bytes: number): number {
  const [last, us] = points.at(-1)!;
  const rate = tryGpuFacts(gpu)?.nvlinkBytesPerS.value ?? Number.NaN;
  if (bytes <= last) return interpolate(heldBelow(points), bytes);
  const rest = (((2 * (gpus - 1)) / gpus) * (bytes - last)) / (rate * LONG_MESSAGE_SHARE);
  return us + rest * 1e6;
}

type Dimension = keyof ReduceSet;
const DIMENSIONS: readonly Dimension[] = ['gpus', 'gpu', 'kernel', 'launch'];

function isSame(one: ReduceSet, two: ReduceSet, dimensions: readonly Dimension[]): boolean {
  return dimensions.every((dimension) => one[dimension] === two[dimension]);
}

// Both constants calibrate: they were chosen by leaving whole sets of these tables out in turn.
/** What another kernel counts in a proportion: how it grows with GPUs is its own. */
const FAR: Readonly<Record<Dimension, number>> = { kernel: 2, gpu: 1, gpus: 1, launch: 1 };

/** Names against logarithms of times: leaving a whole set out errs least with it, on these sets. */
const NAMED_WEIGHT = 0.2;

/** The proportion whose three sets are nearest to what is wanted, in names and in times. */
function completing(
  sets: readonly MeasuredSet[],
  wanted: ReduceSet,
): [MeasuredSet, MeasuredSet, MeasuredSet] | undefined {
  let best: { sets: [MeasuredSet, MeasuredSet, MeasuredSet]; far: number } | undefined;
  for (const dimension of DIMENSIONS) {
    const others = DIMENSIONS.filter((one) => one !== dimension);
    for (const b of sets.filter((set) => isSame(set, wanted, others))) {
      for (const a of sets.filter((set) => set[dimension] === wanted[dimension])) {
        const c = sets.find((set) => isSame(set, a, others) && set[dimension] === b[dimension]);
        if (!c) continue;
        const named = others.filter((one) => a[one] !== wanted[one]);
        const far =
          named.reduce((sum, one) => sum + NAMED_WEIGHT * FAR[one], 0) + meanDistance(a, c);
        if (best === undefined || far < best.far) best = { sets: [a, b, c], far };
      }
    }
  }
  return best?.sets;
}

/** How far two sets are from each other: the mean of what their times' logarithms differ by. */
function meanDistance(one: MeasuredSet, two: MeasuredSet): number {
  const logs = one.points.map(([bytes, us]) => Math.abs(Math.log(us / timeOf(two, bytes))));
  return logs.reduce((sum, log) => sum + log, 0) / logs.length;
}

/** Between two measured groups of the same GPU, kernel and launch: by the logarithm of GPUs. */
function betweenGroups(
  sets: readonly MeasuredSet[],
  wanted: ReduceSet,
  bytes: number,
): number | undefined {
  const own = sets
    .filter((set) => isSame(set, wanted, ['gpu', 'kernel', 'launch']))
    .toSorted((a, b) => a.gpus - b.gpus);
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last || wanted.gpus < first.gpus || wanted.gpus > last.gpus) return undefined;
  return interpolateLog(
    own.map((set): Point => [set.gpus, timeOf(set, bytes)]),
    wanted.gpus,
  );
}

let ours: readonly MeasuredSet[] | undefined;

/** Microseconds of an all-reduce inside a node by our rows. */
export function nodeAllReduceUs(wanted: ReduceSet, bytes: number): number | Refusal {
  ours ??= reduceSets(GPU_ALL_REDUCE.rows);
  return nodeAllReduceBy(ours, wanted, bytes);
}

/** The version of a kernel that rows of a GPU are of, or those of another where it has none. */
export function kernelVersion(gpu: string, kernel: string): string {
  const own = GPU_ALL_REDUCE.rows.filter((row) => textAt(row, 'kernel') === kernel);
  const chip = SAME_CHIP[gpu] ?? gpu;
  const row = own.findLast((one) => textAt(one, 'gpu') === chip) ?? own.at(-1);
  return row ? textAt(row, 'kernel_version') : '';
}

/** Whether our rows have a set of this very GPU. */
export function isMeasuredSet(wanted: ReduceSet): boolean {
  ours ??= reduceSets(GPU_ALL_REDUCE.rows);
  return ours.some((set) => isSame(set, wanted, DIMENSIONS));
}
