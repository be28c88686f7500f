/**
 * Figures of a wafer that are assumed: what each moves alone, and all at once.
 *
 * How far short vectors use WSE-3's wider lanes, the crossing, the clock, and what code leaves of a
 * PE's SRAM. A range has to hold all of them at their worst together: `lowUs` and `highUs`.
 */
import { maxOf, minOf } from '@wafer/core';
import type { Figure } from '@wafer/core';
import type { Swing } from './projection.ts';
import { waferResidency } from './residency.ts';
import { waferTokenNs } from './wafer-batch.ts';
import { layoutOf } from './wafer-region.ts';
import type { WaferAssumptions, WaferRun } from './wafer-region.ts';

/** The figure that holds what the model does not. */
export const CROSSING_FIGURE = 'crossing of a wafer, and all that this model leaves out';
/** Asynchronous: wire and adapters only; synchronous with a slow host. */
const CROSSING_RANGE_US = [10, 300] as const;
const CODE_RANGE = [2048, 8192] as const;
/** All of the wider lanes, or none. */
const LANE_RANGE = [1, 0] as const;

/** Microseconds of a user's token at both ends of each figure, and of all of them together. */
export function waferSwings(
  run: WaferRun,
  { codes, best, worst }: WaferCorners,
): { swings: Swing[]; lowUs: number; highUs: number } {
  const at = (more: Partial<WaferAssumptions>, other: Partial<WaferRun> = {}): number => {
    const assumptions = { ...run.assumptions, ...more };
    return waferTokenNs({ ...run, ...other, assumptions }) / 1e3;
  };
  const codeUs = codes.map((code) => at({}, code));
  const [lowCrossing, highCrossing] = CROSSING_RANGE_US;
  const [wide, narrow] = LANE_RANGE;
  const { clockHz, clockHzMin } = run.wafer;
  const lanes: Swing = {
    figure: 'use of wider lanes by short vectors',
    range: '0 to 1, taken 0.5',
    lowUs: at({ laneUse: wide }),
    highUs: at({ laneUse: narrow }),
  };
  const clock = (slow: Figure): Swing => ({
    figure: 'clock',
    range:
      `${slow.value / 1e9} GHz, as the vendor's examples count, ` +
      `to ${clockHz.value / 1e9} GHz, taken`,
    lowUs: at({}),
    highUs: at({}, { wafer: { ...run.wafer, clockHz: slow } }),
  });
  const most = codes.at(-1)!.wafers;
  const swings: Swing[] = [
    ...(lanes.lowUs === lanes.highUs ? [] : [lanes]),
    {
      figure: CROSSING_FIGURE,
      range:
        `${lowCrossing} us (asynchronous) to ${highCrossing} us, taken ` +
        `${run.assumptions.crossingUs.toFixed(0)} us: what two services of August 2024 leave`,
      lowUs: at({ crossingUs: lowCrossing }),
      highUs: at({ crossingUs: highCrossing }),
    },
    ...(clockHzMin ? [clock(clockHzMin)] : []),
    {
      figure: "code in a PE's SRAM",
      range: `2 to 8 KiB, taken 4${most > run.wafers ? ` (8 KiB needs ${most} wafers)` : ''}`,
      lowUs: minOf(codeUs),
      highUs: maxOf(codeUs),
    },
  ];
  const tokenUs = (one: WaferRun): number => waferTokenNs(one) / 1e3;
  return {
    swings,
    lowUs: minOf(best.map((one) => tokenUs(one))),
    highUs: maxOf(worst.map((one) => tokenUs(one))),
  };
}

/** A run with other uses of code, and each with all assumed figures at their best and worst. */
export interface WaferCorners {
  readonly codes: readonly WaferRun[];
  readonly best: readonly WaferRun[];
  readonly worst: readonly WaferRun[];
}

/** The corners of a run. */
export function waferCorners(run: WaferRun): WaferCorners {
  const codes = CODE_RANGE.map((bytes) => withCode(run, bytes));
  const all = [run, ...codes];
  const [lowCrossing, highCrossing] = CROSSING_RANGE_US;
  const [wide, narrow] = LANE_RANGE;
  const assumed = (laneUse: number, crossingUs: number): WaferAssumptions => ({
    ...run.assumptions,
    laneUse,
    crossingUs,
  });
  return {
    codes,
    best: all.map((one) => ({ ...one, assumptions: assumed(wide, lowCrossing) })),
    worst: all.map((one) => ({
      ...one,
      wafer: { ...one.wafer, clockHz: one.wafer.clockHzMin ?? one.wafer.clockHz },
      assumptions: assumed(narrow, highCrossing),
    })),
  };
}

/** Wafers where code takes other bytes of a PE: more of them where the model no longer fits. */
function withCode(run: WaferRun, bytes: number): WaferRun {
  const code = { ...run.wafer.codeBytesPerPe, value: bytes };
  const wafer = { ...run.wafer, codeBytesPerPe: code };
  const { chips } = waferResidency(run, wafer);
  const other = { ...run, wafer, wafers: Math.max(run.wafers, chips), layout: undefined };
  return { ...other, layout: layoutOf(other) };
}
