import { expect, test } from 'vitest';
import { trainedTensors, trainProgram } from '../../network/program.ts';
import { TINY, TINY_ADAPTERS } from '../../reference/test-models.ts';
import { layoutTraining } from '../layout.ts';
import type { TrainLayout } from '../layout.ts';
import { planCut } from './plan-cut.ts';
import type { TrainCut } from './plan-cut.ts';
import { bytesOfRanges, chunksOf } from './ranges.ts';

const PROGRAM = trainProgram({ ...TINY, layerCount: 3 });
const CONTEXT = 40;

function cutOf(
  { replicas = 1, stages = 1 }: { replicas?: number; stages?: number },
  chips: number,
  program = PROGRAM,
): { layout: TrainLayout; cut: TrainCut } {
  const shape = { replicas, stages, tiles: 2, recompute: false };
  const layout = layoutTraining(program, { context: CONTEXT, rowsOfStep: 8, shape });
  return { layout, cut: planCut(program, layout, chips) };
}

/** Bytes of a message of each channel of a kind. */
function bytesOf({ channels, uses }: TrainCut, kind: string): number {
  return channels.reduce((sum, { columnCount, rowsMax, window }, index) => {
    expect(window).toBe('phase' in uses[index]! ? uses[index].phase : uses[index]!.way);
    return window === kind ? sum + columnCount * rowsMax * 4 : sum;
  }, 0);
}

test('two stages hand on the residual values of a row, and its gradient back', () => {
  const { layout, cut } = cutOf({ stages: 2 }, 2);
  const row = layout.panels * 16 * TINY.modelWidth * 4;
  // A channel per frame; a pipeline of two stages has two rows under way.
  expect(bytesOf(cut, 'values')).toBe(2 * row);
  expect(bytesOf(cut, 'gradients')).toBe(2 * row);
  expect(cut.chipOf).toEqual([0, 0, 1, 1]);
});

test('two replicas send half of all sums each, and half of the new weights back', () => {
  const { layout, cut } = cutOf({ replicas: 2 }, 2);
  const embedded = 4 * CONTEXT * TINY.modelWidth * 4;
  // Each chip sends what the other updates: together one region, and the other's embedded rows.
  expect(bytesOf(cut, 'sums')).toBe(layout.trainedBytes + embedded);
  expect(bytesOf(cut, 'weights')).toBe(layout.trainedBytes);
  expect(bytesOf(cut, 'squares')).toBe(layout.blockCount * 8);
  expect(bytesOf(cut, 'values')).toBe(0);
});

test.each([
  [{ stages: 3 }, 2],
  [{ replicas: 4 }, 3],
  [{ replicas: 2, stages: 3 }, 4],
  [{ replicas: 2, stages: 3 }, 6],
] as const)(
  '%j on %i chips: each tensor is updated on one chip, which has its moments',
  (shape, chips) => {
    for (const program of [PROGRAM, trainProgram({ ...TINY, layerCount: 3 }, TINY_ADAPTERS)]) {
      const { layout, cut } = cutOf(shape, chips, program);
      const owned = cut.shares.flatMap((share) => share.owned.map(({ tensor }) => tensor.name));
      const trained = trainedTensors(program).map(({ name }) => name);
      expect(owned.toSorted()).toEqual(trained.toSorted());
      const moments = cut.shares.reduce((sum, share) => sum + bytesOfRanges(share.moments), 0);
      expect(moments).toBe(2 * layout.trainedBytes);
      // Lines of a chip's channels lie together, and nothing is sent to oneself.
      const targets = cut.channels.map(({ target }) => cut.chipOf[target]!);
      expect(targets).toEqual(targets.toSorted((a, b) => a - b));
      for (const { source, target } of cut.channels) {
        expect(cut.chipOf[source]).not.toBe(cut.chipOf[target]);
      }
    }
  },
);

test('more chips than stages of all replicas are refused', () => {
  expect(() => cutOf({ stages: 2 }, 3)).toThrow(/TRAIN_OPTION.*chips is 3.*from 1 to 2/);
});

test('ranges that touch are joined, and cut again where a message would be too long', () => {
  const ranges = [8, 0, 4, 20].map((start) => ({ start, end: start + 4 }));
  expect(chunksOf(ranges, 8)).toEqual([
    { start: 0, end: 8 },
    { start: 8, end: 12 },
    { start: 20, end: 24 },
  ]);
});
