import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { hashBytes, hashTokens } from './hash.ts';

test('tokens are hashed as little-endian words', () => {
  const bytes = Uint8Array.from([1, 0, 0, 0, 0, 1, 0, 0]);
  const wanted = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  expect(hashTokens([1, 256])).toBe(wanted);
  expect(hashBytes(bytes.subarray(0, 3), bytes.subarray(3))).toBe(wanted);
  expect(hashTokens([256, 1])).not.toBe(wanted);
});
