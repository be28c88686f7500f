import { openSynthetic } from '@wafer/models';
import { prepareModel } from '@wafer/runtime/internal';
import { kernelShapesOf, shapeName } from '@wafer/timing';
import { expect, test } from 'vitest';
import { HostKernels } from './host-kernels.ts';
import { hostSteps } from './host-row.ts';
import { WalkedTile } from './kernel-walk.ts';
import { quantilesOf, timeAt } from './quantiles.ts';

const TASK = { promptTokens: 8, maxTokens: 4 };
const STEPS = Object.values(hostSteps(TASK));
const planOf = (grid: string) => prepareModel(openSynthetic('synthetic:tiny:q8_0'), { grid }).plan;

test('a walk calls every kernel of a program in its order, and stops at every message', () => {
  const plan = planOf('2x1');
  for (const tile of plan.tiles) {
    const walked = new WalkedTile(tile, STEPS);
    for (const step of STEPS) {
      const { constants, programs } = tile;
      const wanted = programs.infer.flatMap((each) => kernelShapesOf(each, { step, constants }));
      const stretches = walked.stretchesOf(step);
      expect(stretches.flat().map(({ name }) => name)).toEqual(wanted.map(shapeName));
      const waits = programs.infer.filter(({ op }) => op === 'receive').length;
      expect(stretches).toHaveLength(1 + waits);
      for (const { run } of stretches.flat()) run();
    }
  }
});

test('one tile is timed alone and two together; no kernel of either is left out', async () => {
  const plans = [planOf('1x1'), planOf('2x1')];
  await using kernels = await HostKernels.open({
    ...{ plans, steps: STEPS, isQuick: true, quantile: 0.5 },
  });
  const times = await kernels.sample();
  const found = new Set(times.map(({ shape }) => shapeName(shape)));
  for (const { constants, programs } of plans.flatMap(({ tiles }) => tiles)) {
    const shapes = STEPS.flatMap((step) =>
      programs.infer.flatMap((each) => kernelShapesOf(each, { step, constants })),
    );
    for (const shape of shapes) expect(found).toContain(shapeName(shape));
  }
  expect(times.every(({ aloneNs, togetherNs }) => aloneNs > 0 && togetherNs > 0)).toBe(true);
});

test('quantiles go into lists and objects, and leave names and what is absent', () => {
  const sample = (ns: number): object => ({ name: 'a', times: [{ ns }, 2 * ns], io: undefined });
  const samples = [3, 1, 2].map(sample);
  expect(quantilesOf(samples, 0.5)).toEqual(sample(2));
  expect(quantilesOf(samples, 0.1)).toEqual(sample(1));
  expect(timeAt([1, 2, 3, 4], 0.5)).toBe(2.5);
});
