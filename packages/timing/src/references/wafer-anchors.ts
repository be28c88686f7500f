/**
 * Cohort of single figures: those that follow from a kernel we describe, the others refused.
 */
import { tryWaferFacts, WAFER_CLOCKS_HZ } from '@wafer/core';
import { applyConstants, fitConstants } from '../fit/least-squares.ts';
import { refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { peMatvecFeatures } from '../ops/pe-kernels.ts';
import { PE_MATVEC } from '../published/pe-matvec.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { NOTHING_FITTED } from './cohort.ts';
import type { Cohort } from './cohort.ts';

/** y = A x of this size on every PE. */
const MATVEC_N = 100;
const F32_BYTES = 4;

/** Peta-units per second of the matvec on all PEs at the clock of the vendor's examples. */
function matvecRate(perMatvec: number): number {
  const wafer = tryWaferFacts('wse2')!;
  const fitRows = PE_MATVEC.rows.map((row) => ({
    ...peMatvecFeatures(numberAt(row, 'n')),
    measured: numberAt(row, 'cycles_per_matvec'),
  }));
  const cycles = applyConstants(fitConstants(fitRows), peMatvecFeatures(MATVEC_N));
  const pes = wafer.pesAcross.value * wafer.pesDown.value;
  return (perMatvec * pes * WAFER_CLOCKS_HZ.examples.value) / cycles / 1e15;
}

const MATVEC: Readonly<Record<string, () => number>> = {
  'memory bandwidth, relative counting': () =>
    matvecRate(F32_BYTES * (MATVEC_N ** 2 + 2 * MATVEC_N)),
  // Two reads and a write of each multiply-add, and the vectors once.
  'memory bandwidth, absolute counting': () => matvecRate(3 * F32_BYTES * MATVEC_N ** 2),
  'fp32 rate': () => matvecRate(2 * MATVEC_N ** 2),
};

function predict(row: PublishedRow): number | Refusal {
  const work = textAt(row, 'work');
  const matvec = MATVEC[textAt(row, 'quantity')];
  if (work === 'single-PE matvec scaled to the wafer' && matvec) return matvec();
  return refuse('a work whose kernels are not described');
}

export const ANCHORS: Cohort = {
  name: 'single figures of wafers',
  table: 'wafer-anchors',
  unit: 'as given',
  reference: 'value',
  label: ['work', 'machine', 'quantity', 'value', 'unit'],
  owns: () => true,
  calibrates: NOTHING_FITTED,
  fit: () => predict,
};
