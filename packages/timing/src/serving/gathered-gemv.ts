/**
 * A matrix times one vector over several A100: each has its rows, and the result is gathered.
 *
 * What gathering costs belongs to the number of GPUs and the stack, which is not named; the longest
 * published vector sets it. Source: WaferLLM (arXiv 2502.04563v3) Table 6.
 */
import { isRefusal, refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { gemvUs } from '../ops/gpu-gemv.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { WAFER_GEMV } from '../published/wafer-gemv.ts';

const LONGEST = 32_768;

/** Milliseconds that gathering costs, by number of GPUs. */
export type Gathers = ReadonlyMap<number, number>;

/** A row that sets what gathering costs. */
export function setsGather(row: PublishedRow): boolean {
  const isSeveral = numberAt(row, 'devices') > 1 && textAt(row, 'device') === 'A100';
  return isSeveral && numberAt(row, 'n') === LONGEST;
}

/** What gathering costs by rows. */
export function fitGathers(rows: readonly PublishedRow[]): Gathers {
  return new Map(
    rows.flatMap((row): [number, number][] => {
      const gpus = numberAt(row, 'devices');
      const own = shareUs(numberAt(row, 'n'), gpus);
      return isRefusal(own) ? [] : [[gpus, numberAt(row, 'milliseconds') - own / 1e3]];
    }),
  );
}

/** Milliseconds of [1, n] x [n, n] over GPUs. */
export function gatheredGemvMs(gathers: Gathers, n: number, gpus: number): number | Refusal {
  const own = shareUs(n, gpus);
  const gather = gpus === 1 ? 0 : gathers.get(gpus);
  if (isRefusal(own)) return own;
  return gather === undefined ? refuse(`no row of ${gpus} GPUs sets it`) : own / 1e3 + gather;
}

/** The same by our rows. */
export function gpuGemvMs(n: number, gpus: number): number | Refusal {
  return gatheredGemvMs(fitGathers(WAFER_GEMV.rows.filter(setsGather)), n, gpus);
}

function shareUs(n: number, gpus: number): number | Refusal {
  return gemvUs({ gpu: 'A100', type: 'bf16', n: n / gpus, k: n });
}
