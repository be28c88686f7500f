import { expect, test } from 'vitest';
import { painlessLines } from './scaling-rows.ts';
import type { ScaledRow } from './scaling-rows.ts';

function row(batch: number | undefined, chipCount: number, kept: number): ScaledRow {
  const work = batch === undefined ? 'prefill of 512' : `decode, batch ${batch}`;
  const cut = { clock: 'simulated', cut: 'tensor', collective: 'nccl' } as const;
  return { ...cut, work, batch, chipCount, kept, tokensPerS: 1, speedup: 1, bottleneck: 'memory' };
}

test('a sentence says up to how many chips interconnect takes less than a tenth', () => {
  const rows = [1, 2, 4].flatMap((chips) => [
    row(1, chips, chips > 2 ? 0.8 : 0.95),
    row(8, chips, chips > 2 ? 0.8 : 0.95),
    row(undefined, chips, chips > 1 ? 0.5 : 1),
  ]);
  expect(painlessLines(rows)).toEqual([
    'Tensor shares, NCCL all-reduce: interconnect takes less than a tenth up to 2 chips for ' +
      'decode of batch 1 to 8, at no size for prefill of 512',
  ]);
  expect(painlessLines([row(1, 1, 1), row(1, 4, 0.99)])).toEqual([
    'Tensor shares, NCCL all-reduce: interconnect takes less than a tenth up to 4 chips',
  ]);
});
