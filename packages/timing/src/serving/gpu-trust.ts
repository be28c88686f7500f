/**
 * What a projection on GPUs stands on that was measured elsewhere: other stacks, other GPUs.
 *
 * Its kernels are the quickest of each kind that were published: no stack has all of them. Rows of
 * whole stacks on the same GPU say how far that is from one.
 */
import { GPU_DECODE } from '../published/gpu-decode.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { decodeOfRow } from './gpu-decode.ts';
import type { GpuDecodeUse } from './gpu-decode.ts';

/** A published decode of a whole stack on a GPU. */
export interface MeasuredStack {
  readonly use: GpuDecodeUse;
  readonly model: string;
  readonly ms: number;
}

/** Decodes of a GPU whose model is known, cut by tensor parallelism alone. */
export function measuredStacks(gpu: string): MeasuredStack[] {
  const isOne = (row: PublishedRow, column: string): boolean => numberAt(row, column) === 1;
  return GPU_DECODE.rows.flatMap((row) => {
    const use = decodeOfRow(row);
    const isCut = isOne(row, 'pipeline_parallel') && isOne(row, 'expert_parallel');
    if (!use || textAt(row, 'gpu') !== gpu || !isCut) return [];
    return [{ use, model: textAt(row, 'model'), ms: numberAt(row, 'milliseconds_per_token') }];
  });
}

/** The nearest of them: as many GPUs as asked or fewer, the quickest stack. */
export function nearestStack(gpu: string, gpus: number): MeasuredStack | undefined {
  const fitting = measuredStacks(gpu).filter(({ use }) => use.tensorParallel <= gpus);
  return fitting.toSorted((a, b) => b.use.tensorParallel - a.use.tensorParallel || a.ms - b.ms)[0];
}

/** In words: what was measured of a GPU, and what this mix gives of the nearest of it. */
export function stackNote(
  gpu: string,
  nearest: MeasuredStack | undefined,
  projectedMs: number | undefined,
): string {
  const all = measuredStacks(gpu);
  const list = (values: readonly (string | number)[]): string => [...new Set(values)].join(', ');
  if (nearest === undefined || projectedMs === undefined) {
    return `no decode on ${gpu} was published to us: this mix of kernels was measured nowhere`;
  }
  const counts = all.map(({ use }) => use.tensorParallel).toSorted((a, b) => a - b);
  return (
    `those are ${list(all.map(({ model }) => model))} on ${list(counts)} GPUs with ` +
    `${list(all.map(({ use }) => use.stack))}; no stack has this mix of kernels: ` +
    `${nearest.model} on ${nearest.use.tensorParallel} with ${nearest.use.stack} took ` +
    `${nearest.ms} ms a token, prompt included, this mix gives ${projectedMs.toFixed(2)}`
  );
}
