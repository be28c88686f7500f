/**
 * How far two sets of logits are apart, and whether greedy decoding would choose alike.
 */
import { Wafer } from '@wafer/runtime';
import type { Model } from '@wafer/runtime';

export type LogitRows = readonly ArrayLike<number>[]; // [T] of [V]

/** Logits after each token of a model on one tile. */
export async function waferLogits(
  model: Model | string,
  tokens: readonly number[],
): Promise<Float32Array[]> {
  await using wafer = await Wafer.start({ model, grid: '1x1' });
  return await logitsOf(wafer, tokens);
}

/** Logits after each token. */
export async function logitsOf(wafer: Wafer, tokens: readonly number[]): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for await (const { logits } of wafer.logits(tokens)) rows.push(logits);
  return rows;
}

/** The largest difference of any logit; not finite if any logit is. */
export function worstDifference(actual: LogitRows, wanted: LogitRows): number {
  if (actual.length !== wanted.length) return Infinity;
  let worst = 0;
  actual.forEach((row, position) => {
    const wantedRow = wanted[position] ?? [];
    if (row.length !== wantedRow.length) worst = Infinity;
    for (let id = 0; id < row.length; id++) {
      const difference = Math.abs((row[id] as number) - (wantedRow[id] as number));
      worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
    }
  });
  return worst;
}

/**
 * Positions whose likeliest token differs although the wanted one leads by more than two
 * tolerances: each logit may be off by one.
 */
export function differentChoices(
  actual: LogitRows,
  wanted: LogitRows,
  tolerance: number,
): { differing: number[]; comparedCount: number } {
  const differing: number[] = [];
  let comparedCount = 0;
  wanted.forEach((row, position) => {
    if (leadOf(row) <= 2 * tolerance) return;
    comparedCount++;
    if (argmax(actual[position] ?? []) !== argmax(row)) differing.push(position);
  });
  return { differing, comparedCount };
}

/** How far the largest logit is above the second. */
export function leadOf(row: ArrayLike<number>): number {
  const [first = NaN, second = NaN] = Array.from(row).toSorted((a, b) => b - a);
  return first - second;
}

/** The id of the largest logit; the lowest of equal ones. */
export function argmax(row: ArrayLike<number>): number {
  let best = 0;
  for (let id = 1; id < row.length; id++) {
    if ((row[id] as number) > (row[best] as number)) best = id;
  }
  return best;
}
