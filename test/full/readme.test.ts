import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The command lines of README.md, but for `npm test`, which runs whoever runs this. */
test.each(['npm run -s wafer -- run "Once upon a time"', 'npm run bench'])(
  '`%s` does what README.md says it does',
  (command) => {
    const { status, stdout, stderr } = spawnSync(command, {
      cwd: ROOT,
      shell: true,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toBe('');
  },
);
