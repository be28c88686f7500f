/**
 * All cohorts, in the order they are printed.
 */
import type { Cohort } from './cohort.ts';
import { GPU_OPERATOR_COHORTS } from './gpu-operators.ts';
import { ENERGY_COHORTS } from './energy.ts';
import { GPU_SERVING_COHORTS } from './gpu-serving.ts';
import { SERVICE_COHORTS } from './services.ts';
import { ANCHORS } from './wafer-anchors.ts';
import { WAFER_KERNEL_COHORTS } from './wafer-kernels.ts';
import { WAFER_LAYER_COHORTS } from './wafer-layers.ts';

export const COHORTS: readonly Cohort[] = [
  ...WAFER_KERNEL_COHORTS,
  ...WAFER_LAYER_COHORTS,
  ...GPU_OPERATOR_COHORTS,
  ...GPU_SERVING_COHORTS,
  ...SERVICE_COHORTS,
  ...ENERGY_COHORTS,
  ANCHORS,
];
