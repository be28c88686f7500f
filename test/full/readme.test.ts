import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const README = readFileSync(`${ROOT}README.md`, 'utf8');

/**
 * The command lines of README.md, but for `npm test`, which runs whoever runs this; and what is
 * added here, so that no size is left out and none is measured for long.
 */
const COMMANDS: readonly (readonly [string, string])[] = [
  ['npm run -s wafer -- run "Once upon a time"', ''],
  ['npm run bench', ' -- --repetitions 1 --max-tokens 16'],
];

test.each(COMMANDS)('`%s` does what README.md says it does', (command, added) => {
  expect(README).toContain(`\n${command}\n`);
  const { status, stdout, stderr } = spawnSync(`${command}${added}`, {
    cwd: ROOT,
    shell: true,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).not.toBe('');
});
