/**
 * Few constants from published rows: least squares of relative errors, no constant below zero.
 *
 * A constant below zero would be a cost that pays. With five constants at most all subsets of them
 * are tried, so the answer is exact and the same everywhere.
 *
 * Source: Lawson 1974, "Solving Least Squares Problems" (the problem; subsets are enumerated).
 */
import { assert, WaferError } from '@wafer/core';

/** One published figure: what each constant multiplies, what is known, what was measured. */
export interface FitRow {
  readonly features: readonly number[];
  /** Part of the prediction that no constant multiplies. */
  readonly fixed?: number;
  readonly measured: number;
}

const CONSTANTS_MAX = 6;

/** The constants that miss the rows least. Throws: PLAN_OPTION without rows. */
export function fitConstants(rows: readonly FitRow[]): number[] {
  const count = rows[0]?.features.length ?? 0;
  if (count === 0 || count > CONSTANTS_MAX) {
    const expected = `1 to ${CONSTANTS_MAX} constants and a row at least`;
    throw new WaferError('PLAN_OPTION', { option: 'fit', value: count, expected });
  }
  let best: { constants: number[]; miss: number } | undefined;
  for (let subset = 1; subset < 2 ** count; subset++) {
    const own = Array.from({ length: count }, (_, i) => i).filter((i) => (subset >> i) % 2 === 1);
    const solved = own.length > rows.length ? undefined : solveSubset(rows, own);
    if (solved === undefined || solved.some((value) => !(value >= 0))) continue;
    const constants = Array.from({ length: count }, (_, i) => solved[own.indexOf(i)] ?? 0);
    const miss = missOf(rows, constants);
    if (best === undefined || miss < best.miss) best = { constants, miss };
  }
  return best?.constants ?? Array.from({ length: count }, () => 0);
}

/** What the constants make of a row. */
export function applyConstants(
  constants: readonly number[],
  { features, fixed = 0 }: Pick<FitRow, 'features' | 'fixed'>,
): number {
  return features.reduce((sum, feature, i) => sum + feature * constants[i]!, fixed);
}

function missOf(rows: readonly FitRow[], constants: readonly number[]): number {
  return rows.reduce(
    (sum, row) => sum + (applyConstants(constants, row) / row.measured - 1) ** 2,
    0,
  );
}

/** Normal equations over some of the constants; undefined where rows do not tell them apart. */
function solveSubset(rows: readonly FitRow[], own: readonly number[]): number[] | undefined {
  assert(own.length <= rows.length, 'a constant has a row at least', { own, rows: rows.length });
  const scaled = rows.map(({ features, fixed = 0, measured }) => ({
    x: own.map((i) => features[i]! / measured),
    y: 1 - fixed / measured,
  }));
  const matrix = own.map((_, a) => [
    ...own.map((_, b) => scaled.reduce((sum, { x }) => sum + x[a]! * x[b]!, 0)),
    scaled.reduce((sum, { x, y }) => sum + x[a]! * y, 0),
  ]);
  return solve(matrix);
}

/** Gauss with pivots over [n, n + 1]. */
function solve(matrix: number[][]): number[] | undefined {
  const count = matrix.length;
  const scales = matrix.map((row, i) => Math.abs(row[i]!));
  for (let column = 0; column < count; column++) {
    const pivot = pivotOf(matrix, column);
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    const head = matrix[column]!;
    if (Math.abs(head[column]!) <= 1e-12 * scales[column]!) return undefined;
    for (const [i, row] of matrix.entries()) {
      if (i === column) continue;
      const factor = row[column]! / head[column]!;
      for (let place = column; place <= count; place++) row[place]! -= factor * head[place]!;
    }
  }
  return matrix.map((row, i) => row[count]! / row[i]!);
}

function pivotOf(matrix: readonly number[][], column: number): number {
  let pivot = column;
  for (let i = column + 1; i < matrix.length; i++) {
    if (Math.abs(matrix[i]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = i;
  }
  return pivot;
}
