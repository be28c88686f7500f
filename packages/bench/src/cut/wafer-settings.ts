/**
 * A model on a wafer with its settings resolved: what an experiment is told to run.
 */
import { arch } from 'node:os';
import type { Model, WaferOptions } from '@wafer/runtime';
import type { ResolvedOptions } from '@wafer/runtime/internal';

/** A model on a wafer with its settings resolved. */
export interface WaferSettings {
  options: WaferOptions & { model: Model; rounding: 'fused' | 'plain' };
  resolved: ResolvedOptions;
}

/** How results are computed, for people: rounding, and what is unusual besides. */
export function arithmeticText(arithmetic: {
  rounding: string;
  activations: string;
  kv: string;
}): string {
  const { rounding, activations, kv } = arithmetic;
  const words = [
    `${rounding} rounding`,
    ...(activations === 'f32' ? [] : [`${activations} activations`]),
    ...(kv === 'f32' ? [] : [`${kv} KV cache`]),
  ];
  return words.join(', ');
}

/** Width of the kernels' vectors. */
export function vectorBits(options: Pick<WaferOptions, 'revectorize'>): number {
  return (options.revectorize ?? false) && arch() === 'x64' ? 256 : 128;
}
