import { expect, test } from 'vitest';
import { runLine } from '../../scripts/run-line.ts';

test.each([
  ['bench interconnect', 80, 75],
  ['bench scaling', 40, 105],
  ['validate', 80, 150],
])('`wafer %s` at %i columns takes no more than %i lines', async (line, columns, most) => {
  const { code, stdout } = await runLine(line.split(' '), columns);
  const lines = stdout.trimEnd().split('\n');
  expect(code).toBe(0);
  expect(lines.length).toBeLessThanOrEqual(most);
  // Nor is one wider.
  expect(lines.filter((each) => each.length > columns)).toEqual([]);
});
