import { LLAMA_3_8B, shapeTensors } from '@wafer/timing';
import { expect, test } from 'vitest';
import { describeAll, simulatedRows } from './described-part.ts';
import type { DescribedPart } from './described-part.ts';
import { sweepFinding } from './sweep-finding.ts';

const spec = {
  ...LLAMA_3_8B,
  layerCount: 2,
  modelWidth: 96,
  headCount: 3,
  kvHeadCount: 3,
  headWidth: 16,
  ffnWidth: 96,
  rope: { ...LLAMA_3_8B.rope, rotaryWidth: 16 },
};

function describeQuick(type: 'f32' | 'f16' | 'q8_0'): Promise<DescribedPart> {
  const model = { name: 'small', spec, tensors: shapeTensors(spec, type) };
  return describeAll(model, { isQuick: true, source: simulatedRows });
}

test('GPUs stand with NCCL and, where there are any, with kernels of serving stacks', async () => {
  const { rows, waterfalls } = await describeQuick('f16');
  const kindsOf = (link: string): unknown[] =>
    rows.filter((row) => row.link === link).map(({ collective }) => collective);
  expect(kindsOf('nvlink4')).toEqual(['custom', 'nccl']);
  expect(kindsOf('infiniband-ndr')).toEqual(['nccl']);
  expect(rows.every(({ clock, tokensHash }) => clock === 'simulated' && !tokensHash)).toBe(true);
  const uncut = rows.find(({ row }) => row.startsWith('uncut wafer'));
  expect(uncut).toMatchObject({ ratio: 1, link: undefined });
  for (const { shares } of rows) {
    expect(shares.compute + shares.send + shares.wait).toBeCloseTo(1, 9);
  }
  expect(waterfalls.map(({ model }) => model)).toEqual([
    ...['small', 'small', '8B', '8B', '70B', '70B'],
  ]);
});

test('a model is described as it would be served: 16 bits for f32 and for odd blocks', async () => {
  expect((await describeQuick('f32')).weights).toBe('bf16');
  expect((await describeQuick('f16')).weights).toBe('f16');
  // Heads of 16 cannot be shared out in blocks of 32 columns.
  expect((await describeQuick('q8_0')).weights).toBe('bf16');
});

test('a sweep is told in one sentence', async () => {
  const { sweeps } = await describeQuick('f16');
  expect(sweepFinding(sweeps[0]!)).toMatch(
    /^small, custom all-reduce, .* from \d+% to \d+%; within a tenth of the best up to .* on\.$/,
  );
});
