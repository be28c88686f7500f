/**
 * Rows beside predictions, and what a cohort is worth: answered, median, largest, bias.
 *
 * A row that calibrates proves nothing of its own prediction; it is judged by leaving it out and
 * fitting the others. Both kinds are counted, apart.
 */
import { assert } from '@wafer/core';
import type { Cohort, CohortUnit, Predictor } from './cohort.ts';
import { isRefusal } from '../fit/refusal.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';

export interface ValidationRow {
  readonly cohort: string;
  readonly row: string;
  readonly unit: CohortUnit;
  readonly reference: number;
  /** Where the cohort tells machines apart. */
  readonly machine?: string;
  /** Absent where the row is refused. */
  readonly predicted?: number;
  /** Predicted over reference, less 1. */
  readonly error?: number;
  readonly refused?: string;
  /** Whether a constant or a node of the model was set by this row. */
  readonly isFitted: boolean;
  /** Error of a fitted row after fitting all others. */
  readonly leftOutError?: number;
}

export interface Judgment {
  readonly cohort: string;
  readonly rows: number;
  readonly answered: number;
  readonly fitted: number;
  /**
   * Answered rows that nothing was fitted to; where all are fitted, those that can be left out.
   * Median, largest and bias (mean of the signed errors) are theirs.
   */
  readonly judged: number;
  readonly median: number;
  readonly max: number;
  readonly bias: number;
  /** Errors of fitted rows, each by fitting all others. */
  readonly leftOut?: { readonly count: number; readonly median: number; readonly max: number };
}

/** One cohort's rows. `ours` calibrate; `rows` are judged. */
export function judgeRows(
  cohort: Cohort,
  ours: readonly PublishedRow[],
  rows: readonly PublishedRow[],
): ValidationRow[] {
  const calibrating = ours.filter((row) => cohort.calibrates(row));
  const predict = cohort.fit(calibrating);
  assert(
    new Set(calibrating.map((row) => keyOf(cohort, row))).size === calibrating.length,
    'rows have names of their own',
    { cohort: cohort.name },
  );
  const places = new Map(calibrating.map((row, place) => [keyOf(cohort, row), place]));
  return rows
    .filter((row) => cohort.owns(row))
    .map((row) => {
      const place = places.get(keyOf(cohort, row));
      const others =
        place === undefined ? undefined : cohort.fit(calibrating.filter((_, i) => i !== place));
      return judgeRow(cohort, row, predict, others);
    });
}

function judgeRow(
  cohort: Cohort,
  row: PublishedRow,
  predict: Predictor,
  others: Predictor | undefined,
): ValidationRow {
  const reference = numberAt(row, cohort.reference);
  const base = {
    cohort: cohort.name,
    row: keyOf(cohort, row),
    unit: cohort.unit,
    reference,
    ...(cohort.machine ? { machine: cohort.machine(row) } : {}),
    isFitted: others !== undefined,
  };
  const predicted = predict(row);
  if (isRefusal(predicted)) return { ...base, ...predicted };
  if (!Number.isFinite(predicted) || !(reference > 0)) {
    return { ...base, refused: 'a cell that the prediction needs is absent' };
  }
  const error = predicted / reference - 1;
  const left = others?.(row);
  const isLeft = left !== undefined && !isRefusal(left) && Number.isFinite(left);
  return {
    ...base,
    predicted,
    error,
    ...(isLeft ? { leftOutError: left / reference - 1 } : {}),
  };
}

function keyOf(cohort: Cohort, row: PublishedRow): string {
  return cohort.label
    .map((column) => textAt(row, column))
    .filter((cell) => cell !== '')
    .join(', ');
}

/** What the rows of a cohort say together. */
export function judge(rows: readonly ValidationRow[], cohort: string): Judgment {
  const own = rows.filter((row) => row.cohort === cohort);
  const answered = own.filter((row) => row.predicted !== undefined);
  const free = answered.flatMap(({ isFitted, error }) =>
    isFitted || error === undefined ? [] : [error],
  );
  const left = answered.flatMap(({ leftOutError }) => leftOutError ?? []);
  const errors = free.length > 0 ? free : left;
  const leftOut = spreadOf(left);
  return {
    cohort,
    rows: own.length,
    answered: answered.length,
    fitted: answered.filter(({ isFitted }) => isFitted).length,
    judged: errors.length,
    ...spreadOf(errors),
    bias: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    ...(left.length > 0 ? { leftOut: { count: left.length, ...leftOut } } : {}),
  };
}

/** Median and largest size of errors. */
function spreadOf(errors: readonly number[]): { median: number; max: number } {
  const sizes = errors.map(Math.abs).toSorted((a, b) => a - b);
  const middle = (sizes.length - 1) / 2;
  const [low, high] = [sizes[Math.floor(middle)], sizes[Math.ceil(middle)]];
  const isNone = low === undefined || high === undefined;
  return {
    median: isNone ? Number.NaN : (low + high) / 2,
    max: sizes.at(-1) ?? Number.NaN,
  };
}
