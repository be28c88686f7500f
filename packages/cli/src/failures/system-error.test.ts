import { readFileSync } from 'node:fs';
import { reasonOf } from '@wafer/core';
import { expect, test } from 'vitest';
import { exitCodeOf } from './exit-codes.ts';
import { isOutputError, isSystemError } from './system-error.ts';
import { systemMessage } from './system-message.ts';

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('what the system refuses is no bug, and its message says what and where', () => {
  const absent = thrownBy(() => readFileSync('no/such'));
  expect(isSystemError(absent)).toBe(true);
  expect(isOutputError(absent)).toBe(false);
  const said = 'cannot use no/such: no such file or folder (ENOENT); check the path';
  expect(systemMessage(absent)).toBe(said);
  expect(exitCodeOf(absent)).toBe(2);
  const broken = Object.assign(new Error('EIO: x'), { code: 'EIO', syscall: 'read' });
  expect([systemMessage(broken), exitCodeOf(broken)]).toEqual([
    'the system refuses: EIO: x; check the system',
    1,
  ]);
});

test('a refusal to write ends with the exit code of outputs', () => {
  for (const code of ['EACCES', 'EROFS', 'ENOSPC']) {
    const error = Object.assign(new Error(`${code}: no`), { code, syscall: 'write', errno: -1 });
    expect(exitCodeOf(error)).toBe(5);
  }
});

test('a port that is taken is told in words', () => {
  const error = Object.assign(new Error('listen EADDRINUSE: ::1:80'), { code: 'EADDRINUSE' });
  expect(reasonOf(error)).toBe('another program has the port (EADDRINUSE)');
});

test('an error of ours is a bug', () => {
  expect(isSystemError(thrownBy(() => new Array(-1)))).toBe(false);
  const own = Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' });
  expect(isSystemError(own)).toBe(false);
});
