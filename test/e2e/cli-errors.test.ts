import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MAIN, runCli } from './cli-process.ts';

test('an error is one line on standard error, and its kind is the exit code', async () => {
  const { code, stdout, stderr } = await runCli(['run', 'synthetic:2m', 'hi']);
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toMatch(/^wafer: SYNTHETIC_UNKNOWN: [^\n]+\n$/);
});

test('a peer that is not there is told, however quick its bench', async () => {
  const words = ['bench', 'train', '--quick', '--peer', '--python', 'no-such-python'];
  const { code, stderr } = await runCli(words);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^wafer: PEER_UNAVAILABLE: PyTorch .* no-such-python ENOENT/m);
});

test('a new model that shall read a text is told where a tokenizer comes from', async () => {
  const shape = ['--layers', '1', '--width', '32', '--heads', '1', '--vocab', '300'];
  const words = ['train', ...shape, '--data', 'never.txt', '--out', './never'];
  const { code, stderr } = await runCli(words);
  expect(code).toBe(3);
  expect(stderr).toMatch(/^wafer: TOKENIZER_MISSING: new model .*--tokenizer/);
});

test.skipIf(!existsSync('/dev/full'))('a full disk behind standard output is an error', () => {
  const command = `"${process.execPath}" "${MAIN}" inspect synthetic:tiny > /dev/full`;
  const { status, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
  expect(status).toBe(5);
  expect(stderr).toMatch(
    /^wafer: OUTPUT_FAILED: cannot write standard output: no space is left \(ENOSPC\)/,
  );
});

test('WAFER_DEBUG=1 adds the stack', () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'inspect', '/nowhere'], {
    env: { ...process.env, WAFER_DEBUG: '1' },
    encoding: 'utf8',
  });
  expect(status).toBe(3);
  expect(stderr).toMatch(/^ +at /m);
});
