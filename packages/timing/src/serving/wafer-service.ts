/**
 * The crossing of a service: what a token loses between a wafer and the next, or the host.
 *
 * It was never published. Speeds without speculation are published for 8B on one wafer and for 70B
 * on four; a token crosses once in the first and four times in the second. Each row alone gives a
 * crossing, which predicts the other row.
 */
import { tryWaferFacts } from '@wafer/core';
import { VENDOR_SPEEDS } from '../published/vendor-speeds.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { tryModel } from './models.ts';
import { waferStep, waferStepNs } from './wafer-region.ts';
import type { WaferAssumptions, WaferRun } from './wafer-region.ts';

/** Halfway between no use of WSE-3's wider lanes and full use; the published kernels' software. */
export const NO_CROSSING: WaferAssumptions = { laneUse: 0.5, softwareScale: 1, crossingUs: 0 };
/** Context that services are measured at: not published. */
export const SERVICE_CONTEXT = 1024;

/** A service row as a run without crossings; undefined where it cannot be one. */
export function serviceRun(row: PublishedRow): WaferRun | undefined {
  const wafer = tryWaferFacts('wse3');
  const shape = tryModel(textAt(row, 'model'));
  const wafers = numberAt(row, 'systems');
  if (!wafer || !shape || !(wafers >= 1)) return undefined;
  const held = { shape, contextTokens: SERVICE_CONTEXT, batch: 1 };
  return { ...held, wafer, wafers, assumptions: NO_CROSSING };
}

/** Whether a row is a wafer's service without speculation. */
export function isPlainService(row: PublishedRow): boolean {
  return (
    textAt(row, 'system') === 'CS-3' &&
    textAt(row, 'speculative_decoding') === 'no' &&
    serviceRun(row) !== undefined
  );
}

/** Microseconds that a crossing takes where a row's speed is what the wafers leave. */
export function impliedCrossingUs(row: PublishedRow): number {
  const run = serviceRun(row);
  if (!run) return Number.NaN;
  const wholeUs = 1e6 / numberAt(row, 'tokens_per_second_per_user');
  const step = waferStep(run);
  return (wholeUs - waferStepNs(step) / 1e3) / step.crossings;
}

/** Tokens/s of a row's machine with a crossing. */
export function serviceTokensPerS(run: WaferRun, crossingUs: number): number {
  const assumptions = { ...run.assumptions, crossingUs };
  return 1e9 / waferStepNs(waferStep({ ...run, assumptions }));
}

let ours: { us: number; lowUs: number; highUs: number } | undefined;

/** The crossing of our rows: their mean, the least and the most. */
export function serviceCrossing(): { us: number; lowUs: number; highUs: number } {
  if (!ours) {
    const rows = VENDOR_SPEEDS.rows.filter(isPlainService);
    const all = rows.map((row) => Math.max(0, impliedCrossingUs(row))).toSorted((a, b) => a - b);
    const us = all.reduce((sum, value) => sum + value, 0) / all.length;
    ours = { us, lowUs: all[0]!, highUs: all.at(-1)! };
  }
  return ours;
}
