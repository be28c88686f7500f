import { expect, test } from 'vitest';
import { runLine } from '../../scripts/run-line.ts';

test.each([
  ['bench interconnect', 40, 140],
  ['bench interconnect', 80, 75],
  ['bench interconnect', 120, 50],
  ['bench scaling', 40, 105],
  ['bench scaling', 80, 90],
  ['validate', 40, 240],
  ['validate', 80, 140],
  ['validate', 120, 85],
])('`wafer %s` at %i columns takes no more than %i lines', async (line, columns, most) => {
  const { code, stdout } = await runLine(line.split(' '), columns);
  const lines = stdout.trimEnd().split('\n');
  expect(code).toBe(0);
  expect(lines.length).toBeLessThanOrEqual(most);
  // Nor is one wider.
  expect(lines.filter((each) => each.length > columns)).toEqual([]);
});
