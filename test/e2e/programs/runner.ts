/**
 * A test of somebody else's program, for Node's own runner: its processes have dozens of flags.
 */
import { deepEqual, rejects } from 'node:assert/strict';
import test from 'node:test';
import { openModel, Wafer } from '@wafer/runtime';

void test('a wafer answers', async () => {
  await using wafer = await Wafer.start({ model: 'synthetic:tiny', grid: '2x1' });
  const finishes: (string | undefined)[] = [];
  for await (const { finish } of wafer.generate('hi', { maxTokens: 2 })) finishes.push(finish);
  deepEqual(finishes, [undefined, 'length']);
  await rejects(openModel('./nowhere'), { code: 'MODEL_NOT_FOUND' });
});
