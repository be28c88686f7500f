/**
 * `npm run validation`: writes docs/validation, what the model says of each published row.
 *
 * The test beside fails where an error grows or a row is no longer answered; a change that is
 * meant to is committed together with these files.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GATES, gateText, isMet, missedText } from '../src/references/gates.ts';
import { validate } from '../src/references/validate.ts';
import type { Judgment, ValidationRow } from '../src/references/judge.ts';

const FOLDER = new URL('../../../docs/validation/', import.meta.url);
export const ROWS_FILE: URL = new URL('rows.csv', FOLDER);
export const COHORTS_FILE: URL = new URL('README.md', FOLDER);

const HEAD = [
  '# Described machines beside published results',
  '',
  'Made by `npm run validation`, which runs `wafer validate`. Median, largest and bias are those ' +
    'of rows that set nothing in the model; where all rows of a cohort are nodes of a table, ' +
    'each is left out in turn. "Left out": median and largest of fitted rows by fitting others. ' +
    '"Gate": how near median and largest are to come; a cohort without one has too few rows. ' +
    'Rows are in rows.csv.',
  '',
  '| cohort | answered | fitted | judged | median | largest | gate | bias | left out |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  '',
].join('\n');

/** The page of cohorts. */
export function cohortPage(cohorts: readonly Judgment[]): string {
  const lines = cohorts.map((judgment) => {
    const { cohort, rows, answered, fitted, judged, median, max, bias, leftOut } = judgment;
    return `| ${[
      cohort,
      `${answered} of ${rows}`,
      fitted,
      judged,
      percent(median),
      percent(max),
      gateOf(judgment),
      percent(bias),
      leftOut ? `${percent(leftOut.median)}, ${percent(leftOut.max)}` : '-',
    ].join(' | ')} |`;
  });
  return [`${HEAD}${lines.join('\n')}`, '## Not met, and why', ...reasons(cohorts), ''].join(
    '\n\n',
  );
}

function gateOf(judgment: Judgment): string {
  const gate = GATES[judgment.cohort];
  if (gate === undefined) return '-';
  return `${gateText(gate)}${isMet(judgment, gate) ? '' : ', **not met**'}`;
}

function reasons(cohorts: readonly Judgment[]): string[] {
  return cohorts.flatMap((judgment) => {
    const text = missedText(judgment);
    return text === undefined ? [] : [`**${judgment.cohort}** ${text}`];
  });
}

/** All rows as CSV, by cohort and name. */
export function rowsFile(rows: readonly ValidationRow[]): string {
  const head = 'cohort,row,reference,predicted,error,fitted,left_out_error,refused';
  const lines = rows.map((row) =>
    [
      quoted(row.cohort),
      quoted(row.row),
      row.reference,
      row.predicted?.toPrecision(5) ?? '',
      row.error?.toFixed(4) ?? '',
      row.isFitted ? 'yes' : 'no',
      row.leftOutError?.toFixed(4) ?? '',
      quoted(row.refused ?? ''),
    ].join(','),
  );
  return `${[head, ...lines.toSorted()].join('\n')}\n`;
}

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function percent(value: number): string {
  return Number.isNaN(value) ? '-' : `${(100 * value).toFixed(1)} %`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rows, cohorts } = validate();
  writeFileSync(ROWS_FILE, rowsFile(rows));
  writeFileSync(COHORTS_FILE, cohortPage(cohorts));
}
