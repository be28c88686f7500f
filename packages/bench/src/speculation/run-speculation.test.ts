import { Wafer } from '@wafer/runtime';
import { expect, test } from 'vitest';
import { runSpeculation } from './run-speculation.ts';

test('an edit of a text is guessed mostly right, and both runs give the same tokens', async () => {
  await using wafer = await Wafer.start({ model: 'synthetic:tiny', grid: '1x1' });
  const options = { tokens: 60, promptTokens: 16, rounds: 2, editEvery: 20 };
  const [edit, fresh] = await runSpeculation(wafer, options);
  expect(edit).toMatchObject({ workload: 'edit', tokens: 60 });
  expect(edit!.acceptedTokens).toBeGreaterThan(40);
  expect(edit!.draftedTokens).toBeGreaterThan(edit!.acceptedTokens);
  expect(fresh!.acceptedTokens).toBeLessThan(20);
  expect(fresh!.hash).not.toBe(edit!.hash);
});
