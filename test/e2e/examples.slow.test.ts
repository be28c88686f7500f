import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../examples/', import.meta.url));
const examples = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));

test('examples are numbered from 01 on, none left out', () => {
  const numbers = examples.toSorted().map((name) => Number.parseInt(name, 10));
  expect(numbers).toEqual(examples.map((_, i) => i + 1));
});

/** An example checks itself: it throws, and so ends with 1, where its promise does not hold. */
test.each(examples)('%s does what it says', (name) => {
  const options = { encoding: 'utf8', cwd: FOLDER } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [name], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).not.toBe('');
});
