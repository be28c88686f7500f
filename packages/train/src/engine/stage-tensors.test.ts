import { expect, test } from 'vitest';
import { TINY } from '../reference/test-models.ts';
import { trainProgram } from '../network/program.ts';
import { cutIntoStages, evenRuns } from './stage-tensors.ts';

test('runs are cut where the dearest is as cheap as can be, and none is empty', () => {
  expect(evenRuns([1, 1, 1, 1, 1, 1, 9], 2)).toEqual([0, 0, 0, 0, 0, 0, 1]);
  expect(evenRuns([4, 4, 4, 4, 4, 4, 8], 2)).toEqual([0, 0, 0, 0, 1, 1, 1]);
  expect(evenRuns([1, 1, 1, 1], 3)).toEqual([0, 1, 2, 2]);
  expect(evenRuns([0, 0, 5], 3)).toEqual([0, 1, 2]);
  expect(evenRuns([3, 1, 2], 1)).toEqual([0, 0, 0]);
});

test('a layer that sees a window costs less than one that sees all', () => {
  const all = { sees: 'all', isRotated: true, ffn: 'dense' } as const;
  const window = { ...all, sees: 'window' } as const;
  const attention = { ...TINY.attention, windowTokens: 16 };
  const cutOf = (first: typeof all | typeof window): readonly number[] => {
    const layers = { leading: [all, all], repeating: [first] };
    const program = trainProgram({ ...TINY, layerCount: 4, vocabCount: 16, attention, layers });
    return cutIntoStages(program, 100_000, 2);
  };
  expect(cutOf(all)).toEqual([0, 0, 0, 1, 1, 1]);
  expect(cutOf(window)).toEqual([0, 0, 1, 1, 1, 1]);
});
