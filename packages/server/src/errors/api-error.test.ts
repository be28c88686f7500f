import { WaferError } from '@wafer/core';
import { expect, test } from 'vitest';
import { toApiError } from './api-error.ts';

test('of an adapter that is gone a client learns that its model is, and no name of another', () => {
  const details = { name: 'ft:base:mine:1', known: 'ft:base:theirs:2' };
  const { status, body } = toApiError(new WaferError('ADAPTER_UNKNOWN', details));
  expect(status).toBe(404);
  expect(body.error).toMatchObject({ code: 'model_not_found', param: 'model' });
  expect(body.error.message).toContain('ft:base:mine:1');
  expect(JSON.stringify(body)).not.toContain('theirs');
});
