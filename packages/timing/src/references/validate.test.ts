import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nodeAllReduceBy, reduceSets } from '../collective/node-all-reduce.ts';
import { isRefusal } from '../fit/refusal.ts';
import { GPU_ALL_REDUCE } from '../published/gpu-all-reduce.ts';
import { numberAt, readTable, textAt } from '../published/published-table.ts';
import type { PublishedTable } from '../published/published-table.ts';
import { PUBLISHED } from '../published/tables.ts';
import { VENDOR_SPEEDS } from '../published/vendor-speeds.ts';
import { GATES, isMet } from './gates.ts';
import { publishedSpeeds, servedModel } from './published-speeds.ts';
import { validate, validateTable } from './validate.ts';

const { rows, cohorts } = validate();
const committed = readTable(
  readFileSync(new URL('../../../../docs/validation/rows.csv', import.meta.url), 'utf8'),
).rows;

test('rows come worst first, refused ones last, each with an error and a name of its own', () => {
  const answered = rows.filter(({ predicted }) => predicted !== undefined);
  const sizes = answered.map(({ error, leftOutError }) => Math.abs(leftOutError ?? error!));
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(rows.slice(0, answered.length)).toEqual(answered);
  for (const { predicted, reference, error } of answered) {
    expect(predicted! / reference - 1).toBe(error);
  }
  expect(new Set(rows.map(({ cohort, row }) => `${cohort} ${row}`)).size).toBe(rows.length);
});

test('every row of every table is answered or refused with a reason', () => {
  const count = PUBLISHED.reduce((sum, table) => sum + table.rows.length, 0);
  expect(rows).toHaveLength(count);
  for (const { predicted, refused } of rows) {
    expect(predicted === undefined).toBe((refused ?? '') !== '');
  }
});

test('no error has grown since docs/validation was made, and no answered row is refused', () => {
  const now = new Map(rows.map((row) => [`${row.cohort} ${row.row}`, row]));
  expect(committed.length).toBeLessThanOrEqual(rows.length);
  for (const row of committed) {
    const found = now.get(`${textAt(row, 'cohort')} ${textAt(row, 'row')}`);
    expect(found, textAt(row, 'row')).toBeDefined();
    if (textAt(row, 'predicted') === '') continue;
    const before = Math.abs(numberAt(row, 'error'));
    expect(Math.abs(found!.error!), textAt(row, 'row')).toBeLessThanOrEqual(before + 1e-3);
  }
});

test.each(Object.entries(GATES))(
  '%s comes as near as it is to, or it is said why not',
  (name, gate) => {
    const judged = cohorts.find(({ cohort }) => cohort === name)!;
    expect(judged.judged).toBeGreaterThan(0);
    expect(judged.median).toBeLessThanOrEqual(gate.median);
    expect(isMet(judged, gate), gate.reason).toBe(gate.reason === undefined);
  },
);

test('19 of 20 all-reduces lie within 40 %, each left out of its set', () => {
  const errors = rows
    .filter(({ cohort }) => cohort === 'GPU all-reduce')
    .map(({ leftOutError }) => Math.abs(leftOutError!))
    .toSorted((a, b) => a - b);
  expect(errors[Math.floor(0.95 * errors.length)]).toBeLessThan(0.4);
});

test('a whole set of all-reduces left out is told by the others, half of it within 8 %', () => {
  const sets = reduceSets(GPU_ALL_REDUCE.rows);
  const errors = sets.flatMap((set) => {
    const others = sets.filter((one) => one !== set);
    return set.points.flatMap(([bytes, us]) => {
      const told = nodeAllReduceBy(others, set, bytes);
      return isRefusal(told) ? [] : [Math.abs(told / us - 1)];
    });
  });
  errors.sort((a, b) => a - b);
  expect(errors.length).toBeGreaterThan(90);
  expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.08);
  expect(errors[Math.floor(0.95 * errors.length)]).toBeLessThan(0.3);
});

function csvOf({ columns, rows: all }: Pick<PublishedTable, 'columns' | 'rows'>): string {
  const line = (cells: readonly string[]): string =>
    cells.map((cell) => (cell.includes(',') ? `"${cell}"` : cell)).join(',');
  return [columns, ...all.map((row) => columns.map((column) => row[column]!))]
    .map((cells) => line(cells))
    .join('\n');
}

test.each(PUBLISHED)('$name is judged from a file as it is from our own rows', (table) => {
  const judged = validateTable(csvOf(table));
  expect(judged.table).toBe(table.name);
  expect(judged.answeredCount + judged.refusedCount).toBe(table.rows.length);
  const ours = rows.filter(({ cohort }) => judged.cohorts.some((one) => one.cohort === cohort));
  const names = (all: typeof ours): string[] => all.map(({ row, error }) => `${row} ${error}`);
  expect(names([...judged.rows]).toSorted()).toEqual(names(ours).toSorted());
});

test('an answer of T10 or Ladder stays on the grid that a row names for its prompt', () => {
  const table = PUBLISHED.find(({ name }) => name === 'wafer-end-to-end')!;
  const ladder = table.rows.find(({ system }) => system === 'Ladder')!;
  const toldOn = (prefill: string, decode: string): number | undefined => {
    const sides = { prefill_grid_side_pes: prefill, decode_grid_side_pes: decode };
    const row = { ...ladder, ...sides };
    return validateTable(csvOf({ columns: table.columns, rows: [row] })).rows[0]!.predicted;
  };
  expect(toldOn('480', '')).toBe(toldOn('480', '480'));
  expect(toldOn('480', '')).not.toBe(toldOn('480', '660'));
});

test('a row that is not ours is answered and not marked as fitted', () => {
  const table = PUBLISHED.find(({ name }) => name === 'gpu-gemv')!;
  const row = { ...table.rows[1]!, n: '2048', k: '2048', microseconds: '8' };
  const judged = validateTable(
    csvOf({ columns: ['extra', ...table.columns], rows: [{ ...row, extra: 'kept, aside' }] }),
  );
  expect(judged.rows[0]).toMatchObject({ isFitted: false, unit: 'us' });
  expect(judged.rows[0]!.predicted).toBeGreaterThan(4);
  expect(judged.rows[0]!.predicted).toBeLessThan(12);
});

test('a table with other columns, or without a row that is answered, fails', () => {
  expect(() => validateTable('a,b\n1,2')).toThrow('its columns are a, b');
  const decode = PUBLISHED.find(({ name }) => name === 'gpu-decode')!;
  const unknown = { ...decode.rows[0]!, gpu: 'MI300X' };
  expect(() => validateTable(csvOf({ ...decode, rows: [unknown] }))).toThrow('MI300X');
});

test('two validations are the same to the byte', () => {
  expect(JSON.stringify(validate())).toBe(JSON.stringify({ cohorts, rows }));
});

test('what services publish of a model stands by system, with guesses apart from without', () => {
  const speeds = publishedSpeeds('llama-3.1-70b');
  expect(speeds).toContainEqual({
    ...{ system: 'CS-3', speculation: 'no', dates: ['2024-08-27'], vendors: ['Cerebras'] },
    ...{ lowTokensPerS: 445, highTokensPerS: 450, weightBits: 16, isFitted: true },
  });
  const guessed = speeds.find(
    ({ system, speculation }) => system === 'CS-3' && speculation === 'yes',
  );
  expect(guessed?.lowTokensPerS).toBe(2100);
  expect(publishedSpeeds('a config of my own')).toEqual([]);
});

test('every model that validate answers for a service has its published speed beside it', () => {
  const shown = VENDOR_SPEEDS.rows.filter((row) => servedModel(row));
  const answered = rows.filter(({ unit, row, predicted }) => {
    return unit === 'tokens/s' && predicted !== undefined && /CS-3|LPU/.test(row);
  });
  expect(answered.length).toBeGreaterThan(20);
  expect(shown.length).toBeGreaterThanOrEqual(answered.length);
  for (const row of shown) {
    const speed = numberAt(row, 'tokens_per_second_per_user');
    const own = publishedSpeeds(servedModel(row)!.name);
    const holds = own.some((one) => one.lowTokensPerS <= speed && speed <= one.highTokensPerS);
    expect(holds, textAt(row, 'model')).toBe(true);
  }
  expect(publishedSpeeds('llama-4-scout')).toMatchObject([{ highTokensPerS: 2600 }]);
  expect(publishedSpeeds('mistral-large-2')).toMatchObject([{ highTokensPerS: 1100 }]);
});

test('services of wafers set the crossing they are told with, and count as calibrating', () => {
  const judged = cohorts.find(({ cohort }) => cohort === 'wafer services without speculation')!;
  expect(judged).toMatchObject({ fitted: 5, answered: 5, leftOut: { count: 5 } });
});
