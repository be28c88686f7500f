/**
 * Picks the linear kernel for a weight type and a kind of activations: 8-bit activations are for
 * some types alone, other weights take f32 as ever.
 */
import { type Activations, isInt8Type, type WeightType } from '@wafer/core';
import type { Kernels, LinearKernel } from './kernels.ts';

export function linearKernel(
  kernels: Kernels,
  type: WeightType,
  activations: Activations,
): LinearKernel {
  if (activations === 'int8' && isInt8Type(type)) return kernels.linearInt8[type];
  return kernels.linear[type];
}
