/**
 * All published tables, by name.
 */
import { GPU_ALL_REDUCE } from './gpu-all-reduce.ts';
import { GPU_ATTENTION } from './gpu-attention.ts';
import { GPU_CLUSTER_ALL_REDUCE } from './gpu-cluster-all-reduce.ts';
import { GPU_DECODE } from './gpu-decode.ts';
import { GPU_GEMV } from './gpu-gemv.ts';
import { GPU_PREFILL } from './gpu-prefill.ts';
import { PE_MATVEC } from './pe-matvec.ts';
import { WAFER_DECODE } from './wafer-decode.ts';
import { WAFER_DENSE_MM } from './wafer-dense-mm.ts';
import { WAFER_END_TO_END } from './wafer-end-to-end.ts';
import { WAFER_GEMV } from './wafer-gemv.ts';
import { WAFER_PREFILL } from './wafer-prefill.ts';
import { WAFER_REDUCE } from './wafer-reduce.ts';
import { WAFER_SUMMA } from './wafer-summa.ts';
import { VENDOR_SPEEDS } from './vendor-speeds.ts';
import { WAFER_ANCHORS } from './wafer-anchors.ts';
import { WAFER_ENERGY_RATIOS } from './wafer-energy-ratios.ts';
import type { PublishedTable } from './published-table.ts';

export const PUBLISHED: readonly PublishedTable[] = [
  GPU_ALL_REDUCE,
  GPU_ATTENTION,
  GPU_CLUSTER_ALL_REDUCE,
  GPU_DECODE,
  GPU_GEMV,
  GPU_PREFILL,
  PE_MATVEC,
  WAFER_DECODE,
  WAFER_DENSE_MM,
  WAFER_END_TO_END,
  WAFER_GEMV,
  WAFER_PREFILL,
  WAFER_REDUCE,
  WAFER_SUMMA,
  VENDOR_SPEEDS,
  WAFER_ANCHORS,
  WAFER_ENERGY_RATIOS,
];
