import { expect, test } from 'vitest';
import { csv } from './csv.ts';

test('values with commas, quotes and line breaks come back from a CSV file', () => {
  const columns = {
    name: (row: [string, number | undefined]) => row[0],
    time_ms: (row: [string, number | undefined]) => row[1],
  };
  const text = csv(columns, [
    ['a,b', 1.5],
    ['say "x"\n', undefined],
  ]);
  expect(text).toBe('name,time_ms\n"a,b",1.5\n"say ""x""\n",\n');
});
