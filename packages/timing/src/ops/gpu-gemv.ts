/**
 * A matrix times one vector on a GPU: launch, tail along the reduced side, bytes.
 *
 *   us = launch + tail * k + seconds per byte * n k        weights [n, k]
 *
 * Launch is paid by each kernel; the tail is what a block of threads sums one after the other; the
 * rate is what long reads get of the memory. Three constants for each GPU, stack and type, fitted
 * to its published rows: between rows this is the rule of interpolation. A GPU without rows stands
 * on those of the nearest one, its rate scaled by bandwidth.
 */
import { tryGpuFacts } from '@wafer/core';
import { applyConstants, fitConstants } from '../fit/least-squares.ts';
import { refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { GPU_GEMV } from '../published/gpu-gemv.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';

/** Types that rows are published for; `fp8_block` has scales for blocks of weights. */
export type GemvType = 'bf16' | 'fp8_block';

export interface GemvUse {
  readonly gpu: string;
  readonly type: GemvType;
  readonly n: number;
  readonly k: number;
}

const BYTES: Readonly<Record<string, number>> = { bf16: 2, fp8_block: 1 };

/** Whose measured kernels stand for a GPU that has none of its own. */
export const GPU_STAND_INS: Readonly<Record<string, string>> = { H200: 'H100', GB200: 'B200' };

/** What the constants multiply: launch, reduced side, microseconds of bytes at the full rate. */
export function gemvFeatures(use: GemvUse): number[] {
  const rate = tryGpuFacts(use.gpu)?.bandwidthBytesPerS.value ?? Number.NaN;
  return [1, use.k, ((use.n * use.k * BYTES[use.type]!) / rate) * 1e6];
}

/** A row as a use. */
export function gemvOfRow(row: PublishedRow): GemvUse {
  return {
    gpu: textAt(row, 'gpu'),
    type: textAt(row, 'dtype') as GemvType,
    n: numberAt(row, 'n'),
    k: numberAt(row, 'k'),
  };
}

/** Constants by GPU and type. */
export function fitGemv(rows: readonly PublishedRow[]): ReadonlyMap<string, readonly number[]> {
  const sets = Map.groupBy(rows, (row) => keyOf(gemvOfRow(row)));
  return new Map(
    [...sets].map(([key, own]) => [
      key,
      fitConstants(
        own.map((row) => ({
          features: gemvFeatures(gemvOfRow(row)),
          measured: numberAt(row, 'microseconds'),
        })),
      ),
    ]),
  );
}

/** Microseconds by given constants. */
export function gemvBy(
  constants: ReadonlyMap<string, readonly number[]>,
  use: GemvUse,
): number | Refusal {
  const own = constantsOf(constants, use);
  if (!own) return refuse(`no ${use.type} kernel was published for ${use.gpu}`);
  return applyConstants(own, { features: gemvFeatures(use) });
}

let ours: ReadonlyMap<string, readonly number[]> | undefined;

/** Constants from our rows: launch, tail, share of time over bytes at the full rate. */
export function gemvConstants(): ReadonlyMap<string, readonly number[]> {
  ours ??= fitGemv(GPU_GEMV.rows);
  return ours;
}

/** What a kernel takes before its bytes, and its time of bytes over that at the full rate. */
export function gemvTerms({
  k,
  ...use
}: Omit<GemvUse, 'n'>): { startUs: number; rateShare: number } | Refusal {
  const own = constantsOf(gemvConstants(), use);
  if (!own) return refuse(`no ${use.type} kernel was published for ${use.gpu}`);
  const [launch = 0, tail = 0, rateShare = 1] = own;
  return { startUs: launch + tail * k, rateShare };
}

function constantsOf(
  constants: ReadonlyMap<string, readonly number[]>,
  use: Pick<GemvUse, 'gpu' | 'type'>,
): readonly number[] | undefined {
  return (
    constants.get(keyOf(use)) ??
    constants.get(keyOf({ ...use, gpu: GPU_STAND_INS[use.gpu] ?? use.gpu }))
  );
}

/** Microseconds of a matrix times one vector. */
export function gemvUs(use: GemvUse): number | Refusal {
  return gemvBy(gemvConstants(), use);
}

function keyOf({ gpu, type }: Pick<GemvUse, 'gpu' | 'type'>): string {
  return `${gpu} ${type}`;
}
