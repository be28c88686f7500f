/**
 * Predictions beside published results: every row answered, or refused with its reason.
 *
 * Ours are the tables of `published/`. Any other table with the same columns is judged the same
 * way: its rows are new ones, or ours again, which are then marked as fitted where they were.
 */
import { WaferError } from '@wafer/core';
import type { Cohort } from './cohort.ts';
import { COHORTS } from './cohorts.ts';
import { judge, judgeRows } from './judge.ts';
import type { Judgment, ValidationRow } from './judge.ts';
import { readTable } from '../published/published-table.ts';
import { PUBLISHED } from '../published/tables.ts';

export interface Validation {
  readonly cohorts: readonly Judgment[];
  readonly rows: readonly ValidationRow[];
}

/** One table that was judged. */
export interface TableValidation extends Validation {
  readonly table: string;
  readonly rowCount: number;
  readonly answeredCount: number;
  readonly refusedCount: number;
}

/** Every published row with its prediction, the largest error first, refused ones last. */
export function validate(): Validation {
  const rows = COHORTS.flatMap((cohort) => {
    const { rows: ours } = tableNamed(cohort.table);
    return judgeRows(cohort, ours, ours);
  });
  return validationOf(COHORTS, rows);
}

/**
 * A table with the columns of one of ours, any subset of rows.
 * Throws: VALIDATE_TABLE where no table has its columns, or no row is answered.
 */
export function validateTable(text: string): TableValidation {
  const { columns, rows } = readTable(text);
  const fitting = PUBLISHED.filter((ours) =>
    ours.columns.every((column) => columns.includes(column)),
  ).toSorted((a, b) => b.columns.length - a.columns.length);
  const table = fitting[0];
  if (!table) {
    throw new WaferError('VALIDATE_TABLE', {
      rows: rows.length,
      reason: `its columns are ${columns.join(', ')}`,
      expected: `the columns of ${PUBLISHED.map(({ name }) => name).join(', ')}`,
    });
  }
  const cohorts = COHORTS.filter((cohort) => cohort.table === table.name);
  const judged = cohorts.flatMap((cohort) => judgeRows(cohort, table.rows, rows));
  const answered = judged.filter(({ predicted }) => predicted !== undefined);
  if (answered.length === 0) {
    throw new WaferError('VALIDATE_TABLE', {
      rows: rows.length,
      reason: `none is answered, the first since ${judged[0]?.refused ?? 'there is none'}`,
      expected: `a row of ${table.name} that is answered`,
    });
  }
  return {
    table: table.name,
    rowCount: rows.length,
    answeredCount: answered.length,
    refusedCount: rows.length - answered.length,
    ...validationOf(cohorts, judged),
  };
}

function tableNamed(name: string): (typeof PUBLISHED)[number] {
  return PUBLISHED.find((table) => table.name === name)!;
}

function validationOf(cohorts: readonly Cohort[], rows: readonly ValidationRow[]): Validation {
  const size = (row: ValidationRow): number =>
    Math.abs(row.leftOutError ?? row.error ?? Number.NEGATIVE_INFINITY);
  const worst = (row: ValidationRow): number =>
    row.predicted === undefined ? Number.NEGATIVE_INFINITY : size(row);
  const judged = cohorts
    .filter((cohort) => rows.some((row) => row.cohort === cohort.name))
    .map((cohort) => judge(rows, cohort.name));
  return { cohorts: judged, rows: rows.toSorted((a, b) => worst(b) - worst(a)) };
}
