import { Wafer } from '@wafer/runtime';
import { expect, test } from 'vitest';
import { runSpeculation } from './run-speculation.ts';

test('an edit is guessed mostly right, chance mostly wrong, and no token changes', async () => {
  await using wafer = await Wafer.start({ model: 'synthetic:tiny', grid: '1x1' });
  const options = { tokens: 60, promptTokens: 16, rounds: 2, editEvery: 20 };
  const [edit, fresh, dice] = await runSpeculation(wafer, options);
  expect(edit).toMatchObject({ workload: 'edit', tokens: 60, bar: 2 });
  expect(edit!.acceptedTokens).toBeGreaterThan(40);
  expect(edit!.draftedTokens).toBeGreaterThan(edit!.acceptedTokens);
  expect(fresh!.acceptedTokens).toBeLessThan(20);
  expect(new Set([edit!.hash, fresh!.hash, dice!.hash]).size).toBe(3);
  expect(dice!.draftedTokens).toBeGreaterThan(2 * dice!.acceptedTokens);
});
