/**
 * Cohorts of single kernels on WSE-2: reduces, one PE, dense and SUMMA products, mesh GEMV.
 */
import { WAFER_CLOCKS_HZ } from '@wafer/core';
import { chainReduceCycles, twoPhaseReduceCycles } from '../collective/mesh-line.ts';
import { applyConstants, fitConstants } from '../fit/least-squares.ts';
import {
  densePeFeatures,
  peMatvecFeatures,
  summaCycles,
  vectorOpCycles,
} from '../ops/pe-kernels.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { fitGathers, gatheredGemvMs, setsGather } from '../serving/gathered-gemv.ts';
import { bestGemvSide, meshGemvCycles } from '../serving/mesh-gemv.ts';
import { ALL_ROWS, NOTHING_FITTED } from './cohort.ts';
import type { Cohort, Predictor } from './cohort.ts';
import { refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';

const REDUCE: Cohort = {
  name: 'wafer reduce',
  table: 'wafer-reduce',
  unit: 'cycles',
  reference: 'cycles',
  label: ['algorithm', 'pes', 'vector_wavelets', 'group_size_pes'],
  owns: ALL_ROWS,
  calibrates: NOTHING_FITTED,
  fit: () => (row) => {
    const use = { pes: numberAt(row, 'pes'), wavelets: numberAt(row, 'vector_wavelets') };
    const algorithm = textAt(row, 'algorithm');
    if (algorithm === 'chain') return chainReduceCycles(use);
    if (algorithm !== 'two-phase') return refuse(`no closed form of ${algorithm} is compared`);
    return twoPhaseReduceCycles({ ...use, groupPes: numberAt(row, 'group_size_pes') });
  },
};

/** The shortest, a long misaligned and a long aligned vector set the two constants. */
const MATVEC_ROWS = [10, 70, 100];

const MATVEC: Cohort = {
  name: 'one-PE matvec',
  table: 'pe-matvec',
  unit: 'cycles',
  reference: 'cycles_per_matvec',
  label: ['n', 'dtype'],
  owns: ALL_ROWS,
  calibrates: (row) => MATVEC_ROWS.includes(numberAt(row, 'n')),
  fit: (rows): Predictor => {
    const constants = fitConstants(
      rows.map((row) => ({
        ...peMatvecFeatures(numberAt(row, 'n')),
        measured: numberAt(row, 'cycles_per_matvec'),
      })),
    );
    return (row) =>
      textAt(row, 'dtype') === 'fp32'
        ? applyConstants(constants, peMatvecFeatures(numberAt(row, 'n')))
        : refuse('only fp32 was published');
  },
};

function denseOf(row: PublishedRow): number[] {
  return densePeFeatures({
    width: numberAt(row, 'grid_width_pes'),
    height: numberAt(row, 'grid_height_pes'),
    n: numberAt(row, 'n'),
    k: numberAt(row, 'k'),
    m: numberAt(row, 'm'),
  });
}

const DENSE: Cohort = {
  name: 'wafer dense matmul',
  table: 'wafer-dense-mm',
  unit: 'cycles',
  reference: 'cycles_avg',
  label: ['grid_width_pes', 'grid_height_pes', 'n', 'k', 'm'],
  owns: ALL_ROWS,
  calibrates: (row) => numberAt(row, 'grid_height_pes') <= 12,
  fit: (rows) => {
    const constants = fitConstants(
      rows.map((row) => ({ features: denseOf(row), measured: numberAt(row, 'cycles_avg') })),
    );
    return (row) => applyConstants(constants, { features: denseOf(row) });
  },
};

const SUMMA_SIDE = 4;
const SUMMA_TILE = 14;

function summaPhase(phase: string): number | Refusal {
  const words = (SUMMA_SIDE * SUMMA_TILE) ** 2;
  const use = { side: SUMMA_SIDE, tile: SUMMA_TILE, wordsIn: 2 * words, wordsOut: words };
  const { hostIn, compute, broadcast, hostOut } = summaCycles(use);
  const phases: Readonly<Record<string, number>> = {
    host_to_device: hostIn,
    compute,
    one_fmacs_length_14: vectorOpCycles(SUMMA_TILE),
    broadcast_196_words: broadcast,
    device_to_host: hostOut,
    total: hostIn + compute + hostOut,
  };
  return phases[phase] ?? refuse('start-up and idle of another variant are not described');
}

const SUMMA: Cohort = {
  name: 'wafer SUMMA product',
  table: 'wafer-summa',
  unit: 'cycles',
  reference: 'cycles',
  label: ['phase'],
  owns: ALL_ROWS,
  calibrates: NOTHING_FITTED,
  fit: () => (row) => summaPhase(textAt(row, 'phase')),
};

const GEMV_LABEL = ['n', 'dtype', 'system', 'device', 'devices'];

const MESH_GEMV: Cohort = {
  name: 'wafer mesh GEMV',
  table: 'wafer-gemv',
  unit: 'ms',
  reference: 'milliseconds',
  label: GEMV_LABEL,
  owns: (row) => textAt(row, 'system') === 'MeshGEMV',
  calibrates: NOTHING_FITTED,
  fit: () => (row) => {
    if (textAt(row, 'device') !== 'WSE-2') return refuse('kernels are published for WSE-2 only');
    const n = numberAt(row, 'n');
    return (meshGemvCycles(n, bestGemvSide(n)) / WAFER_CLOCKS_HZ.paper.value) * 1e3;
  },
};

const GPU_GEMV: Cohort = {
  name: 'GPU GEMV, several GPUs',
  table: 'wafer-gemv',
  unit: 'ms',
  reference: 'milliseconds',
  label: GEMV_LABEL,
  owns: (row) => textAt(row, 'system') !== 'MeshGEMV',
  calibrates: setsGather,
  fit: (rows): Predictor => {
    const gathers = fitGathers(rows);
    return (row) => gatheredGemvMs(gathers, numberAt(row, 'n'), numberAt(row, 'devices'));
  },
};

export const WAFER_KERNEL_COHORTS: readonly Cohort[] = [
  REDUCE,
  MATVEC,
  DENSE,
  SUMMA,
  MESH_GEMV,
  GPU_GEMV,
];
