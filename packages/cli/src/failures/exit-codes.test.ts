import { WaferError } from '@wafer/core';
import { expect, test } from 'vitest';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { Interrupted, OutputClosed, UsageError } from './failures.ts';

test('exit codes are what scripts were told they are', () => {
  expect(EXIT_CODES).toEqual({
    ...{ ok: 0, failed: 1, usage: 2, model: 3, plan: 4, output: 5 },
    ...{ interrupted: 130, terminated: 143 },
  });
});

test.each([
  [new OutputClosed(), 0],
  [new Error('x'), 1],
  ['no error', 1],
  [new WaferError('TILE_CRASHED', {}), 1],
  [new UsageError('x'), 2],
  [new WaferError('REQUEST_INVALID', {}), 2],
  [new WaferError('MODEL_NOT_FOUND', {}), 3],
  [new WaferError('PLAN_SRAM', {}), 4],
  [new WaferError('OUTPUT_EXISTS', {}), 5],
  [new Interrupted('interrupted'), 130],
  [new Interrupted('terminated'), 143],
])('a run that ended with %o ends with %i', (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});
