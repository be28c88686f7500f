import { diceGrid, H100, NVLINK4, parseGrid } from '@wafer/core';
import type { Plan, StepShape, TensorPlan } from '@wafer/core';
import { expect, test } from 'vitest';
import { LLAMA_3_8B, planShape } from './shapes.ts';
import { decodeStep, prefillStep } from './step.ts';
import { clockSetup, TileClock } from './tile-clock.ts';
import type { ClockOptions, Stamp } from './tile-clock.ts';
import { walkPlan } from './walk.ts';

const STEPS = [
  prefillStep({ promptTokens: 7 }),
  decodeStep({ batch: 1, contextTokens: 7 }),
  decodeStep({ batch: 3, contextTokens: 8 }),
];

/** Runs the steps as threads would: in each turn some tile that can, goes one instruction on. */
function runAtRandom(plan: Plan, options: ClockOptions, seed: number): number[] {
  const setup = clockSetup(plan, options);
  const clocks = plan.tiles.map((tile) => new TileClock(setup, tile));
  const queues: Stamp[][] = plan.channels.map(() => []);
  let state = seed;
  const chance = (count: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
  const run = (step: StepShape, startNs: number): number => {
    const places = clocks.map(() => 0);
    for (const clock of clocks) clock.beginStep(step, startNs);
    const advance = (i: number): boolean => {
      const clock = clocks[i]!;
      const instruction = clock.program[places[i]!];
      if (!instruction) return false;
      if (instruction.op === 'receive') {
        if (instruction.channels.some((channel) => queues[channel]!.length === 0)) return false;
        for (const channel of instruction.channels) clock.receive(queues[channel]!.shift()!);
      } else if (instruction.op === 'send') {
        clock.payReduce(places[i]!);
        for (const channel of instruction.channels) queues[channel]!.push(clock.send(channel));
      } else clock.compute(places[i]!);
      places[i]!++;
      return true;
    };
    const isDone = (): boolean => clocks.every((clock, i) => places[i] === clock.program.length);
    while (!isDone()) advance(chance(clocks.length));
    return Math.max(...clocks.map(({ nowNs }) => nowNs));
  };
  let startNs = 0;
  return STEPS.map((step) => {
    const endNs = run(step, startNs);
    const took = endNs - startNs;
    startNs = endNs;
    return took;
  });
}

test.each([
  ['2x1', 'megatron', 'custom', 1],
  ['4x1', 'megatron', 'nccl', 1],
  ['2x2', 'column', 'messages', 1],
  ['3x2', 'megatron', 'messages', 1],
  ['4x1', 'megatron', 'custom', 2],
] as const)('on %s, %s, %s: any schedule of tiles takes the time of the walk', (...row) => {
  const [gridText, tensor, collective, stageCount] = row;
  const grid = parseGrid(gridText);
  const spec = { ...LLAMA_3_8B, layerCount: 2 };
  const plan = planShape(spec, { grid, type: 'bf16', tensor: tensor as TensorPlan, stageCount });
  const dice = diceGrid(grid, gridText);
  const options: ClockOptions = { machine: H100, dice, link: NVLINK4, collective };
  const walked = STEPS.map((step) => walkPlan(plan, { ...options, step }).stepNs);
  for (let seed = 1; seed <= 5; seed++) {
    runAtRandom(plan, options, seed).forEach((took, i) => {
      expect(Math.abs(took / walked[i]! - 1)).toBeLessThan(1e-12);
    });
  }
});
