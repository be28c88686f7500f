import { GPU_FACTS } from '@wafer/core';
import { expect, test } from 'vitest';
import { nodeAllReduceUs } from './node-all-reduce.ts';

const TOKEN_BYTES = 16_384;
const KERNELS = [
  ['sglang-custom', 'cuda_graph'],
  ['tensorrt-llm', ''],
  ['nccl', ''],
] as const;

test.each(GPU_FACTS)('nodes of $name are answered with 2, 4 and 8 GPUs', ({ name }) => {
  for (const [kernel, launch] of KERNELS) {
    const times = [2, 4, 8].map((gpus) =>
      nodeAllReduceUs({ gpu: name, gpus, kernel, launch }, TOKEN_BYTES),
    ) as number[];
    for (const us of times) expect(us).toBeGreaterThan(2);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});

test('a kernel of eight GPUs is told on four as another one shrinks there', () => {
  const us = (gpus: number, kernel: string, launch: string): number =>
    nodeAllReduceUs({ gpu: 'H200', gpus, kernel, launch }, TOKEN_BYTES) as number;
  const shrinks = us(4, 'tensorrt-llm', '') / us(8, 'tensorrt-llm', '');
  const ours = us(4, 'sglang-custom', 'cuda_graph') / us(8, 'sglang-custom', 'cuda_graph');
  expect(ours).toBeCloseTo(shrinks, 6);
});
