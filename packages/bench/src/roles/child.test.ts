import { expect, test } from 'vitest';
import { openChild } from '../process/child.ts';
import type { WaferRole } from '../speed/wafer-runner.ts';

const OPTIONS = {
  ...{
    tiles: 1,
    isRevectorized: false,
    activations: 'f32' as const,
    contextTokens: 32,
    kvTokens: 64,
    sequences: 2,
  },
};

test('a coded error of the child is the same error here', async () => {
  const opening = openChild<WaferRole>('wafer', { ...OPTIONS, model: 'synthetic:no-such' });
  await expect(opening).rejects.toMatchObject({ name: 'WaferError', code: 'SYNTHETIC_UNKNOWN' });
});

test('requests are answered in order, and a failed one does not end the child', async () => {
  const runner = await openChild<WaferRole>('wafer', { ...OPTIONS, model: 'synthetic:tiny' });
  const tooLong = runner.measure({ kind: 'prefill', promptTokens: 33 });
  const fine = runner.measure({ kind: 'decode', sequences: 1, promptTokens: 4, tokens: 3 });
  await expect(tooLong).rejects.toMatchObject({ code: 'PROMPT_TOO_LONG' });
  expect((await fine).tokens).toHaveLength(3);
  await runner.close();
  await runner.close();
  await expect(runner.measure({ kind: 'prefill', promptTokens: 1 })).rejects.toMatchObject({
    code: 'RUNNER_ENDED',
  });
});
