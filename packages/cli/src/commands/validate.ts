/**
 * `wafer validate`: what described machines predict beside what was published: cohorts, then rows,
 * worst first; with `--against`, beside any table with the same columns.
 */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { linesOf, Table } from '@wafer/bench/common';
import type { Column, Line } from '@wafer/bench/common';
import { plural } from '@wafer/core';
import { missedText, validate, validateTable } from '@wafer/timing';
import type { Judgment, ValidationRow } from '@wafer/timing';
import { readCount } from '../flags/option-values.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface ValidateFlags {
  rows?: number;
  against?: string;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer validate
  wafer validate --rows 400
  wafer validate --against gpu-decode.csv --json`;

const LEGEND =
  'Cohorts count rows that set nothing in the model; where all rows of a cohort are nodes of a ' +
  'table, each is left out in turn. "left out": errors of fitted rows by fitting the others.';
/** More are for `--rows` and `--json`. */
const ROWS_DEFAULT = 20;
/** What prose is wide, where no terminal says less. */
const PROSE_COLUMNS = 100;

export function addValidate(program: Command, terminal: Terminal): void {
  program
    .command('validate')
    .summary('compare described machines with published results')
    .description(
      'Prints errors of cohorts, then prediction and reference of published rows, worst first.',
    )
    .option('--rows <n>', `print the worst n (default: ${ROWS_DEFAULT})`, readCount)
    .option('--against <file>', 'judge the rows of a CSV file with the columns of a table of ours')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((flags: ValidateFlags) => print(flags, terminal));
}

async function print(flags: ValidateFlags, terminal: Terminal): Promise<void> {
  const against = flags.against;
  const result =
    against === undefined ? validate() : validateTable(await readFile(against, 'utf8'));
  if (flags.json) return terminal.writeJson(result);
  const { rows, cohorts } = result;
  const refused = rows.filter((row) => row.refused !== undefined);
  const legend = linesOf([LEGEND], Math.min(PROSE_COLUMNS, terminal.width));
  // A table of somebody else's has rows that no gate was made for.
  const missed = against === undefined ? missedLines(cohorts, terminal) : [];
  const lines: Line[] = [cohortTable(cohorts), '', ...legend, '', ...missed];
  if (refused.length > 0) lines.push(refusedTable(refused), '');
  const answered = rows.filter((row) => row.refused === undefined);
  const worst = answered.slice(0, flags.rows ?? ROWS_DEFAULT);
  const which =
    `The worst ${worst.length} of ${plural(answered.length, 'row')}, fitted ones by their error ` +
    'when left out; --rows N prints more.';
  return terminal.writeLines([...lines, which, rowTable(worst)]);
}

const right = (title: string): Column => ({ title, align: 'right' });

function rowTable(rows: readonly ValidationRow[]): Table {
  const columns = [{ title: 'cohort' }, { title: 'row' }, right('predicted'), right('reference')];
  return new Table(
    [...columns, { title: 'unit' }, right('error'), right('left out')],
    rows.flatMap(({ cohort, row, predicted, reference, unit, error, isFitted, leftOutError }) =>
      predicted === undefined || error === undefined
        ? []
        : [
            [
              cohort,
              row,
              figure(predicted),
              figure(reference),
              unit,
              signed(error),
              isFitted ? fittedText(leftOutError) : '',
            ],
          ],
    ),
    { keyCount: 2 },
  );
}

function fittedText(leftOutError: number | undefined): string {
  return leftOutError === undefined ? 'fitted' : signed(leftOutError);
}

function cohortTable(cohorts: readonly Judgment[]): Table {
  return new Table(
    [
      { title: 'cohort' },
      right('answered'),
      right('median error'),
      right('largest'),
      { ...right('fitted'), isDetail: true },
      { ...right('bias'), isDetail: true },
      { ...right('left out'), isDetail: true },
    ],
    cohorts.map(({ cohort, rows, answered, fitted, median, max, bias, leftOut }) => [
      cohort,
      `${answered} of ${rows}`,
      percent(median),
      percent(max),
      String(fitted),
      Number.isNaN(bias) ? '-' : signed(bias),
      leftOut === undefined ? '-' : `${percent(leftOut.median)}, ${percent(leftOut.max)}`,
    ]),
  );
}

/** What is farther off than it is to be, and why. */
function missedLines(cohorts: readonly Judgment[], terminal: Terminal): Line[] {
  const texts = cohorts.flatMap((judgment) => {
    const text = missedText(judgment);
    return text === undefined ? [] : [`not met, ${judgment.cohort}: ${text}`];
  });
  return texts.length === 0 ? [] : [...linesOf(texts, Math.min(PROSE_COLUMNS, terminal.width)), ''];
}

/** How many rows of a cohort are not answered, by reason; `--json` names each. */
function refusedTable(refused: readonly ValidationRow[]): Table {
  const kinds = Map.groupBy(refused, ({ cohort, refused: reason }) =>
    JSON.stringify([cohort, reason]),
  );
  const rows = [...kinds.values()].map((alike): string[] => {
    const [{ cohort, refused: reason } = { cohort: '', refused: '' }] = alike;
    return [cohort, String(alike.length), reason ?? ''];
  });
  return new Table([{ title: 'cohort' }, right('not answered'), { title: 'as' }], rows);
}

function percent(value: number): string {
  return Number.isNaN(value) ? '-' : `${(100 * value).toFixed(1)}%`;
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${(100 * value).toFixed(1)}%`;
}

function figure(value: number): string {
  return value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
