import { H100, NVLINK4 } from '@wafer/core';
import { expect, test } from 'vitest';
import { scaling, scalingOnWafer } from './scaling.ts';
import type { ScalingRow } from './scaling.ts';
import { LLAMA_3_8B } from './shapes.ts';

const work = {
  spec: { ...LLAMA_3_8B, layerCount: 4 },
  type: 'bf16',
  machine: H100,
  elementBytes: 2,
  chipCounts: [1, 2, 4, 8],
  batches: [1, 32],
  contextTokens: 512,
  promptTokens: 256,
} as const;
const rows = scaling({ ...work, link: NVLINK4, collective: 'custom' });

function at(work: string, cut: ScalingRow['cut'], chipCount: number): ScalingRow {
  return rows.find((row) => row.work === work && row.cut === cut && row.chipCount === chipCount)!;
}

test('rows are there for each work, cut and number of chips that has layers for it', () => {
  // Three works: tensor on 1, 2, 4, 8 chips, stages on 2 and 4.
  expect(rows).toHaveLength(3 * (4 + 2));
  expect(at('decode, batch 1', 'tensor', 1)).toMatchObject({ speedup: 1, kept: 1 });
});

test('tensor shares speed a token up, less than by the number of chips; stages do not', () => {
  for (const chipCount of [2, 4]) {
    const { speedup } = at('decode, batch 1', 'tensor', chipCount);
    expect(speedup).toBeGreaterThan(1);
    expect(speedup).toBeLessThan(chipCount);
    expect(at('decode, batch 1', 'pipeline', chipCount).speedup).toBeLessThan(1);
  }
});

test('the interconnect takes more of a cut by shares, and more on more chips', () => {
  for (const work of ['decode, batch 1', 'decode, batch 32', 'prefill of 256']) {
    expect(at(work, 'pipeline', 4).kept).toBeGreaterThan(at(work, 'tensor', 4).kept);
    expect(at(work, 'tensor', 8).kept).toBeLessThan(at(work, 'tensor', 2).kept);
  }
});

test('tiles of a whole wafer speed every work up more than as many chips do', () => {
  const onWafer = scalingOnWafer(work);
  expect(onWafer).toHaveLength(3 * 4);
  for (const { work: name, chipCount, tokensPerS, kept } of onWafer) {
    expect(kept).toBe(1);
    expect(tokensPerS).toBeGreaterThanOrEqual(at(name, 'tensor', chipCount).tokensPerS);
  }
});
