/**
 * `wafer validate`: what the described machines predict beside what was published, worst first.
 */
import type { Command } from 'commander';
import { judge, validate } from '@wafer/timing';
import type { Cohort, ValidationRow } from '@wafer/timing';
import { Table } from '@wafer/bench';
import type { Column } from '@wafer/bench';
import { readCount } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

interface ValidateFlags {
  rows?: number;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer validate
  wafer validate --rows 10
  wafer validate --json`;

export function addValidate(program: Command, terminal: Terminal): void {
  program
    .command('validate')
    .summary('compare described machines with published results')
    .description('Prints prediction, reference and error of each published row, worst first.')
    .option('--rows <n>', 'print the worst n (default: all)', readCount)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((flags: ValidateFlags) => print(flags, terminal));
}

async function print(flags: ValidateFlags, terminal: Terminal): Promise<void> {
  const rows = validate();
  const cohorts = [...new Set(rows.map(({ cohort }) => cohort))].toSorted();
  const judged = cohorts.map((cohort) => ({ cohort, ...judge(rows, cohort) }));
  if (flags.json) return terminal.writeJson({ cohorts: judged, rows });
  const lines = [
    rowTable(rows.slice(0, flags.rows)),
    '',
    cohortTable(judged),
    '',
    'Rows marked fitted set a figure of the model and prove nothing; cohorts leave them out.',
    'GPU decode holds host software that is not predicted; wafer crossings are not published.',
  ];
  return terminal.writeLines(lines);
}

const right = (title: string): Column => ({ title, align: 'right' });

function rowTable(rows: readonly ValidationRow[]): Table {
  const columns = [{ title: 'cohort' }, { title: 'row' }, right('predicted'), right('reference')];
  return new Table(
    [...columns, { title: 'unit' }, right('error'), { title: '' }],
    rows.map(({ cohort, row, predicted, reference, unit, error, isFitted }) => [
      cohort,
      row,
      figure(predicted),
      figure(reference),
      unit,
      `${error < 0 ? '' : '+'}${(100 * error).toFixed(1)}%`,
      isFitted ? 'fitted' : '',
    ]),
    { keyCount: 2 },
  );
}

function cohortTable(
  judged: readonly { cohort: Cohort; count: number; median: number; max: number }[],
): Table {
  return new Table(
    [{ title: 'cohort' }, right('rows'), right('median error'), right('largest')],
    judged.map(({ cohort, count, median, max }) => [
      cohort,
      String(count),
      `${(100 * median).toFixed(1)}%`,
      `${(100 * max).toFixed(1)}%`,
    ]),
  );
}

function figure(value: number): string {
  return value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
