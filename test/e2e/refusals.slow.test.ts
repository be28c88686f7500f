/**
 * What the system refuses ends in a code, and never ends the program that embeds a wafer.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('./programs/answer.ts', import.meta.url));
/** Without it, every start strips the types of two hundred sources. */
const NODE_COMPILE_CACHE = process.env['NODE_COMPILE_CACHE'] ?? '';
const chips = '{"grid":"2x1","dice":"2x1","link":"unix"}';

function run(words: readonly string[], env: Record<string, string> = {}): [number | null, string] {
  const [command = '', ...rest] = words;
  const options = {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE, ...env },
    timeout: 60_000,
  } as const;
  const { status, stdout } = spawnSync(command, rest, options);
  return [status, stdout];
}

test.each(['{"grid":"2x1"}', chips])(
  'with few files left, a wafer (%s) starts or says by code why not',
  (options) => {
    let refusedCount = 0;
    for (const files of [24, 26, 28, 30, 32, 34, 36]) {
      const text = `ulimit -n ${files}; exec "$0" "$@"`;
      const words = ['sh', '-c', text, process.execPath, program, options];
      const [status, stdout] = run(words);
      // With too few, Node itself does not start.
      if (stdout === '' && status !== 0 && files < 26) continue;
      expect({ files, status, stdout }).toEqual({
        files,
        status: 0,
        stdout: expect.stringMatching(/^(answered 3|threw [A-Z]+_[A-Z_]+ )/),
      });
      if (stdout.startsWith('threw')) refusedCount++;
    }
    expect(refusedCount).toBeGreaterThan(0);
  },
);

test('without a folder for temporary files, chips are refused by code', () => {
  // Nobody can make a folder below a file.
  const TMPDIR = join(program, 'none');
  const [status, stdout] = run([process.execPath, program, chips], { TMPDIR });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^threw HOST_REFUSED .*TMPDIR/);
});

test('where Node may start no threads, the message names the flag', () => {
  const flags = ['--permission', '--allow-fs-read=*', '--no-warnings'];
  const [status, stdout] = run([process.execPath, ...flags, program]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^threw HOST_REFUSED .*--allow-worker/);
});
