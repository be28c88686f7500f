import { expect, test } from 'vitest';
import { touchMs } from './touch-pages.ts';

test('every thread touches its memory, and a thread that has none does not hang', async () => {
  expect(await touchMs([2 ** 20, 1])).toBeGreaterThan(0);
  expect(await touchMs([])).toBe(0);
});
