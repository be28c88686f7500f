/**
 * A cohort: published rows that one predictor answers, and the rows that set its constants.
 *
 * A predictor is made from rows alone (`fit`), so leaving a row out is making it from the others.
 * A row that cannot be answered is refused with the reason; nothing is guessed in passing.
 */
import type { Refusal } from '../fit/refusal.ts';
import type { PublishedRow } from '../published/published-table.ts';

export type Predictor = (row: PublishedRow) => number | Refusal;

export type CohortUnit = 'us' | 'ms' | 'cycles' | 'tokens/s' | 'tokens' | 'ratio' | 'as given';

export interface Cohort {
  readonly name: string;
  /** Name of the table its rows stand in. */
  readonly table: string;
  readonly unit: CohortUnit;
  /** Column of the published figure. */
  readonly reference: string;
  /** Columns that name a row, in the order they are printed. */
  readonly label: readonly string[];
  /** The machine a row was measured on, where error bars ask for it. */
  machine?(row: PublishedRow): string;
  owns(row: PublishedRow): boolean;
  /**
   * Whether a row of ours sets a constant, or is a node of a table that is interpolated; it may
   * belong to another cohort of the same table.
   */
  calibrates(row: PublishedRow): boolean;
  /** A predictor from rows that calibrate. */
  fit(rows: readonly PublishedRow[]): Predictor;
}

/** No row sets anything: a formula without constants of its own. */
export const NOTHING_FITTED = (): boolean => false;
/** Every row is a node of the table. */
export const EVERY_ROW = (): boolean => true;
/** The only cohort of a table. */
export const ALL_ROWS = (): boolean => true;
