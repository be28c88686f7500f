import { diceGrid, H100, NVLINK4, parseGrid, PLAIN_NETWORK, WSE3 } from '@wafer/core';
import type { ExpertSpec, ModelSpec, Plan } from '@wafer/core';
import { expect, test } from 'vitest';
import { LLAMA_3_8B, planShape } from './shapes.ts';
import { decodeStep, prefillStep } from './step.ts';
import { walkPlan } from './walk.ts';
import type { Walk } from './walk.ts';

const DENSE: ModelSpec = { ...LLAMA_3_8B, layerCount: 2, hasPostNorms: true };
const EXPERTS: ExpertSpec = {
  expertCount: 8,
  chosenCount: 2,
  expertWidth: 1024,
  sharedWidth: 512,
  router: {
    score: 'softmax',
    hasBias: true,
    hasSelectionBias: false,
    groups: undefined,
    weights: 'normalized',
    scale: 1,
  },
  weighsInput: false,
  hasBias: true,
};
const [layer] = PLAIN_NETWORK.layers.repeating;
const MIXED: ModelSpec = {
  ...DENSE,
  layers: { leading: [layer!], repeating: [{ ...layer!, ffn: 'experts' }] },
  experts: EXPERTS,
};

/** The plan with every name of a window, a buffer and a tensor replaced by a number. */
function renamed(plan: Plan): Plan {
  let count = 0;
  const nameOf = (_name: string): string => `n${count++}`;
  return {
    ...plan,
    channels: plan.channels.map((channel) => ({ ...channel, window: nameOf(channel.window) })),
    tiles: plan.tiles.map((tile) => ({
      ...tile,
      buffers: tile.buffers.map((buffer) => ({ ...buffer, name: nameOf(buffer.name) })),
      shards: tile.shards.map((shard) => ({ ...shard, tensor: nameOf(shard.tensor) })),
    })),
  };
}

test.each([
  ['dense', DENSE, '2x2', 'column'],
  ['dense', DENSE, '2x2', 'megatron'],
  ['dense', DENSE, '1x3', 'megatron'],
  ['experts', MIXED, '2x1', 'column'],
  ['experts', MIXED, '2x2', 'megatron'],
] as const)('no clock reads a name: %s on %s, %s', (_name, spec, grid, tensor) => {
  const plan = planShape(spec, { grid: parseGrid(grid), type: 'bf16', tensor });
  const other = renamed(plan);
  for (const machine of [H100, WSE3]) {
    for (const collective of ['messages', 'custom', 'nccl'] as const) {
      for (const step of [
        decodeStep({ batch: 2, contextTokens: 64 }),
        prefillStep({ promptTokens: 9 }),
      ]) {
        const walk = (one: Plan): Walk =>
          walkPlan(one, {
            machine,
            step,
            dice: diceGrid(plan.options.grid, grid),
            link: NVLINK4,
            collective,
            elementBytes: 2,
          });
        expect(walk(other)).toEqual(walk(plan));
      }
    }
  }
});

test('clocks do read the kind of a collective and the launches', () => {
  const plan = planShape(DENSE, { grid: parseGrid('2x1'), type: 'bf16', tensor: 'megatron' });
  const ns = (one: Plan): number =>
    walkPlan(one, {
      machine: H100,
      step: decodeStep({ batch: 1, contextTokens: 8 }),
      dice: diceGrid(plan.options.grid, '2x1'),
      link: NVLINK4,
      collective: 'nccl',
      elementBytes: 2,
    }).stepNs;
  const gathers = plan.collectives.map((one) => ({ ...one, kind: 'all-gather' as const }));
  expect(ns({ ...plan, collectives: gathers })).toBeGreaterThan(ns(plan));
  const fused = plan.tiles.map((tile) => ({
    ...tile,
    programs: {
      ...tile.programs,
      infer: tile.programs.infer.map((one) => ('launch' in one ? { ...one, launch: 0 } : one)),
    },
  }));
  expect(ns({ ...plan, tiles: fused })).toBeLessThan(ns(plan));
});
