/**
 * Error bars of a projection: the assumed figures' range, widened by the error of the cohort of
 * published rows that is nearest to each number.
 *
 * The rows of the same machine are taken where the cohort has some, all of it otherwise, and then
 * the number is said to be checked nowhere on that machine. A row that sets something counts with
 * its error after leaving it out. Stands above `serving`, since cohorts are made of it.
 */
import { assert, maxOf, plural } from '@wafer/core';
import { PUBLISHED } from '../published/tables.ts';
import type {
  Basis,
  BareProjection,
  BareTime,
  ProjectedTime,
  Projection,
} from '../serving/projection.ts';
import { projectBare } from '../serving/project-bare.ts';
import type { ProjectedWork } from '../serving/projection.ts';
import { COHORTS } from './cohorts.ts';
import { judgeRows } from './judge.ts';
import type { ValidationRow } from './judge.ts';

/** How far published rows of a cohort lie from the model. */
export interface CohortError {
  /** Largest error of the rows that were taken, as a share. */
  readonly largest: number;
  /** A prediction divided and multiplied by it spans what was published, of every row. */
  readonly factor: number;
  readonly rows: number;
  /** Whether rows of the same machine were found. */
  readonly isOwn: boolean;
}

const judged = new Map<string, readonly ValidationRow[]>();

function rowsOf(name: string): readonly ValidationRow[] {
  const known = judged.get(name);
  if (known) return known;
  const cohort = COHORTS.find((one) => one.name === name);
  assert(cohort !== undefined, 'a basis names a cohort', { name });
  const { rows } = PUBLISHED.find((table) => table.name === cohort.table)!;
  const found = judgeRows(cohort, rows, rows).filter(({ predicted }) => predicted !== undefined);
  judged.set(name, found);
  return found;
}

/** The error of the rows nearest to a number. */
export function cohortError({ cohort, machine }: Basis): CohortError {
  const all = rowsOf(cohort).flatMap((row) => {
    const error = row.isFitted ? row.leftOutError : row.error;
    return error === undefined ? [] : [{ machine: row.machine, error }];
  });
  const own = all.filter((row) => row.machine === machine);
  const taken = own.length > 0 ? own : all;
  const largest = maxOf(taken.map(({ error }) => Math.abs(error)));
  const factor = maxOf(taken.map(({ error }) => Math.max(1 + error, 1 / (1 + error))));
  return { largest, factor, rows: taken.length, isOwn: own.length > 0 };
}

/** A model on a machine by name, with error bars. Throws: PLAN_OPTION. */
export function project(work: ProjectedWork, name: string): Projection {
  return withErrorBars(projectBare(work, name));
}

/** A projection with its error bars. */
export function withErrorBars({ time, ...rest }: BareProjection): Projection {
  return time ? { ...rest, time: barred(time) } : rest;
}

function barred(time: BareTime): ProjectedTime {
  const token = cohortError(time.basis.token);
  const { prefill } = time.basis;
  const prompt = prefill && cohortError(prefill);
  const promptFactor = prompt?.factor ?? Number.NaN;
  const { leastMs = time.ttftMs, mostMs = time.ttftMs } = time.prompt ?? {};
  const [lowUs, highUs] = [time.lowUs / token.factor, time.highUs * token.factor];
  const ttftLowMs = time.promptRange?.lowMs ?? leastMs / promptFactor;
  const ttftHighMs = time.promptRange?.highMs ?? mostMs * promptFactor;
  // Of a request, in thousands: milliseconds for each microsecond of one.
  const answerKilotokens = (time.requestMs - time.ttftMs) / time.tokenUs;
  return {
    ...time,
    lowUs,
    highUs,
    ttftLowMs,
    ttftHighMs,
    requestLowMs: ttftLowMs + answerKilotokens * lowUs,
    requestHighMs: ttftHighMs + answerKilotokens * highUs,
    checked: [
      `token: ${basisText(time.basis.token, token)}`,
      ...(prefill && prompt ? [`prompt: ${basisText(prefill, prompt)}`] : []),
      ...(time.promptRange ? [`prompt: ${time.promptRange.text}`] : []),
      ...time.unchecked.map((what) => `${what}: not checked anywhere`),
    ].join('; '),
  };
}

function basisText(
  { cohort, machine, note }: Basis,
  { largest, rows, isOwn }: CohortError,
): string {
  const where = isOwn ? ` of ${machine}` : '';
  const elsewhere = isOwn ? '' : `, not checked anywhere on ${machine}`;
  const size = `${(100 * largest).toFixed(1)}% is the largest error`;
  const told = `${size} of ${plural(rows, 'row')}${where} in "${cohort}"`;
  return `${told}${elsewhere}${note === undefined ? '' : ` (${note})`}`;
}
