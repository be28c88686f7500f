import { expect, test } from 'vitest';
import { trainProgram } from '../network/program.ts';
import type { TrainOp } from '../network/program.ts';
import { TINY, TINY_EXPERTS } from '../reference/test-models.ts';
import { meetsBackward, meetsForward } from './meetings.ts';

/** Ops in a row, cut where tiles meet. */
function runsOf(
  ops: readonly TrainOp[],
  meets: (op: TrainOp, next: TrainOp | undefined) => boolean,
): string {
  return ops
    .map((op, i) => `${op.op}${meets(op, ops[i + 1]) ? ' | ' : ' '}`)
    .join('')
    .trim();
}

test('tiles meet where the next op reads what another has written', () => {
  const { ops } = trainProgram({ ...TINY, layerCount: 1 });
  expect(runsOf(ops, meetsForward)).toBe(
    'embed norm | linear linear linear | rope rope | attend | linear | ' +
      'add norm | linear linear swiglu | linear | add norm | loss |',
  );
  expect(runsOf(ops.toReversed(), meetsBackward)).toBe(
    'loss | norm | add linear swiglu | linear linear | norm | ' +
      'add linear | attend | rope rope | linear linear linear | norm | embed |',
  );
});

test('matrices of experts go on as those of a layer', () => {
  const { ops } = trainProgram({ ...TINY_EXPERTS, layerCount: 1 });
  const experts = 'linear | route | gather | experts experts swiglu | experts | combine |';
  expect(runsOf(ops, meetsForward)).toContain(experts);
  const back = 'combine | experts swiglu | experts experts | gather | route | linear |';
  expect(runsOf(ops.toReversed(), meetsBackward)).toContain(back);
});

test('adapters of experts are met as those of a layer', () => {
  const adapt = { rank: 2, alpha: 4, targets: ['experts.up'] };
  const { ops } = trainProgram({ ...TINY_EXPERTS, layerCount: 1 }, adapt);
  expect(runsOf(ops, meetsForward)).toContain('experts experts | adaptExperts | swiglu | experts');
});

test('an adapter is met on both sides', () => {
  const adapt = { rank: 2, alpha: 4, targets: ['q', 'k', 'v', 'up'] };
  const { ops } = trainProgram({ ...TINY, layerCount: 1 }, adapt);
  const attention = 'linear | adapt | linear | adapt | linear | adapt | rope rope |';
  expect(runsOf(ops, meetsForward)).toContain(attention);
  expect(runsOf(ops, meetsForward)).toContain('linear linear | adapt | swiglu |');
  expect(runsOf(ops.toReversed(), meetsBackward)).toContain('adapt | linear linear | norm');
});
