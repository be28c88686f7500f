/**
 * Binds the changes of matrices by the adapters that rows go through: one call of the kernel for
 * neighboring rows that go through the same.
 *
 * Rows of a step lie by adapter (`engine/step-filler.ts`); those of an expert lie by token, and so
 * by adapter too.
 */
import { lowRankBytes } from '@wafer/core';
import type { LowRankPlace, RoutingBuffers } from '@wafer/core';
import type { TileParts } from '../bound-instruction.ts';

/** Rows in SRAM: an address, and elements from one to the next. */
type AddChange = (
  adapter: number,
  ...rows: [y: number, yStride: number, x: number, xStride: number, rowCount: number]
) => void;

/** Adds the change of an adapter's number to rows, if it has one; undefined without slots. */
function bindChange(
  place: LowRankPlace | undefined,
  { rows, columns }: { rows: number; columns: number },
  { kernels, integers, constants: { scratch } }: TileParts,
): AddChange | undefined {
  if (place === undefined) return undefined;
  const { a, b, used, rank } = place;
  const slot = lowRankBytes({ rows, columns }, rank);
  return (adapter, y, yStride, x, xStride, rowCount) => {
    if (adapter === 0 || integers[used / 4 + adapter - 1] === 0) return;
    const [low, high] = [a + (adapter - 1) * slot.a, b + (adapter - 1) * slot.b];
    kernels.lowRank(y, yStride, low, high, x, xStride, rowCount, rows, columns, rank, scratch);
  };
}

type Sizes = Parameters<typeof bindChange>[1];

/** Adds changes to the rows of a step, in their order. */
export function bindStepChanges(
  place: LowRankPlace | undefined,
  { sizes, y, x }: { sizes: Sizes } & Record<'y' | 'x', { address: number; stride: number }>,
  parts: TileParts,
): (() => void) | undefined {
  const change = bindChange(place, sizes, parts);
  if (change === undefined) return undefined;
  const { step } = parts;
  return () => {
    const { segmentCount } = step;
    for (let segment = 0; segment < segmentCount;) {
      const adapter = step.segmentAdapter(segment);
      const row = step.segmentFirstRow(segment);
      let rowCount = 0;
      while (segment < segmentCount && step.segmentAdapter(segment) === adapter) {
        rowCount += step.segmentRowCount(segment);
        segment++;
      }
      const target = y.address + row * y.stride * 4;
      change(adapter, target, y.stride, x.address + row * x.stride * 4, x.stride, rowCount);
    }
  };
}

/** Adds changes to `rows` rows of an expert, of which the first is row `first` of all experts'. */
export type ExpertChanges = (
  first: number,
  rows: number,
  ...at: [y: number, yStride: number, x: number, xStride: number]
) => void;

export function bindExpertChanges(
  place: LowRankPlace | undefined,
  { sizes, routing }: { sizes: Sizes; routing: RoutingBuffers },
  parts: TileParts,
): ExpertChanges | undefined {
  const change = bindChange(place, sizes, parts);
  if (change === undefined) return undefined;
  const { step, integers, constants } = parts;
  const chosenCount = constants.experts?.chosenCount ?? 1;
  const slots = routing.slots / 4;
  return (first, rows, y, yStride, x, xStride) => {
    let segment = 0;
    let begin = 0;
    let adapter = 0;
    for (let row = 0; row < rows; row++) {
      const token = Math.trunc(integers[slots + first + row]! / chosenCount);
      while (token >= step.segmentFirstRow(segment) + step.segmentRowCount(segment)) segment++;
      const own = step.segmentAdapter(segment);
      if (own === adapter) continue;
      const count = row - begin;
      if (count > 0) {
        change(adapter, y + begin * yStride * 4, yStride, x + begin * xStride * 4, xStride, count);
      }
      adapter = own;
      begin = row;
    }
    const count = rows - begin;
    change(adapter, y + begin * yStride * 4, yStride, x + begin * xStride * 4, xStride, count);
  };
}
